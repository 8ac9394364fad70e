/**
 * The host's hook `onSignIn`: called once both factors are proved and the session is open, before the redirect. Where it fails, nobody
 * is signed in.
 * Tests: test/host/on-sign-in.test.ts
 */
import type { Request, Response } from "express";
import type { Session } from "../auth/index.js";
import { signedIn } from "./host-guards.js";
import { OnSignInFailed } from "./http/errors.js";
import type { OnSignIn, Site } from "./site.js";

/** How long the hook may take: long enough for a slow database, and short enough for a person who waits. */
const HOOK_MS = 10_000;

/** Calls the hook, if there is one. @throws OnSignInFailed when it throws, rejects, answers, or takes too long */
export async function callOnSignIn(
  { host }: Pick<Site, "host">,
  req: Request,
  res: Response,
  session: Session,
  next: string,
): Promise<void> {
  const { onSignIn } = host;
  if (!onSignIn) return;
  try {
    await inTime(onSignIn, req, res, session, next);
  } catch (cause) {
    const reason = cause instanceof Error ? cause : new Error("onSignIn failed.", { cause });
    throw new OnSignInFailed(reason);
  }
}

async function inTime(
  onSignIn: OnSignIn,
  req: Request,
  res: Response,
  session: Session,
  next: string,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = Object.assign(new Error(`onSignIn was not done within ${HOOK_MS / 1_000} s.`), {
      status: 503,
    });
    timer = setTimeout(() => reject(error), HOOK_MS);
  });
  try {
    await Promise.race([onSignIn(req, res, { ...signedIn(session), next }), late]);
  } finally {
    clearTimeout(timer);
  }
  // The redirect is Latchkey's answer; another one would leave the person at a page that knows nothing of the sign-in.
  if (res.headersSent)
    throw new Error("onSignIn has answered the request: it must leave the answer to Latchkey.");
}
