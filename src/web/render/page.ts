/** Renders a page: what every view is given, in one place. */
import type { Request, Response } from "express";
import { signInOf } from "../session/browser-state.js";
import type { Site } from "../site.js";
import { messagesOf } from "../text/messages.js";

/** What is wrong with what was sent, said above the heading and at its field. */
export interface Problem {
  /** Names it for programs: `data-reason` on the page. */
  reason: string;
  text: string;
  /** What to do about it. */
  advice?: string;
  /** The id of the input it is about. */
  field?: string;
  /** Our page that takes what was typed. */
  leadsTo?: { href: string; text: string };
  /** Whether the field shows the server's time, for comparison with the phone's. */
  showClock?: true;
}

interface Locals {
  title: string;
  problem?: Problem | undefined;
  [name: string]: unknown;
}

/** Cached pages for visitors without a session, by their locals; undefined until the first is rendered. */
const madeBefore = new WeakMap<Locals, string | undefined>();

/** Marks locals as request-independent, so that the rendered page can be cached. Must not hold request data or times. */
export function sameForAll<T extends Locals>(locals: T): Readonly<T> {
  madeBefore.set(locals, undefined);
  return Object.freeze(locals);
}

/** Renders views/NAME.ejs with the locals that all pages share. */
export function page(site: Site, res: Response, name: string, locals: Locals): void {
  const req = res.req;
  const { auth, render, hasHostViews } = site;
  // Error pages answer /favicon.ico and the like too, and taking messages is a write, right after something failed.
  const messages = name === "error" ? [] : messagesOf(req);
  const viewer = viewerOf(req);
  // Whoever has a session or a message gets a page of their own; and what a host's views show is not ours to say.
  const isForAll = madeBefore.has(locals) && viewer === ANONYMOUS && messages.length === 0 && !hasHostViews;
  const made = isForAll ? madeBefore.get(locals) : undefined;
  const html: string =
    made ?? render(name, { ...res.locals, problem: undefined, ...locals, messages, viewer, now: auth.now() });
  if (isForAll) madeBefore.set(locals, html);
  // What res.send would find out anew for each page.
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(html));
  res.end(html);
}

const ANONYMOUS = { kind: "anonymous" };

/** What a page may know of the person it is shown to. */
function viewerOf(req: Request) {
  const state = signInOf(req);
  if (state.kind !== "pending" && state.kind !== "session") return ANONYMOUS;
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
