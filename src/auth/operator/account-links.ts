/**
 * One-time links that an operator or a host app makes: an invitation, a link for a password, and the one that a reset of the
 * second factor needs.
 * Tests: test/accounts/links.test.ts, test/cli/account-links.test.ts, test/cli/account-reset-2fa.test.ts
 */
import type { AuthContext } from "../context.js";
import type { LinkPurpose } from "../events.js";
import { type MadeLink, makeLink } from "../links/links.js";
import { hasOwnPassword, isHosts } from "../passwords/own-password.js";
import { revokeAllExcept } from "../sessions/revoke-all-except.js";
import type { Account, Store } from "../store.js";
import { clearFailures } from "../throttle/lockout.js";
import type { Work } from "../transaction.js";
import type { AccountView } from "./accounts.js";
import type { NotPossible } from "./administration.js";
import { changeAccount, type Done, type Recorded, type Unknown } from "./change-account.js";

/** A link to give to the owner; `token` is the last part of its address. */
export interface LinkMade extends MadeLink {
  outcome: "link";
  account: AccountView;
}

export type NotNeeded = { outcome: "not-needed" };

/**
 * A link by which the owner of an account without a password chooses the first one; it ends the link before. Not needed where there
 * is a password, for the host's people, and where the host app checks all passwords. @throws StoreUnavailable
 */
export async function invite(auth: AuthContext, id: unknown): Promise<LinkMade | Unknown | NotNeeded> {
  const { link, make } = linkMaker();
  const changed = await changeAccount<NotNeeded>(auth, id, async (on) => {
    if (auth.users || hasOwnPassword(on.account) || isHosts(on.account)) return { outcome: "not-needed" };
    return [await make(on, "invitation")];
  });
  return changed.outcome === "done" ? { ...changed, outcome: "link", ...link() } : changed;
}

/**
 * A link by which the owner chooses a password; the old one holds until then. For an account without one it is an invitation. Not
 * possible for people whose password only the host app knows. @throws StoreUnavailable
 */
export async function passwordLink(
  auth: AuthContext,
  id: unknown,
): Promise<LinkMade | Unknown | NotPossible> {
  const { link, make } = linkMaker();
  const changed = await changeAccount<NotPossible>(auth, id, async (on) => {
    if (auth.users || isHosts(on.account)) return { outcome: "not-possible" };
    return [await make(on, hasOwnPassword(on.account) ? "password" : "invitation")];
  });
  return changed.outcome === "done" ? { ...changed, outcome: "link", ...link() } : changed;
}

/**
 * For owners who have lost everything: removes authenticators, recovery codes, sessions, trusted devices and failures. Setting up
 * again then takes the link beside the account's own password; an account without a password yet gets an invitation. No link
 * (`done`) where `withoutLink` says so, for the demo account, and for people whose password only the host app knows.
 * @throws StoreUnavailable
 */
export async function resetSecondFactor(
  auth: AuthContext,
  id: unknown,
  { withoutLink = false }: { withoutLink?: boolean } = {},
): Promise<LinkMade | Done | Unknown> {
  let isByLink = false;
  const { link, make } = linkMaker();
  const changed = await changeAccount(auth, id, async (on) => {
    const { auth, store, account } = on;
    isByLink = !withoutLink && !auth.users && !account.isDemo && !isHosts(account);
    await emptySecondFactor(auth, store, account);
    await store.accounts.setNeedsLink(account.id, isByLink && hasOwnPassword(account));
    const reset: Recorded = { type: "second-factor-reset" };
    return isByLink ? [reset, await make(on, hasOwnPassword(account) ? "reset" : "invitation")] : [reset];
  });
  return changed.outcome === "done" && isByLink ? { ...changed, outcome: "link", ...link() } : changed;
}

async function emptySecondFactor(auth: AuthContext, store: Store, account: Account): Promise<void> {
  await store.authenticators.removeAll(account.id);
  await store.recoveryCodes.endAll(account.id, auth.clock());
  await store.accounts.resetSecondFactor(account.id);
  await revokeAllExcept(auth, store, account.id);
  await clearFailures(auth, store, account);
}

/** Makes the link of one change. The change may run more than once, and its last run counts. */
function linkMaker() {
  let made: MadeLink | undefined;
  return {
    async make(on: Work & { account: Account }, purpose: LinkPurpose): Promise<Recorded> {
      made = await makeLink(on.auth, on.store, on.account, purpose);
      return { type: "link-made", reason: purpose };
    },
    link(): MadeLink {
      if (!made) throw new Error("No link was made.");
      return made;
    },
  };
}
