/**
 * The first step where a host app keeps the people: its check of a password (`users.checkPassword`), or its own word for who this
 * is (`startSecondFactor`).
 * Tests: test/host/check-password.test.ts, test/host/start-second-factor.test.ts, test/security/host-check.test.ts
 */
import { type AuthContext, aboutOf, type Client, type HostUsers } from "../context.js";
import { askHost, type HostPerson, isTypedName, nameForThrottle } from "../passwords/host-check.js";
import { isHosts } from "../passwords/own-password.js";
import { normalisePassword } from "../passwords/password.js";
import { normaliseUsername } from "../passwords/username.js";
import type { MakeSessionData } from "../sessions/sessions.js";
import type { Account } from "../store.js";
import { findKnownBrowser, knownBrowser } from "../throttle/known-browsers.js";
import { reservePasswordAttempt } from "../throttle/password-attempts.js";
import { inTransaction } from "../transaction.js";
import { type AfterFirstFactor, type Credentials, passFirstFactor, type StartLogin } from "./first-factor.js";
import { type HostAccountRefused, onHostAccount } from "./host-accounts.js";
import type { SignInSummary } from "./summary.js";

/**
 * Checks a password by the host, as `startLogin` does by a hash: throttled, counted before it is asked, and answered alike for
 * whatever is refused. @throws HostUnavailable, Overloaded, StoreUnavailable
 */
export async function startLoginByHost(
  auth: AuthContext,
  users: HostUsers,
  { username: typed, password, next }: Credentials,
  client: Client,
  sessionData: MakeSessionData<SignInSummary | undefined>,
): Promise<StartLogin> {
  // Too long to be anyone's: nobody is asked, nothing is counted, and no row is written.
  if (!isTypedName(typed) || normalisePassword(password) === undefined) {
    auth.report({ type: "password-refused", ...aboutOf(undefined, client) });
    return { outcome: "refused" };
  }
  const countedAs = nameForThrottle(users, typed);
  const called = await namesake(auth, typed);
  const found = await findKnownBrowser(auth, { countedAs }, client);
  // A name that is another person's by now: the browser of the one before is a stranger to it.
  const known = called && found?.owner.accountId !== called.accountId ? undefined : found;
  const reserved = await reservePasswordAttempt(auth, { username: typed, countedAs, ...known }, client);
  if (reserved.outcome === "delayed") return reserved;
  const person = await reserved.attempt.evaluate((settled) => askHost(users, typed, password, settled));
  if (!person) return refuse(auth, called ?? known?.owner, client);
  const result = await onHostAccount(auth, person, async (on): Promise<StartLogin> => {
    // The browser is known to the account of its cookie, which need not be the one that the host has named.
    const browser = known?.owner.accountId === on.account.id ? known.browser : undefined;
    const first = { method: "password", loginName: typed, next, client, browser, sessionData } as const;
    const opened = await passFirstFactor(on, on.account, first);
    await reserved.attempt.clear(on.store);
    return opened;
  });
  switch (result.outcome) {
    case "closed":
      return refuse(auth, ownerOf(result.account), client);
    case "name-taken":
      return { ...(await refuse(auth, undefined, client)), nameTaken: person };
    default:
      return result;
  }
}

async function refuse(
  auth: AuthContext,
  owner: { accountId: string; username: string } | undefined,
  client: Client,
): Promise<{ outcome: "refused" }> {
  return inTransaction(auth, async ({ record }) => {
    await record({ type: "password-refused", ...aboutOf(owner, client) });
    return { outcome: "refused" };
  });
}

/**
 * The one of the host's people who is called what was typed, to tell the owner of a guess. How many look-ups it takes depends on
 * the typed text alone (prevents account enumeration).
 */
async function namesake({ store }: AuthContext, typed: string) {
  let found: Account | undefined;
  for (const name of new Set([normaliseUsername(typed), typed.trim()])) {
    const account = await store.accounts.byUsername(name);
    if (account && isHosts(account)) found = account;
  }
  return found && ownerOf(found);
}

function ownerOf({ id, username }: Account) {
  return { accountId: id, username };
}

export type StartHostLogin = AfterFirstFactor | HostAccountRefused;

/**
 * Opens what follows the host's own sign-in. The host vouches for the person; no password is asked, and nothing is counted.
 * @throws StoreUnavailable
 */
export function startHostLogin(
  auth: AuthContext,
  person: HostPerson,
  { next, client }: { next: string; client: Client },
  sessionData: MakeSessionData<SignInSummary | undefined> = () => "",
): Promise<StartHostLogin> {
  return onHostAccount(auth, person, (on): Promise<StartHostLogin> => {
    const browser = knownBrowser(on.auth, on.account, client);
    return passFirstFactor(on, on.account, { method: "host", next, client, browser, sessionData });
  });
}
