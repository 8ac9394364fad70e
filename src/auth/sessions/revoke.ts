/**
 * Revokes sign-ins: signing out, and ending what a cookie stands for. A revoked row never comes back, whatever request is in
 * flight.
 * Tests: test/web/session/sign-out.test.ts, test/security/logout-race.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { onAccount } from "../transaction.js";
import { hashSessionId, type LiveRow } from "./sessions.js";

/** Revokes what an id stands for. */
export async function revoke(auth: AuthContext, id: string): Promise<void> {
  const row = await auth.store.sessions.find(hashSessionId(id));
  // A tombstone stays as it is: the sign-in went on under another id.
  if (row && row.endedAt === null) await revokeSignIn(auth, row);
}

/** Ends this row alone, where it was read already. Whatever else the sign-in opened goes on. */
export async function revokeSignIn(
  auth: AuthContext,
  { accountId, idHash }: Pick<LiveRow, "accountId" | "idHash">,
): Promise<void> {
  await onAccount(auth, accountId, undefined, async ({ auth, store }) => {
    await store.sessions.end(idHash, auth.clock());
    await store.enrolments.setAside(idHash);
  });
}

/** Signs out: revokes everything that this sign-in has opened, pending login, session and its continuation after each step-up. */
export function signOut(auth: AuthContext, id: string, client: Client): Promise<void> {
  return signOutByHash(auth, hashSessionId(id), client);
}

/** The same by the hash of the id. Call it only with a hash that this server has signed. */
export async function signOutByHash(auth: AuthContext, idHash: string, client: Client): Promise<void> {
  const row = await auth.store.sessions.find(idHash);
  if (!row) return;
  await onAccount(auth, row.accountId, undefined, async ({ auth, store, record }) => {
    const ended = await store.sessions.revokeFamily(row.accountId, row.family, auth.clock());
    await store.enrolments.setAside(row.idHash);
    // An ended pending login became a session, and its old cookie must end that session too.
    const wasIn = row.kind === "session" || row.endedAt !== null;
    if (ended && wasIn) await record({ type: "signed-out", ...aboutOf(row, client) });
  });
}
