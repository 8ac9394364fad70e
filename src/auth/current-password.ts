/** The current password, typed again inside a session: as guarded as at the login page. */
import { type AuthContext, aboutOf, type Client } from "./context.js";
import type { Session } from "./sessions.js";
import type { Account } from "./store.js";
import { passwordTurn } from "./throttle.js";
import { inTransaction } from "./transaction.js";

export type CurrentPassword =
  | { outcome: "proved"; account: Account }
  | { outcome: "password-refused" }
  | { outcome: "delayed"; until: number }
  /** The account is gone. */
  | { outcome: "expired" };

/** Checks the password of a session's owner. @throws Overloaded, StoreUnavailable */
export async function proveCurrentPassword(
  auth: AuthContext,
  session: Session,
  password: string,
  client: Client,
): Promise<CurrentPassword> {
  const about = aboutOf(session, client);
  const account = await auth.store.accounts.byId(session.accountId);
  if (!account) return { outcome: "expired" };
  const turn = await passwordTurn(auth, account.username, account, client);
  if (turn.outcome === "delayed") return turn;
  const right = await auth.passwords.matches(password, account.passwordHash).catch(async (error) => {
    await turn.attempt.withdraw();
    throw error;
  });
  return inTransaction(auth, async ({ store, record }): Promise<CurrentPassword> => {
    if (right) {
      await turn.attempt.succeed(store);
      return { outcome: "proved", account };
    }
    await record({ type: "password-refused", ...about });
    return { outcome: "password-refused" };
  });
}
