/** Renders a page: adds the locals that every view gets, and sends the answer. */
import type { Request, Response } from "express";
import { asksPassword } from "../../auth/index.js";
import type { Catalogue } from "../catalogue/catalogue.js";
import type { Message } from "../catalogue/message.js";
import { signInOf } from "../session/browser-state.js";
import type { Site } from "../site.js";
import { messagesOf } from "../text/messages.js";
import { renderCached } from "./page-cache.js";

/** What is wrong with a form, shown above the heading and at its field. */
export interface Problem {
  /** For programs: `data-reason` on the page. */
  reason: string;
  /** The headline: in the summary, and at the field. */
  text: Message;
  /** What the person can do, in the summary. */
  advice?: Message;
  /** The id of the input that it is about. */
  field?: string;
  /** The page of ours that accepts what was typed. */
  leadsTo?: { href: string; text: Message };
  /** Whether the field shows the server's time, for comparison with the phone's. */
  showClock?: true;
}

interface Locals {
  title: Message;
  problem?: Problem | undefined;
  [name: string]: unknown;
}

/** Sends views/NAME.ejs, with these locals and those that all pages share. Set a status other than 200 before. */
export function sendPage(site: Site, res: Response, name: string, locals: Locals): void {
  const req = res.req;
  // An error page takes no messages: it also answers /favicon.ico and the like, and taking is a write, right after a failure.
  const { html: t, time, text, language } = site.languages.of(req);
  const messages = name === "error" ? [] : messagesOf(req);
  const viewer = viewerOf(req);
  const render = () =>
    site.render(name, {
      ...res.locals,
      problem: undefined,
      ...locals,
      messages,
      t,
      text,
      time,
      language,
      pageTitle: pageTitle(locals, t),
      viewer,
      now: site.auth.now(),
    });
  // A session or a message makes a page personal, and a host's views may show anything.
  const mayCache = viewer === ANONYMOUS && messages.length === 0 && !site.hasHostViews;
  const html = mayCache ? renderCached(locals, language, render) : render();
  if (site.languages.vary) res.vary("Accept-Language");
  // Not res.send, which would compute these headers again for each page.
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(html));
  res.end(html);
}

/** "Error: Sign in – Latchkey": screen readers read it first. */
function pageTitle({ title, problem }: Locals, t: Catalogue["html"]): string {
  return problem ? t("page-title-error", { title }) : t("page-title", { title });
}

const ANONYMOUS = { kind: "anonymous" };

/** What a page knows about the person who sees it. */
function viewerOf(req: Request) {
  const state = signInOf(req);
  if (state.kind !== "pending" && state.kind !== "session") return ANONYMOUS;
  return {
    kind: state.kind,
    username: state.username,
    methods: state.methods,
    /** Whether a password opened it, and not the host app's own sign-in. */
    byPassword: asksPassword(state),
    startedAt: new Date(state.startedAt),
    endsAt: new Date(state.endsAt),
    /** Whether `endsAt` is the absolute limit, which use does not extend. */
    final: state.endsAt === state.expiresAt,
  };
}
