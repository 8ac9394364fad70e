/**
 * Reads and verifies a request's session cookie without express-session. /auth/verify and the host's guards read the whole sign-in
 * by it; session.ts only the ids.
 * Tests: test/security/many-cookies.test.ts, test/web/proxy/auth-verify.test.ts
 */
import type { IncomingMessage } from "node:http";
import { sign, unsign } from "cookie-signature";
import type { SignInState } from "../../auth/index.js";
import type { Site } from "../site.js";
import { ANONYMOUS } from "./browser-state.js";
import { sessionCookie, valuesOf } from "./cookies.js";
import { touchSession } from "./touch-session.js";

/** @param cookieSecrets the secrets that sign session cookies, newest first */
export function signInReader(site: Site, cookieSecrets: readonly string[]) {
  const { name } = sessionCookie(site.config);

  return async function readSignIn(req: IncomingMessage): Promise<SignInState> {
    const [id, ...others] = signedIds(req, name, cookieSecrets);
    // Of several signed ids we cannot tell which is the browser's own, so none counts.
    if (id === undefined || others.length > 0) return ANONYMOUS;
    const state = await site.auth.findSession(id);
    return state ? touchSession(site, req, state) : ANONYMOUS;
  };
}

/** The ids in the cookies of one name that carry our signature, without duplicates. */
export function signedIds(req: IncomingMessage, name: string, cookieSecrets: readonly string[]): string[] {
  const ids = [...new Set(valuesOf(req, name))].map((value) => signedId(value, cookieSecrets));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** The value of a session cookie, as express-session writes it. @param cookieSecrets newest first */
export function signedCookie(id: string, [secret = ""]: readonly string[]): string {
  return `s:${sign(id, secret)}`;
}

/** The id in a cookie that express-session has signed, `s:ID.SIGNATURE`; undefined without a valid signature. */
function signedId(value: string, cookieSecrets: readonly string[]): string | undefined {
  if (!value.startsWith("s:")) return undefined;
  for (const secret of cookieSecrets) {
    const id = unsign(value.slice(2), secret);
    if (id !== false) return id;
  }
  return undefined;
}
