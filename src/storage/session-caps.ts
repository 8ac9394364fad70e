/**
 * Caps on session rows: deletes what a pool has beyond its cap, the least recently used first.
 * Tests: test/storage/store.test.ts, test/security/piled-up.test.ts
 */
import type { Kysely } from "kysely";
import type { SessionPool } from "../auth/store.js";
import { compiled, type Value } from "./compiled-queries.js";
import type { Tables } from "./tables.js";

interface Surplus extends SessionPool {
  max: number;
  limit: number;
}

/**
 * Deletes the rows beyond the `max` most recently used. It walks an index from its newest end, so it reads only rows that stay or
 * go.
 */
const trimQuery = (isWithoutBrowser: boolean) =>
  compiled((db, value: Value<Surplus>) =>
    db.deleteFrom("sessions").where("id_hash", "in", ({ selectFrom }) =>
      selectFrom("sessions")
        .select("id_hash")
        .where("account_id", "=", value("accountId"))
        .where("kind", "=", value("kind"))
        .where((row) =>
          isWithoutBrowser ? row("browser", "is", null) : row("browser", "=", value("browser")),
        )
        .orderBy("last_seen_at", "desc")
        .limit(value("limit"))
        .offset(value("max")),
    ),
  );
const trimWithoutBrowser = trimQuery(true);
const trimOfBrowser = trimQuery(false);

/** Deletes what a pool has beyond its cap, at most `limit` rows. */
export async function trimPool(db: Kysely<Tables>, surplus: Surplus): Promise<void> {
  await (surplus.browser === null ? trimWithoutBrowser(db, surplus) : trimOfBrowser(db, surplus));
}
