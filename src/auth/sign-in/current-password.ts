/** Checks the current password inside a session, throttled like the login page. Tests: test/security/step-up-halves.test.ts */
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { askHost, nameForThrottle } from "../passwords/host-check.js";
import { normalisePassword } from "../passwords/password.js";
import type { Session } from "../sessions/sessions.js";
import type { Account } from "../store.js";
import { knownBrowser } from "../throttle/known-browsers.js";
import { reservePasswordAttempt } from "../throttle/password-attempts.js";
import { inTransaction } from "../transaction.js";

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
  typed: string,
  client: Client,
): Promise<CurrentPassword> {
  const password = normalisePassword(typed);
  // Too long to be anyone's password: nothing to check or count.
  if (password === undefined) return { outcome: "password-refused" };
  const about = aboutOf(session, client);
  const account = await auth.store.accounts.byId(session.accountId);
  if (!account) return { outcome: "expired" };
  const browser = knownBrowser(auth, account, client);
  const { users } = auth;
  // The host is asked as at the sign-in, by the name that was typed there.
  const username = users ? (session.loginName ?? account.username) : account.username;
  const countedAs = users && nameForThrottle(users, username);
  const guess = { username, countedAs, owner: session, browser };
  const reserved = await reservePasswordAttempt(auth, guess, client);
  if (reserved.outcome === "delayed") return reserved;
  const right = users
    ? await reserved.attempt.evaluate(async (settled) => {
        const person = await askHost(users, username, typed, settled);
        return person !== undefined && person.externalId === account.externalId;
      })
    : await reserved.attempt.isRight(password, async () => account, typed);
  return inTransaction(auth, async ({ store, record }): Promise<CurrentPassword> => {
    if (right) {
      await reserved.attempt.clear(store);
      return { outcome: "proved", account };
    }
    await record({ type: "password-refused", ...about });
    return { outcome: "password-refused" };
  });
}
