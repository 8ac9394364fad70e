/**
 * Imports people from another system: each row is one transaction, so that a bad one is named and left out and the rest goes in. A
 * second run changes nothing.
 * Tests: test/import/import.test.ts, test/import/pace.test.ts, test/security/imported-rows.test.ts
 */

import { defaultName } from "../authenticators/authenticator-name.js";
import { sealSecret } from "../authenticators/secrets.js";
import { createPace } from "../batches.js";
import { type AuthContext, newId } from "../context.js";
import { MAX_DRY_RUN_NAMES, MAX_LISTED_REFUSALS } from "../policy.js";
import { newAccount } from "../sign-in/new-account.js";
import type { Store } from "../store.js";
import { inTransaction } from "../transaction.js";
import { aboutActOn } from "./change-account.js";
import { type ImportedPerson, readPerson } from "./import-rows.js";
import type { ImportedSecret } from "./totp-secret.js";

/** A row with its place; `problem`: nothing could be read there. */
export type NumberedRow = { line: number } & ({ given: unknown } | { problem: string });

export interface RefusedRow {
  line: number;
  username?: string;
  message: string;
}

export interface ImportReport {
  imported: number;
  /** There already, by username or externalId: left as they are. */
  skipped: number;
  /** At most the first 10,000. */
  refused: RefusedRow[];
  /** How many more were refused than are listed; left out without any. */
  moreRefused?: number;
}

/**
 * Rows are read one after the other, and none is kept. After each stretch of work it rests for as long, so that requests and other
 * nodes come through; the fast hashes that need an argon2id are computed one at a time.
 * @param dryRun writes nothing, and reports what would happen
 * @throws StoreUnavailable, and what `rows` throws; the rows before it are in then, and a second run goes on from there
 */
export async function importAccounts(
  auth: AuthContext,
  rows: Iterable<NumberedRow> | AsyncIterable<NumberedRow>,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<ImportReport> {
  const report = { imported: 0, skipped: 0, refused: [] as RefusedRow[] };
  let moreRefused = 0;
  const seen = dryRun ? new SeenPeople() : undefined;
  const rest = createPace();
  for await (const row of rows) {
    const read = "problem" in row ? row : readPerson(row.given);
    if ("person" in read) report[await importPerson(auth, read.person, seen)] += 1;
    else if (report.refused.length < MAX_LISTED_REFUSALS) {
      const { problem: message, username } = { username: undefined, ...read };
      report.refused.push({ line: row.line, ...(username !== undefined && { username }), message });
    } else moreRefused += 1;
    await rest();
  }
  return moreRefused > 0 ? { ...report, moreRefused } : report;
}

/** @param seen of a dry run */
async function importPerson(
  auth: AuthContext,
  person: ImportedPerson,
  seen: SeenPeople | undefined,
): Promise<"imported" | "skipped"> {
  // First by reading, which a second run mostly does: no hash is computed and nothing is locked for it.
  if (await isThere(auth.store, person)) return "skipped";
  if (seen) return seen.add(person) ? "imported" : "skipped";
  const passwordHash = (await person.hash?.toStored()) ?? "";
  return inTransaction(auth, async ({ auth, store, record }) => {
    const { username, hash, totp, ...attributes } = person;
    const account = { ...newAccount(auth, username, passwordHash), ...attributes };
    if (totp) account.secondFactorSince = auth.clock();
    if (!(await store.accounts.add(account, hash?.cost))) return "skipped";
    if (totp) await addAuthenticator(auth, store, account.id, totp);
    await record({ type: "account-imported", ...aboutActOn(auth, account) });
    return "imported";
  });
}

async function isThere({ accounts }: Store, { username, externalId }: ImportedPerson): Promise<boolean> {
  if (await accounts.byUsername(username)) return true;
  return externalId !== null && (await accounts.byExternalId(externalId)) !== undefined;
}

/** The secret as a confirmed authenticator. No time step is spent yet: the other system's are not known. */
async function addAuthenticator(
  auth: AuthContext,
  store: Store,
  accountId: string,
  { secret, label }: ImportedSecret,
): Promise<void> {
  const now = auth.clock();
  const id = newId(auth.random);
  await store.authenticators.add({
    id,
    accountId,
    name: defaultName([], auth.unnamedApp),
    number: (await store.accounts.nextEnrolment(accountId)) ?? 1,
    sealedSecret: sealSecret(auth, { accountId, authenticatorId: id }, secret),
    lastStep: 0,
    createdAt: now,
    lastUsedAt: now,
    driftSeconds: null,
    label,
  });
}

/** The people of a dry run so far, so that one who is there twice counts once. It knows the first million. */
class SeenPeople {
  readonly #keys = new Set<string>();

  /** False when the name or the host's id was there before. */
  add({ username, externalId }: ImportedPerson): boolean {
    const keys = [`n${username}`, ...(externalId === null ? [] : [`i${externalId}`])];
    if (keys.some((key) => this.#keys.has(key))) return false;
    if (this.#keys.size < MAX_DRY_RUN_NAMES) for (const key of keys) this.#keys.add(key);
    return true;
  }
}
