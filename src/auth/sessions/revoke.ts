/** Revokes sign-ins: signing out, and ending what a cookie stands for. What is ended never comes back, whatever is in flight. */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { onAccount } from "../transaction.js";
import { hashSessionId, type LiveRow } from "./sessions.js";

/** Ends what an id stands for, for good: nothing in flight brings it back. */
export async function revoke(auth: AuthContext, id: string): Promise<void> {
  const row = await auth.store.sessions.find(hashSessionId(id));
  // Whoever has come in has ended what their cookie stood for before.
  if (row && row.endedAt === null) await revokeSignIn(auth, row);
}

/** The same of a sign-in that is at hand. */
export async function revokeSignIn(
  auth: AuthContext,
  { accountId, idHash }: Pick<LiveRow, "accountId" | "idHash">,
): Promise<void> {
  await onAccount(auth, accountId, undefined, async ({ auth, store }) => {
    await store.sessions.end(idHash, auth.clock());
    await store.enrolments.setAside(idHash);
  });
}

/** Logging out: as above, and all else that the same sign-in has opened ends too, whatever cookie this is. */
export function signOut(auth: AuthContext, id: string, client: Client): Promise<void> {
  return signOutByHash(auth, hashSessionId(id), client);
}

/** The same by the hash of the id. Call it only with a hash that this server has signed. */
export async function signOutByHash(auth: AuthContext, idHash: string, client: Client): Promise<void> {
  const row = await auth.store.sessions.find(idHash);
  if (!row) return;
  await onAccount(auth, row.accountId, undefined, async ({ auth, store, record }) => {
    const ended = await store.sessions.revokeSignIn(row.accountId, row.family, auth.clock());
    await store.enrolments.setAside(row.idHash);
    // An ended pending login became a session, and its old cookie must end that session too.
    const wasIn = row.kind === "session" || row.endedAt !== null;
    if (ended && wasIn) await record({ type: "signed-out", ...aboutOf(row, client) });
  });
}
