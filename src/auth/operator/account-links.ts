/**
 * One-time links that an operator or a host app makes: an invitation, a link for a password, and the one that a reset of the
 * second factor needs.
 * Tests: test/cli/account-links.test.ts, test/security/links-reset.test.ts
 */
import type { AuthContext } from "../context.js";
import { type MadeLink, makeLink } from "../links/links.js";
import { revokeAllExcept } from "../sessions/revoke-all-except.js";
import type { Account, Store } from "../store.js";
import { clearFailures } from "../throttle/lockout.js";
import { onAccount } from "../transaction.js";
import { operatorOn } from "./administration.js";

type Unknown = { outcome: "unknown" };
const UNKNOWN: Unknown = { outcome: "unknown" };

/** A link to give to the owner; `token` is its last part. */
export interface LinkMade extends MadeLink {
  outcome: "link";
  username: string;
}

export type Invite = LinkMade | Unknown | { outcome: "not-needed" };

/** A link by which the owner of an account without a password chooses the first one. @throws StoreUnavailable */
export function invite(auth: AuthContext, accountId: string): Promise<Invite> {
  return onAccount<Invite>(auth, accountId, UNKNOWN, async (on): Promise<Invite> => {
    const { account } = on;
    if (hasOwnPassword(account) || isOfHost(account)) return { outcome: "not-needed" };
    const made = await makeLink(on, account, "invitation", operatorOn(auth, account));
    return { outcome: "link", username: account.username, ...made };
  });
}

export type PasswordLink = LinkMade | Unknown | { outcome: "not-possible" };

/**
 * A link by which the owner chooses a password; the old one holds until then. For an account without one it is an invitation.
 * `not-possible`: the host app has this person's password. @throws StoreUnavailable
 */
export function passwordLink(auth: AuthContext, accountId: string): Promise<PasswordLink> {
  return onAccount<PasswordLink>(auth, accountId, UNKNOWN, async (on): Promise<PasswordLink> => {
    const { account } = on;
    if (isOfHost(account)) return { outcome: "not-possible" };
    const purpose = hasOwnPassword(account) ? "password" : "invitation";
    const made = await makeLink(on, account, purpose, operatorOn(auth, account));
    return { outcome: "link", username: account.username, ...made };
  });
}

export type ResetSecondFactor = LinkMade | { outcome: "done"; username: string } | Unknown;

/**
 * For owners who have lost everything: removes authenticators, recovery codes, sessions, trusted devices and failures. Setting up
 * anew then takes the link beside the account's own password; an account without a password yet gets an invitation. No link
 * (`done`) where `withoutLink` says so, for the demo account, and where only the host app can check the first factor.
 * @throws StoreUnavailable
 */
export function resetSecondFactor(
  auth: AuthContext,
  accountId: string,
  { withoutLink = false }: { withoutLink?: boolean } = {},
): Promise<ResetSecondFactor> {
  return onAccount<ResetSecondFactor>(auth, accountId, UNKNOWN, async (on): Promise<ResetSecondFactor> => {
    const { auth, store, account, record } = on;
    const { username } = account;
    const by = operatorOn(auth, account);
    const isByLink = !withoutLink && !account.isDemo && !isOfHost(account);
    await emptySecondFactor(auth, store, account);
    await store.accounts.setNeedsLink(account.id, isByLink && hasOwnPassword(account));
    await record({ type: "second-factor-reset", ...by });
    if (!isByLink) return { outcome: "done", username };
    const made = await makeLink(on, account, hasOwnPassword(account) ? "reset" : "invitation", by);
    return { outcome: "link", username, ...made };
  });
}

async function emptySecondFactor(auth: AuthContext, store: Store, account: Account): Promise<void> {
  await store.authenticators.removeAll(account.id);
  await store.recoveryCodes.endAll(account.id, auth.clock());
  await store.accounts.resetSecondFactor(account.id);
  await revokeAllExcept(auth, store, account.id);
  await clearFailures(auth, store, account);
}

function hasOwnPassword({ passwordHash }: Account): boolean {
  return passwordHash !== "";
}

/** Whether the host app alone can check this person's password. */
function isOfHost({ passwordHash, externalId }: Account): boolean {
  return passwordHash === "" && externalId !== null;
}
