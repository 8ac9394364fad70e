/** Rows of pending logins and sessions as the records that rules read. Tests: test/storage/store.test.ts */
import type { Selectable } from "kysely";
import type { PasswordProof, SessionKind, SessionRow } from "../auth/store.js";
import type { Tables } from "./tables.js";

export function toPasswordProof(row: Selectable<Tables["sessions"]>): PasswordProof | null {
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
    codes:
      row.sealed_codes === null || row.codes_until === null
        ? null
        : { sealed: row.sealed_codes, until: row.codes_until },
  };
}
