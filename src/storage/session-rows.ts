/** Rows of pending logins and sessions as the records that rules read. Tests: test/storage/store.test.ts */
import type { Selectable } from "kysely";
import type { PasswordProof, SessionKind, SessionRow, SessionWithAccount } from "../auth/store.js";
import { groupsIn } from "./account-rows.js";
import { compiled, type Value } from "./compiled-queries.js";
import type { Tables } from "./tables.js";

/** A session or pending login, with what a request needs of its account. */
export const findWithAccount = compiled((db, value: Value<{ idHash: string }>) =>
  db
    .selectFrom("sessions")
    .innerJoin("accounts", "accounts.id", "sessions.account_id")
    .selectAll("sessions")
    .select([
      "accounts.username",
      "accounts.is_demo",
      "accounts.disabled_at",
      "accounts.epoch",
      "accounts.second_factor_since",
      "accounts.external_id",
      "accounts.email",
      "accounts.name",
      "accounts.groups",
      "accounts.needs_link",
      "accounts.password_hash",
    ])
    .where("id_hash", "=", value("idHash")),
);

type FoundRow = Awaited<ReturnType<typeof findWithAccount>>["rows"][number];

export function toFoundSession(row: FoundRow): SessionWithAccount {
  return {
    ...toSession(row),
    username: row.username,
    isDemo: row.is_demo === 1,
    isSettingUp: row.second_factor_since === null,
    disabled: row.disabled_at !== null,
    credentialVersion: row.epoch,
    passwordProof: toPasswordProof(row),
    externalId: row.external_id,
    email: row.email,
    name: row.name,
    groups: groupsIn(row.groups),
    needsLink: row.needs_link === 1,
    hasPassword: row.password_hash !== "",
  };
}

function toPasswordProof(row: Selectable<Tables["sessions"]>): PasswordProof | null {
  const { password_proved_at: at, password_proved_epoch: credentialVersion } = row;
  return at === null || credentialVersion === null ? null : { at, credentialVersion };
}

export function toSession(row: Selectable<Tables["sessions"]>): SessionRow {
  return {
    idHash: row.id_hash,
    kind: row.kind as SessionKind,
    accountId: row.account_id,
    family: row.family,
    next: row.next,
    methods: row.methods,
    steppedUpAt: row.stepped_up_at,
    device: row.device,
    address: row.address,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    data: row.data,
    browser: row.browser,
    lastRefusal: row.last_refusal,
    loginName: row.login_name,
    codes:
      row.sealed_codes === null || row.codes_until === null
        ? null
        : { sealed: row.sealed_codes, until: row.codes_until },
  };
}
