/**
 * Signs a browser out of all that its cookies stand for.
 * Tests: test/web/session/sign-out.test.ts, test/host/sign-out.test.ts
 */
import type { Request } from "express";
import type { Client } from "../../auth/index.js";
import type { Site } from "../site.js";
import { allForwardTokensIn } from "./forward-cookie.js";

/**
 * Revokes what the cookies stand for, all of them, because each may have been copied. Those without our signature cost no lookup.
 * Clearing the cookies is left to the caller. @param ids the session ids in the request's cookies that carry our signature
 */
export async function revokeBrowser(
  { auth, config }: Site,
  req: Request,
  ids: readonly string[],
  client: Client,
): Promise<void> {
  for (const id of ids) await auth.signOut(id, client);
  for (const token of allForwardTokensIn(req, config)) await auth.signOutForwarded(token, client);
}
