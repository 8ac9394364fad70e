/** Rows of accounts as the records that rules read, and back. Tests: test/storage/store.test.ts */
import { type Kysely, type Selectable, sql } from "kysely";
import type { Account, AccountChanges, AccountSummary } from "../auth/store.js";
import { countRows } from "./columns.js";
import type { Tables } from "./tables.js";
import { failures, SECOND_FACTOR_POOLS } from "./throttle.js";

/** Accounts with what the operator's list shows of each. */
export function summaries(db: Kysely<Tables>) {
  return db
    .selectFrom("accounts")
    .selectAll("accounts")
    .select(({ selectFrom }) => [
      selectFrom("authenticators")
        .select(countRows.as("total"))
        .whereRef("account_id", "=", "accounts.id")
        .as("authenticators"),
      selectFrom("recovery_codes")
        .select(countRows.as("total"))
        .whereRef("account_id", "=", "accounts.id")
        .where("used_at", "is", null)
        .where("ended_at", "is", null)
        .as("recovery_codes"),
      selectFrom("links")
        .select(({ fn }) => fn.max("expires_at").as("latest"))
        .whereRef("account_id", "=", "accounts.id")
        .where("kind", "=", "invitation")
        .where("ended_at", "is", null)
        .as("invitation_expires_at"),
      selectFrom("throttle")
        .select(failures.as("total"))
        .whereRef("account_id", "=", "accounts.id")
        .where("pool", "like", SECOND_FACTOR_POOLS)
        .as("failures"),
      selectFrom("throttle")
        .select(({ fn }) => fn.max("delayed_until").as("longest"))
        .whereRef("account_id", "=", "accounts.id")
        .where("pool", "like", SECOND_FACTOR_POOLS)
        .as("delayed_until"),
    ]);
}

type SummaryRow = Awaited<ReturnType<ReturnType<typeof summaries>["execute"]>>[number];

export function toSummary(row: SummaryRow): AccountSummary {
  return {
    ...toAccount(row),
    authenticators: row.authenticators ?? 0,
    recoveryCodes: row.recovery_codes ?? 0,
    invitationExpiresAt: row.invitation_expires_at ?? null,
    failures: row.failures ?? 0,
    // 0 means that no delay has begun.
    delayedUntil: row.delayed_until || null,
  };
}

/** The columns that a change sets. */
export function columnsOf({ username, externalId, email, emailConfirmed, name, groups }: AccountChanges) {
  return {
    // An update must set something: with nothing else to change, this changes nothing.
    epoch: sql.ref<number>("epoch"),
    ...(username !== undefined && { username }),
    ...(externalId !== undefined && { external_id: externalId }),
    ...(email !== undefined && { email }),
    ...(emailConfirmed !== undefined && { email_confirmed: emailConfirmed ? 1 : 0 }),
    ...(name !== undefined && { name }),
    ...(groups !== undefined && { groups: groupsAsText(groups) }),
  };
}

export function groupsAsText(groups: readonly string[]): string | null {
  return groups.length === 0 ? null : JSON.stringify(groups);
}

/** The groups of an account's row. */
export function groupsIn(stored: string | null): readonly string[] {
  return stored === null ? [] : JSON.parse(stored);
}

export function toAccount(row: Selectable<Tables["accounts"]>): Account {
  return {
    id: row.id,
    username: row.username,
    passwordHash: row.password_hash,
    isDemo: row.is_demo === 1,
    createdAt: row.created_at,
    secondFactorSince: row.second_factor_since,
    credentialVersion: row.epoch,
    disabledAt: row.disabled_at,
    lastSignInAt: row.last_sign_in_at,
    externalId: row.external_id,
    email: row.email,
    emailConfirmed: row.email_confirmed === 1,
    name: row.name,
    groups: groupsIn(row.groups),
    needsLink: row.needs_link === 1,
  };
}
