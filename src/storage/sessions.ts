/**
 * Stores pending logins and sessions, a row each. Ending one leaves a tombstone that no statement changes.
 * Tests: test/storage/store.test.ts
 */
import type { Kysely } from "kysely";
import type { SessionRow, Store } from "../auth/store.js";
import { countRows } from "./columns.js";
import { compiled, type Value } from "./compiled-queries.js";
import { trimPool } from "./session-caps.js";
import { findWithAccount, toFoundSession, toSession } from "./session-rows.js";
import type { Tables } from "./tables.js";

const insert = compiled((db, value: Value<Omit<SessionRow, "codes">>) =>
  db.insertInto("sessions").values({
    id_hash: value("idHash"),
    kind: value("kind"),
    account_id: value("accountId"),
    family: value("family"),
    next: value("next"),
    methods: value("methods"),
    stepped_up_at: value("steppedUpAt"),
    device: value("device"),
    address: value("address"),
    created_at: value("createdAt"),
    last_seen_at: value("lastSeenAt"),
    expires_at: value("expiresAt"),
    ended_at: value("endedAt"),
    data: value("data"),
    browser: value("browser"),
    last_refusal: value("lastRefusal"),
    login_name: value("loginName"),
  }),
);

const findLive = compiled((db, value: Value<{ idHash: string; now: number }>) =>
  db
    .selectFrom("sessions")
    .select("id_hash")
    .where("id_hash", "=", value("idHash"))
    .where("ended_at", "is", null)
    .where("expires_at", ">", value("now")),
);

const findSteppedUp = compiled((db, value: Value<{ idHash: string; now: number; steppedUpSince: number }>) =>
  db
    .selectFrom("sessions")
    .select("id_hash")
    .where("id_hash", "=", value("idHash"))
    .where("ended_at", "is", null)
    .where("expires_at", ">", value("now"))
    .where("stepped_up_at", ">", value("steppedUpSince")),
);

const writeData = compiled((db, value: Value<{ idHash: string; data: string }>) =>
  db
    .updateTable("sessions")
    .set({ data: value("data") })
    .where("id_hash", "=", value("idHash"))
    .where("ended_at", "is", null),
);

const setLastRefusal = compiled((db, value: Value<{ idHash: string; refusal: string }>) =>
  db
    .updateTable("sessions")
    .set({ last_refusal: value("refusal") })
    .where("id_hash", "=", value("idHash"))
    .where("ended_at", "is", null),
);

/** What a tombstone keeps nothing of. */
const WIPED = { data: "", sealed_codes: null, codes_until: null, login_name: null };

/**
 * Marks a completed pending login, in place of a browser's id. No cap trims these rows: each has cost a correct code, and pruning
 * removes it once it has expired.
 */
const COMPLETED = "completed";

/** How many tombstones one call deletes at most: far more than one sign-in leaves. */
const MAX_TOMBSTONES_DELETED = 100;

