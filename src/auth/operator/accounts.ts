/**
 * Accounts as operators and host apps see them: one by its id, its name or the host's id, and all of them by pages.
 * Tests: test/accounts/find.test.ts, test/accounts/list.test.ts
 */
import { inBatches } from "../batches.js";
import type { AuthContext } from "../context.js";
import { hasOwnPassword } from "../passwords/own-password.js";
import { isText, parseUsername } from "../passwords/username.js";
import {
  ACCOUNTS_PAGE,
  LOCKOUT_AFTER,
  MAX_ACCOUNTS_PAGE,
  MAX_EXTERNAL_ID_LENGTH,
  MAX_HOST_NAME_LENGTH,
} from "../policy.js";
import type { Account, AccountSummary } from "../store.js";

export interface AccountView {
  id: string;
  username: string;
  email?: string;
  emailConfirmed: boolean;
  name?: string;
  groups: readonly string[];
  externalId?: string;
  createdAt: Date;
  disabled: boolean;
  /** Locked out until it is unlocked. */
  locked: boolean;
  hasPassword: boolean;
  hasSecondFactor: boolean;
  lastSignInAt?: Date;
  /** A link by which the first password is still to be chosen; it may have expired. */
  invitationExpiresAt?: Date;
}

export function viewOf(account: AccountSummary): AccountView {
  const { id, username, email, emailConfirmed, name, groups, externalId, createdAt, lastSignInAt } = account;
  const { invitationExpiresAt } = account;
  return {
    id,
    username,
    ...(email !== null && { email }),
    emailConfirmed,
    ...(name !== null && { name }),
    groups,
    ...(externalId !== null && { externalId }),
    createdAt: new Date(createdAt),
    disabled: account.disabledAt !== null,
    locked: account.failures >= LOCKOUT_AFTER,
    hasPassword: hasOwnPassword(account),
    hasSecondFactor: account.authenticators > 0,
    ...(lastSignInAt !== null && { lastSignInAt: new Date(lastSignInAt) }),
    ...(invitationExpiresAt !== null && { invitationExpiresAt: new Date(invitationExpiresAt) }),
  };
}

/** What an account is found by; of any type, as programs give it. */
export type AccountKey = { id: unknown } | { username: unknown } | { externalId: unknown };

/** Undefined for whatever is no id or name at all. @throws StoreUnavailable */
export async function findAccount(auth: AuthContext, by: AccountKey): Promise<AccountView | undefined> {
  const id = "id" in by ? by.id : (await accountBy(auth, by))?.id;
  const found = isId(id) ? await auth.store.accounts.summary(id) : undefined;
  return found && viewOf(found);
}

async function accountBy(
  auth: AuthContext,
  by: Exclude<AccountKey, { id: unknown }>,
): Promise<Account | undefined> {
  if ("username" in by) return accountNamed(auth, by.username);
  const { externalId } = by;
  return isText(externalId, MAX_EXTERNAL_ID_LENGTH)
    ? auth.store.accounts.byExternalId(externalId)
    : undefined;
}

/** By the name as it was typed, since a host's labels keep their case; then as it is stored for accounts of Latchkey's own. */
async function accountNamed({ store }: AuthContext, typed: unknown): Promise<Account | undefined> {
  if (!isText(typed, MAX_HOST_NAME_LENGTH)) return undefined;
  const found = await store.accounts.byUsername(typed);
  if (found) return found;
  const username = parseUsername(typed);
  return username === undefined || username === typed ? undefined : store.accounts.byUsername(username);
}

/** Ids are made by `newId`; a longer text is none. NUL matters: SQLite cuts bound strings at it. */
export function isId(id: unknown): id is string {
  return isText(id, MAX_ID_LENGTH);
}

const MAX_ID_LENGTH = 64;

export interface AccountPage {
  accounts: AccountView[];
  /** Where the next page begins; undefined at the end. */
  next?: string;
}

/** Accounts that one statement reads: a few milliseconds of work. */
const BATCH = ACCOUNTS_PAGE + 1;

/**
 * At most `limit` accounts (100; more than 1,000 is taken for 1,000), by id, after the account `after`. An account that is there
 * all the time is met once, whatever is added and removed meanwhile.
 * @throws StoreUnavailable
 */
export async function pageOfAccounts(
  { store }: AuthContext,
  { limit = ACCOUNTS_PAGE, after }: { limit?: number | undefined; after?: string | undefined } = {},
): Promise<AccountPage> {
  if (after !== undefined && !isId(after)) return { accounts: [] };
  const size = Math.min(limit, MAX_ACCOUNTS_PAGE);
  const found: AccountSummary[] = [];
  let isEnd = false;
  // Rests after the last batch too: anyone who asks for one page after another leaves time for requests.
  await inBatches(async () => {
    if (isEnd) return true;
    // One more than asked for tells whether there is another page.
    const wanted = Math.min(size + 1 - found.length, BATCH);
    const batch = await store.accounts.page(wanted, found.at(-1)?.id ?? after);
    found.push(...batch);
    isEnd = batch.length < wanted || found.length > size;
    return false;
  });
  const accounts = found.slice(0, size).map(viewOf);
  const next = found.length > size ? accounts.at(-1)?.id : undefined;
  return { accounts, ...(next !== undefined && { next }) };
}
