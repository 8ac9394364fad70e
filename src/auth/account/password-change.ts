/**
 * Changes the owner's password, which revokes every other session.
 * Tests: test/web/pages/password.test.ts, test/security/factor-change.test.ts
 */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import {
  isSamePassword,
  judgePassword,
  type PasswordProblem,
  type PasswordStrength,
} from "../passwords/password.js";
import { inSteppedUpSession } from "../sessions/in-session.js";
import { revokeAllButThis } from "../sessions/revoke-all-except.js";
import type { Session } from "../sessions/sessions.js";
import { type CurrentPassword, proveCurrentPassword } from "../sign-in/current-password.js";

export type ChangePassword =
  | { outcome: "changed"; knownBrowserCookie: string; strength: PasswordStrength }
  | { outcome: "new-password-refused"; problem: PasswordProblem }
  /** Another tab or the operator changed it meanwhile. */
  | { outcome: "changed-elsewhere" }
  /** A step-up is needed first, or the session has ended. */
  | { outcome: "confirm-again" }
  | Exclude<CurrentPassword, { outcome: "proved" | "expired" }>;

/** Checks the current password, judges the new one, and changes it within a recent step-up. @throws Overloaded, StoreUnavailable */
export async function changePassword(
  auth: AuthContext,
  session: Session,
  passwords: { current: string; next: string },
  client: Client,
): Promise<ChangePassword> {
  const proved = await proveCurrentPassword(auth, session, passwords.current, client);
  if (proved.outcome === "expired") return { outcome: "confirm-again" };
  if (proved.outcome !== "proved") return proved;
  const judged = await judgePassword(passwords.next, [session.username, auth.issuer]);
  if ("problem" in judged) return { outcome: "new-password-refused", problem: judged.problem };
  const passwordHash = await auth.passwords.hash(judged.password);
  const confirmAgain: ChangePassword = { outcome: "confirm-again" };
  return inSteppedUpSession(auth, session, confirmAgain, async (on): Promise<ChangePassword> => {
    const { auth, account, store, record } = on;
    if (!isSamePassword(proved.account, account)) return { outcome: "changed-elsewhere" };
    await store.accounts.setPassword(account.id, passwordHash);
    const knownBrowserCookie = await revokeAllButThis(auth, store, session, client);
    await record({ type: "password-changed", ...aboutOf(session, client) });
    return { outcome: "changed", knownBrowserCookie, strength: judged.strength };
  });
}
