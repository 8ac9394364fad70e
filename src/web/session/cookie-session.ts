/** What a request's session cookie stands for, read without express-session: for doors that only look, and set no cookie. */
import { unsign } from "cookie-signature";
import type { Request } from "express";
import type { SignInState } from "../../auth/index.js";
import type { Site } from "../site.js";
import { sessionCookie, valuesOf } from "./cookies.js";
import { touchSession } from "./touch-session.js";

const NOBODY: SignInState = { kind: "anonymous" };

/** @param cookieSecrets what session cookies are signed with, newest first */
export function signInReader(site: Site, cookieSecrets: readonly string[]) {
  const { name } = sessionCookie(site.config);

  return async function readSignIn(req: Request): Promise<SignInState> {
    const [id, ...others] = signedIds(req, name, cookieSecrets);
    // Of several that we have signed, which is the browser's own cannot be told.
    if (id === undefined || others.length > 0) return NOBODY;
    const state = await site.auth.findSession(id);
    return state ? touchSession(site, req, state) : NOBODY;
  };
}

/** The ids in the cookies of one name that carry our signature, without duplicates. */
export function signedIds(req: Request, name: string, cookieSecrets: readonly string[]): string[] {
  const ids = [...new Set(valuesOf(req, name))].map((value) => signedId(value, cookieSecrets));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** The id in a cookie that express-session has signed, `s:ID.SIGNATURE`. */
function signedId(value: string, cookieSecrets: readonly string[]): string | undefined {
  if (!value.startsWith("s:")) return undefined;
  for (const secret of cookieSecrets) {
    const id = unsign(value.slice(2), secret);
    if (id !== false) return id;
  }
  return undefined;
}