export function sessionStore(db: Kysely<Tables>): Store["sessions"] {
  return {
    async open(row) {
      await insert(db, row);
    },

    async trim(rows, max, limit) {
      await trimPool(db, { ...rows, max, limit });
    },

    async trimTombstones(accountId, family, max) {
      await db
        .deleteFrom("sessions")
        .where("id_hash", "in", ({ selectFrom }) =>
          selectFrom("sessions")
            .select("id_hash")
            .where("family", "=", family)
            .where("account_id", "=", accountId)
            .where("kind", "=", "session")
            .where("ended_at", "is not", null)
            .orderBy("ended_at", "desc")
            .limit(MAX_TOMBSTONES_DELETED)
            .offset(max),
        )
        .execute();
    },

    async find(idHash) {
      const { rows } = await findWithAccount(db, { idHash });
      return rows[0] && toFoundSession(rows[0]);
    },

    async live(accountId, now, idleSince, limit) {
      const rows = await db
        .selectFrom("sessions")
        .selectAll()
        .where("account_id", "=", accountId)
        .where("kind", "=", "session")
        .where("ended_at", "is", null)
        .where("expires_at", ">", now)
        .where("last_seen_at", ">", idleSince)
        .orderBy("created_at", "desc")
        .orderBy("id_hash")
        .limit(limit)
        .execute();
      return rows.map(toSession);
    },

    async countBatch(after, idleSince, limit) {
      const last = await db
        .selectFrom("sessions")
        .select("expires_at")
        .where("expires_at", ">", after)
        .orderBy("expires_at")
        .limit(1)
        .offset(limit - 1)
        .executeTakeFirst();
      let part = db
        .selectFrom("sessions")
        .select(countRows.as("total"))
        .where("kind", "=", "session")
        .where("ended_at", "is", null)
        .where("expires_at", ">", after)
        .where("last_seen_at", ">", idleSince);
      if (last) part = part.where("expires_at", "<=", last.expires_at);
      const { total } = await part.executeTakeFirstOrThrow();
      return { total, upTo: last?.expires_at };
    },

    async isLive(idHash, now, steppedUpSince) {
      const { rows } =
        steppedUpSince === undefined
          ? await findLive(db, { idHash, now })
          : await findSteppedUp(db, { idHash, now, steppedUpSince });
      return rows.length > 0;
    },

    async end(idHash, now, kind) {
      let update = db
        .updateTable("sessions")
        .set({ ended_at: now, ...WIPED })
        .where("id_hash", "=", idHash)
        .where("ended_at", "is", null);
      if (kind) update = update.where("kind", "=", kind).where("expires_at", ">", now);
      const { numUpdatedRows } = await update.executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async complete(idHash, now) {
      const { numUpdatedRows } = await db
        .updateTable("sessions")
        .set({ ended_at: now, data: "", login_name: null, browser: COMPLETED })
        .where("id_hash", "=", idHash)
        .where("kind", "=", "pending")
        .where("ended_at", "is", null)
        .where("expires_at", ">", now)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async revokeFamily(accountId, family, now) {
      const { numUpdatedRows } = await db
        .updateTable("sessions")
        .set({ ended_at: now, ...WIPED })
        .where("account_id", "=", accountId)
        .where("family", "=", family)
        .where("ended_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async revokeAllExcept(accountId, now, keepHash) {
      let update = db
        .updateTable("sessions")
        .set({ ended_at: now, ...WIPED })
        .where("account_id", "=", accountId)
        .where("ended_at", "is", null);
      if (keepHash !== undefined) update = update.where("id_hash", "!=", keepHash);
      await update.execute();
    },

    async setNext(idHash, next) {
      const { numUpdatedRows } = await db
        .updateTable("sessions")
        .set({ next })
        .where("id_hash", "=", idHash)
        .where("kind", "=", "pending")
        .where("ended_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async shortenPending(accountId, lifetime) {
      await db
        .updateTable("sessions")
        .set(({ eb }) => ({ expires_at: eb("created_at", "+", lifetime) }))
        .where("account_id", "=", accountId)
        .where("kind", "=", "pending")
        .where("ended_at", "is", null)
        .where(({ eb }) => eb("expires_at", ">", eb("created_at", "+", lifetime)))
        .execute();
    },

    async noteRefusal(idHash, refusal) {
      await setLastRefusal(db, { idHash, refusal });
    },

    async setPasswordProof(idHash, proof) {
      await db
        .updateTable("sessions")
        .set({
          password_proved_at: proof?.at ?? null,
          password_proved_epoch: proof?.credentialVersion ?? null,
        })
        .where("id_hash", "=", idHash)
        .where("ended_at", "is", null)
        .execute();
    },

    async seen(idHash, now) {
      await db
        .updateTable("sessions")
        .set({ last_seen_at: now })
        .where("id_hash", "=", idHash)
        .where("ended_at", "is", null)
        .where("last_seen_at", "<", now)
        .execute();
    },

    async write(idHash, data) {
      const { numAffectedRows } = await writeData(db, { idHash, data });
      return numAffectedRows === 1n;
    },

    async prune(now, limit) {
      const expired = db.selectFrom("sessions").select("id_hash").where("expires_at", "<=", now).limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom("sessions")
        .where("id_hash", "in", expired)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
