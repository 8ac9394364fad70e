/** A new password in place of the current one, chosen by the account's owner. */
import { endAllElse } from "./change.js";
import { type AuthContext, aboutOf, type Client } from "./context.js";
import { type CurrentPassword, proveCurrentPassword } from "./current-password.js";
import { judgePassword, type PasswordProblem, type PasswordStrength } from "./password.js";
import { holdForChange, type Session } from "./sessions.js";
import { inTransaction } from "./transaction.js";

export type ChangePassword =
  | { outcome: "changed"; browser: string; strength: PasswordStrength }
  /** The new one is refused; nothing was evaluated or counted. */
  | { outcome: "new-password-refused"; problem: PasswordProblem }
  | Exclude<CurrentPassword, { outcome: "proved" }>;

/**
 * `expired`: the session ended, both factors were proved too long ago, or the password was changed elsewhere meanwhile.
 * @throws Overloaded, StoreUnavailable
 */
export async function changePassword(
  auth: AuthContext,
  session: Session,
  passwords: { current: string; next: string },
  client: Client,
): Promise<ChangePassword> {
  const judged = await judgePassword(passwords.next, session.username);
  if ("problem" in judged) return { outcome: "new-password-refused", problem: judged.problem };
  const proved = await proveCurrentPassword(auth, session, passwords.current, client);
  if (proved.outcome !== "proved") return proved;
  const { account } = proved;
  const passwordHash = await auth.passwords.hash(passwords.next);
  return inTransaction(auth, async ({ store, record, undo }): Promise<ChangePassword> => {
    const isChanged = await store.accounts.setPassword(account.id, passwordHash, account.passwordHash);
    if (!isChanged || !(await holdForChange(auth, store, session))) return undo({ outcome: "expired" });
    const changed = await store.accounts.byId(account.id);
    if (!changed) return undo({ outcome: "expired" });
    const browser = await endAllElse(auth, store, session, changed.epoch, client);
    await record({ type: "password-changed", ...aboutOf(session, client) });
    return { outcome: "changed", browser, strength: judged.strength };
  });
}
