/**
 * Creates accounts, and changes their names, attributes and the host's id.
 * Tests: test/accounts/create.test.ts, test/accounts/update.test.ts, test/accounts/rename.test.ts, test/security/accounts-race.test.ts
 */
import { freezeLabels } from "../authenticators/authenticators.js";
import type { AuthContext } from "../context.js";
import { isHosts } from "../passwords/own-password.js";
import { revokeSignIns } from "../sessions/revoke-all-except.js";
import { newAccount } from "../sign-in/new-account.js";
import type { Account, AccountChanges, Store } from "../store.js";
import { carryPasswordFailures } from "../throttle/lockout.js";
import { inTransaction } from "../transaction.js";
import { type AccountView, viewOf } from "./accounts.js";
import { checkAttributes, checkUsername, type GivenAttributes, type Invalid } from "./attributes.js";
import { aboutActOn, changeAccount, type Done, type Recorded, type Unknown } from "./change-account.js";
import { hashNewPassword, type PasswordRefused } from "./new-password.js";

export type Taken = { outcome: "taken"; field: "username" | "externalId" };

/** A new account as a program describes it; the fields of unknown type are checked here. */
export interface GivenAccount extends GivenAttributes {
  username: unknown;
  /** Left out: the account has none yet. */
  password?: string;
  emailConfirmed?: boolean;
}

export type CreateAccount = { outcome: "created"; account: AccountView } | Invalid | Taken | PasswordRefused;

/** Creates an account without a second factor: its owner sets one up at the first sign-in. @throws Overloaded, StoreUnavailable */
export async function createAccount(auth: AuthContext, given: GivenAccount): Promise<CreateAccount> {
  const attributes = checkAttributes(given);
  if ("outcome" in attributes) return attributes;
  const { externalId = null, email = null, name = null, groups = [] } = attributes;
  const named = checkUsername(given.username, isHosts({ externalId, passwordHash: given.password ?? "" }));
  if ("outcome" in named) return named;
  const { username } = named;
  const hashed =
    given.password === undefined
      ? { passwordHash: "" }
      : await hashNewPassword(auth, username, given.password);
  if ("outcome" in hashed) return hashed;
  const emailConfirmed = email !== null && given.emailConfirmed === true;
  const account: Account = {
    ...newAccount(auth, username, hashed.passwordHash),
    ...{ externalId, email, emailConfirmed, name, groups },
  };
  return inTransaction(auth, async ({ store, record }): Promise<CreateAccount> => {
    if (!(await store.accounts.add(account))) return takenBy(store, account);
    await record({ type: "account-added", ...aboutActOn(auth, account) });
    const added = await store.accounts.summary(account.id);
    if (!added) throw new Error("The account that was just added is not there.");
    return { outcome: "created", account: viewOf(added) };
  });
}

/** What is to change; the fields of unknown type are checked here. */
export interface GivenChanges extends GivenAttributes {
  username?: unknown;
  emailConfirmed?: boolean;
}

/**
 * Changes what is given. A rename keeps everything: sessions go on, entries in apps keep their label, and failed passwords go on
 * counting. @throws StoreUnavailable
 */
export async function updateAccount(
  auth: AuthContext,
  id: unknown,
  given: GivenChanges,
): Promise<Done | Unknown | Invalid | Taken> {
  const attributes = checkAttributes(given);
  if ("outcome" in attributes) return attributes;
  return changeAccount<Invalid | Taken>(auth, id, async ({ auth, store, account }) => {
    const externalId = attributes.externalId === undefined ? account.externalId : attributes.externalId;
    const hosts = isHosts({ externalId, passwordHash: account.passwordHash });
    // The name is checked too where the account stops being the host's: a label may be none of Latchkey's own names.
    const isJudged = given.username !== undefined || (!hosts && isHosts(account));
    const named = isJudged
      ? checkUsername(given.username === undefined ? account.username : given.username, hosts)
      : { username: account.username };
    if ("outcome" in named) return named;
    const wanted = {
      ...attributes,
      ...named,
      ...confirmation(account, attributes.email, given.emailConfirmed),
    };
    const changes = differences(account, wanted);
    if (Object.keys(changes).length === 0) return [];
    if (!(await store.accounts.update(account.id, changes)))
      return takenBy(store, { ...account, ...changes });
    // Another person has the account from now on.
    if (account.externalId !== null && changes.externalId !== undefined)
      await revokeSignIns(auth, store, account.id);
    // Its first password would be one that nobody may choose here.
    if (hosts && !isHosts(account)) await store.links.endAll(account.id, auth.clock());
    const { username, ...others } = changes;
    if (username !== undefined) await followRename(auth, store, account, username);
    return eventsOf(account.username, username, Object.keys(others));
  });
}

/** Only an address can be confirmed; one that changes is not, unless the caller says so. */
function confirmation(
  account: Account,
  email: string | null | undefined,
  said: boolean | undefined,
): { emailConfirmed: boolean } {
  const address = email === undefined ? account.email : email;
  if (address === null) return { emailConfirmed: false };
  return { emailConfirmed: said ?? (address === account.email && account.emailConfirmed) };
}

/** The wanted values that are not the account's already. */
function differences(account: Account, wanted: AccountChanges): AccountChanges {
  const changed = Object.entries(wanted).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(account[field as keyof AccountChanges]),
  );
  return Object.fromEntries(changed);
}

/** Which of two unique values another account has. */
async function takenBy(store: Store, { id, username }: Account): Promise<Taken> {
  const named = await store.accounts.byUsername(username);
  return { outcome: "taken", field: named && named.id !== id ? "username" : "externalId" };
}

/**
 * What hangs on the name: the label in apps stays as it was set up, and failed passwords count for the new name too. Otherwise
 * every rename would give free guesses, and guesses at a name that was nobody's would delay its new owner.
 */
async function followRename(auth: AuthContext, store: Store, account: Account, username: string) {
  await freezeLabels(store, account);
  await carryPasswordFailures(auth, store, account.username, username);
}

function eventsOf(old: string, username: string | undefined, others: string[]): Recorded[] {
  const events: Recorded[] = [];
  if (username !== undefined) events.push({ type: "account-renamed", subject: `${old} → ${username}` });
  if (others.length > 0)
    events.push({
      type: "account-changed",
      subject: FIELDS.filter((field) => others.includes(field)).join(" "),
    });
  return events;
}

/** As account-changed names them, in this order. */
const FIELDS = ["email", "emailConfirmed", "name", "groups", "externalId"];
