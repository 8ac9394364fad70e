/**
 * The accounts of a host app's people: found by the host's id alone, made where they are not there, and called what the host calls
 * them.
 * Tests: test/host/accounts.test.ts, test/security/host-sign-in.test.ts, test/security/host-race.test.ts
 */
import { freezeLabels } from "../authenticators/authenticators.js";
import type { AuthContext } from "../context.js";
import type { HostPerson } from "../passwords/host-check.js";
import { isHosts } from "../passwords/own-password.js";
import { type Account, type Store, StoreUnavailable } from "../store.js";
import { inTransaction, onAccount, type Work, type WorkOnAccount } from "../transaction.js";
import { newAccount } from "./new-account.js";

export type HostAccountRefused =
  /** Disabled, or the demo account, which no host can open. */
  | { outcome: "closed"; account: Account }
  /** An account of Latchkey's own has the name, and never gives it up. */
  | { outcome: "name-taken" };

/** How many names may stand in the way, one after the other, before it counts as an outage. */
const MAX_TRIES = 5;

/**
 * Runs `work` on the person's account, in one transaction that has locked it.
 *
 * Names are compared as they are stored, byte by byte: a person `Anna` and an account `anna` of Latchkey's own are two names.
 * Where another of the host's people has the name, that account is called by its own id first, in a transaction of its own:
 * one that locked two accounts could deadlock with its mirror image.
 * @throws StoreUnavailable
 */
export async function onHostAccount<T>(
  auth: AuthContext,
  person: HostPerson,
  work: WorkOnAccount<T>,
): Promise<T | HostAccountRefused> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const done = await inTransaction(
      auth,
      async (on): Promise<{ result: T | HostAccountRefused } | Blocked> => {
        const account = await accountOf(on, person);
        if ("blockedBy" in account) return account;
        const isClosed = account.disabledAt !== null || account.isDemo;
        return { result: isClosed ? { outcome: "closed", account } : await work({ ...on, account }) };
      },
    );
    if ("result" in done) return done.result;
    const { blockedBy: other } = done;
    // Nobody: the name, or the account, has just changed under our eyes.
    if (!other) continue;
    if (!isHosts(other)) return { outcome: "name-taken" };
    await callById(auth, other);
  }
  throw new StoreUnavailable("The name of one of the host's people went on changing.");
}

interface Blocked {
  /** Who has the name; undefined where it is free again. */
  blockedBy: Account | undefined;
}

/** The person's account, locked and called as the host calls the person. */
async function accountOf(on: Work, person: HostPerson): Promise<Account | Blocked> {
  const { auth, store, record } = on;
  const { externalId } = person;
  const found = await store.accounts.byExternalId(externalId);
  if (!found) {
    const blank = newAccount(auth, person.username, "");
    const account = { ...blank, username: await nameFor(store, person, blank.id), externalId };
    if (await store.accounts.add(account)) {
      await record({ type: "account-added", accountId: account.id, username: account.username, ...BY_HOST });
      return (await store.accounts.lockRow(account.id)) ?? { blockedBy: undefined };
    }
    // Another request may have added this very person.
    if (!(await store.accounts.byExternalId(externalId))) return blockedBy(store, account.username);
    return accountOf(on, person);
  }
  const account = await store.accounts.lockRow(found.id);
  if (!account || account.externalId !== externalId) return { blockedBy: undefined };
  // An account with a password of Latchkey's own, which was joined to the person, keeps the name by which it signs in.
  if (account.disabledAt !== null || account.isDemo || !isHosts(account)) return account;
  const username = await nameFor(store, person, account.id);
  if (username === account.username) return account;
  if (!(await rename(on, account, username))) return blockedBy(store, username);
  return { ...account, username };
}

async function blockedBy(store: Store, username: string): Promise<Blocked> {
  return { blockedBy: await store.accounts.byUsername(username) };
}

/** The host's name for the person; where that is another account's id, which that account must be able to take, the person's own. */
async function nameFor(store: Store, { username }: HostPerson, accountId: string): Promise<string> {
  const namesake = await store.accounts.byId(username);
  return namesake && namesake.id !== accountId ? accountId : username;
}

/** Calls an account by its own id, if it still has the name that is needed. */
async function callById(auth: AuthContext, { id, username }: Account): Promise<void> {
  await onAccount(auth, id, undefined, async (on) => {
    if (on.account.username === username && isHosts(on.account)) await rename(on, on.account, id);
  });
}

/** Renames; the labels of entries in apps stay as they were set up. False where another account has the name. */
async function rename({ store, record }: Work, account: Account, username: string): Promise<boolean> {
  if (!(await store.accounts.update(account.id, { username }))) return false;
  await freezeLabels(store, account);
  const subject = `${account.username} → ${username}`;
  await record({ type: "account-renamed", subject, accountId: account.id, username, ...BY_HOST });
  return true;
}

const BY_HOST = { by: { kind: "host" } } as const;
