/**
 * `latchkey.accounts`: checks the arguments of a host app, and calls auth/ under the deadline of a request.
 * Tests: test/accounts/in-a-host.test.ts, test/accounts/arguments.test.ts, test/accounts/outage.test.ts
 */
import type { Auth, LinkMade, NumberedRow } from "./auth/index.js";
import { plainOptions, shown } from "./config/options.js";
import type { Accounts, OneTimeLink } from "./public-accounts.js";
import { failForHost } from "./web/http/errors.js";

/** @param linksUrl gives the address of one-time links, to which a token is appended; throws while there is none */
export function accountsFor(auth: Auth, linksUrl: () => string): Accounts {
  /** Fails soon when the database does not answer, with a status that tells an outage (503) from a bug. */
  const within = <T>(work: () => Promise<T>): Promise<T> =>
    auth.withDeadline(work).catch((cause) => failForHost(cause, UNAVAILABLE));
  return {
    async create(account) {
      const given = fieldsOf("accounts.create", account, ["username", "password", ...ATTRIBUTES]);
      return within(() =>
        auth.createAccount({ username: undefined, ...given, ...checked("accounts.create", given) }),
      );
    },
    async invite(id) {
      const url = linksUrl();
      return withUrl(url, await within(() => auth.invite(id)));
    },
    async passwordLink(id) {
      const url = linksUrl();
      return withUrl(url, await within(() => auth.passwordLink(id)));
    },
    async find(by) {
      const given = fieldsOf("accounts.find", by, ["id", "username", "externalId"]);
      const [key, ...others] = Object.entries(given);
      if (key === undefined || others.length > 0)
        throw new TypeError("accounts.find takes one of id, username and externalId.");
      const [name, value] = key;
      return within(() => auth.findAccount(keyOf(name, value)));
    },
    async list(page = {}) {
      const { limit, after } = fieldsOf("accounts.list", page, ["limit", "after"]);
      const asked = { limit: limitIn(limit), after: afterIn(after) };
      return within(() => auth.pageOfAccounts(asked));
    },
    async update(id, changes) {
      const given = fieldsOf("accounts.update", changes, ["username", ...ATTRIBUTES]);
      return within(() => auth.updateAccount(id, { ...given, ...checked("accounts.update", given) }));
    },
    async setPassword(id, password) {
      const { password: text } = checked("accounts.setPassword", { password });
      if (text === undefined) throw new TypeError("accounts.setPassword takes an id and a password.");
      return within(() => auth.setPassword(id, text));
    },
    async resetSecondFactor(id, options = {}) {
      const withoutLink = flagIn(fieldsOf("accounts.resetSecondFactor", options, ["withoutLink"]));
      // Without a link there need be no address, nor a router.
      const url = withoutLink ? "" : linksUrl();
      return withUrl(url, await within(() => auth.resetSecondFactor(id, { withoutLink })));
    },
    disable: (id) => within(() => auth.disableAccount(id)),
    enable: (id) => within(() => auth.enableAccount(id)),
    async unlock(id) {
      const done = await within(() => auth.unlockAccount(id));
      return done.outcome === "done" ? { outcome: done.outcome, account: done.account } : done;
    },
    signOut: (id) => within(() => auth.signOutAccount(id)),
    remove: (id) => within(() => auth.removeAccount(id)),
    async import(rows, options = {}) {
      const { dryRun = false } = fieldsOf("accounts.import", options, ["dryRun"]);
      if (typeof dryRun !== "boolean") throw new TypeError(`accounts.import: dryRun must be true or false.`);
      // No request waits for it, so it has no deadline of one.
      return auth
        .importAccounts(numbered(rowsIn(rows)), { dryRun })
        .catch((cause) => failForHost(cause, UNAVAILABLE));
    },
  };
}

const ATTRIBUTES = ["email", "emailConfirmed", "name", "groups", "externalId"];

/** Of an error: it names what it was given, whatever its length. */
const MAX_MESSAGE = 300;

/** The fields that have a value. @throws TypeError for anything but a plain object with these fields */
function fieldsOf(caller: string, value: unknown, names: readonly string[]): Record<string, unknown> {
  try {
    return Object.fromEntries(
      [...plainOptions(caller, value, names)].filter(([, field]) => field !== undefined),
    );
  } catch (error) {
    throw new TypeError((error as Error).message.slice(0, MAX_MESSAGE));
  }
}

/** The fields for whose type there is no outcome. @throws TypeError */
function checked(
  caller: string,
  { password, emailConfirmed }: Record<string, unknown>,
): { password?: string; emailConfirmed?: boolean } {
  if (password !== undefined && typeof password !== "string")
    // Without its value: a number may be a password too.
    throw new TypeError(`${caller}: password must be a string.`);
  if (emailConfirmed !== undefined && typeof emailConfirmed !== "boolean")
    throw new TypeError(`${caller}: emailConfirmed must be true or false.`);
  return {
    ...(password !== undefined && { password }),
    ...(emailConfirmed !== undefined && { emailConfirmed }),
  };
}

function flagIn({ withoutLink = false }: Record<string, unknown>): boolean {
  if (typeof withoutLink === "boolean") return withoutLink;
  throw new TypeError(
    `accounts.resetSecondFactor: withoutLink must be true or false, not ${shown(withoutLink)}.`,
  );
}

/** What was done, with the address of the link in place of its token. */
function withUrl<R extends { outcome: string }>(
  linksUrl: string,
  result: R | LinkMade,
): Exclude<R, LinkMade> | OneTimeLink {
  if (!isLink(result)) return result as Exclude<R, LinkMade>;
  const { outcome, account, token, expiresAt } = result;
  return { outcome, account, url: `${linksUrl}${token}`, expiresAt };
}

function isLink(result: { outcome: string }): result is LinkMade {
  return result.outcome === "link";
}

function keyOf(name: string, value: unknown) {
  // A host that asks by the number of its table would take no answer for no second factor, and let people in without one.
  if (name === "externalId" && typeof value === "number")
    throw new TypeError(`accounts.find: externalId is a text: write String(${value}).`);
  if (name === "id") return { id: value };
  return name === "username" ? { username: value } : { externalId: value };
}

function limitIn(limit: unknown): number | undefined {
  if (limit === undefined) return undefined;
  if (typeof limit === "number" && limit >= 1 && (Number.isInteger(limit) || limit === Infinity))
    return limit;
  throw new TypeError(`accounts.list: limit must be a whole number from 1 on.`);
}

function afterIn(after: unknown): string | undefined {
  if (after === undefined || typeof after === "string") return after;
  throw new TypeError(`accounts.list: after must be the \`next\` of a page.`);
}

function rowsIn(rows: unknown): Iterable<unknown> | AsyncIterable<unknown> {
  const isList =
    typeof rows === "object" && rows !== null && (Symbol.iterator in rows || Symbol.asyncIterator in rows);
  if (!isList) throw new TypeError(`accounts.import takes a list or a stream of rows.`);
  return rows as Iterable<unknown>;
}

async function* numbered(rows: Iterable<unknown> | AsyncIterable<unknown>): AsyncIterable<NumberedRow> {
  let line = 0;
  for await (const given of rows) yield { line: line++, given };
}

const UNAVAILABLE =
  "Latchkey's database does not answer in time, or too many passwords wait to be checked: nothing was changed, or all of it. Try " +
  "again soon; `cause` says what failed.";
