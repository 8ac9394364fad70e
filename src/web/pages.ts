/** Renders a page: what every view is given, in one place. */
import type { Request, Response } from "express";
import { messagesOf } from "./messages.js";
import { signInOf } from "./session.js";

/** What is wrong with what was sent, said above the heading and at its field. */
export interface Problem {
  text: string;
  /** What to do about it. */
  advice?: string;
  /** The id of the input it is about. */
  field?: string;
  /** Whether the field shows the server's time, for comparison with the phone's. */
  showClock?: true;
}

interface Locals {
  title: string;
  problem?: Problem | undefined;
  [name: string]: unknown;
}

/** Renders views/NAME.ejs with the locals that all pages share. */
export function page(res: Response, name: string, locals: Locals): void {
  const req = res.req;
  res.render(name, {
    problem: undefined,
    ...locals,
    // Taking them is a write: when something has just failed, they wait for the next page.
    messages: res.statusCode < 500 ? messagesOf(req) : [],
    viewer: viewerOf(req),
    now: res.app.locals.serverTime(),
  });
}

/** What a page may know of the person it is shown to. */
function viewerOf(req: Request) {
  const state = signInOf(req);
  if (state.kind !== "pending" && state.kind !== "session") return { kind: "anonymous" };
  return {
    kind: state.kind,
    username: state.username,
    methods: state.methods,
    startedAt: new Date(state.startedAt),
    endsAt: new Date(state.endsAt),
    /** Whether that end stands, whatever the person does. */
    final: state.endsAt === state.expiresAt,
  };
}
