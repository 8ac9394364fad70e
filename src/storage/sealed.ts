/**
 * Stores and lists every encrypted ("sealed") value, in whichever table it is, so that a key rotation can re-encrypt them all.
 * Tests: test/storage/store.test.ts, test/auth/operator/key-rotation.test.ts
 */
import { type Kysely, sql } from "kysely";
import type { SealedKind, Store } from "../auth/store.js";
import { countRows } from "./columns.js";
import type { Tables } from "./tables.js";

/** The table and the columns of one kind of sealed value. */
interface SealedColumn {
  table: string;
  id: string;
  sealed: string;
  /** The account that the value belongs to. */
  account?: string;
}

const COLUMNS: Record<SealedKind, SealedColumn> = {
  authenticator: { table: "authenticators", id: "id", sealed: "sealed_secret", account: "account_id" },
  enrolment: { table: "enrolments", id: "authenticator_id", sealed: "sealed_secret", account: "account_id" },
  "recovery-codes": { table: "sessions", id: "id_hash", sealed: "sealed_codes", account: "account_id" },
  key: { table: "stored_keys", id: "name", sealed: "sealed_key" },
};

export function sealedStore(db: Kysely<Tables>): Store["sealed"] {
  return {
    async insertOrGet(name, sealed) {
      await db
        .insertInto("stored_keys")
        .values({ name, sealed_key: sealed })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .execute();
      const { sealed_key } = await db
        .selectFrom("stored_keys")
        .select("sealed_key")
        .where("name", "=", name)
        .executeTakeFirstOrThrow();
      return sealed_key;
    },

    async keyNames(kind) {
      const { table, sealed } = COLUMNS[kind];
      const name = keyName(sealed);
      // A recursive query jumps through the index from one key name to the next: a few names over up to a million secrets.
      const { rows } = await sql<{ name: string }>`
        with recursive names(name) as (
          select (select ${name} from ${sql.table(table)} where ${isSealed(sealed)} order by ${name} limit 1)
          union all
          select (
            select ${name} from ${sql.table(table)}
            where ${isSealed(sealed)} and ${name} > names.name order by ${name} limit 1
          )
          from names where names.name is not null
        )
        select name from names where name is not null`.execute(db);
      return rows.map(({ name }) => name);
    },

    async notBy(name, kind, limit, after = "") {
      const { table, id, sealed, account } = COLUMNS[kind];
      const { rows } = await sql<{ id: string; account: string; sealed: string }>`
        select ${sql.ref(id)} as id, ${account ? sql.ref(account) : sql.lit("")} as account, ${sql.ref(sealed)} as sealed
        from ${sql.table(table)}
        where ${isSealed(sealed)} and ${keyName(sealed)} != ${name} and ${sql.ref(id)} > ${after}
        order by ${sql.ref(id)} limit ${sql.lit(limit)}`.execute(db);
      return rows.map(({ id, account, sealed }) => ({ kind, id, accountId: account, sealed }));
    },

    async countBy(name, kind) {
      const { table, sealed } = COLUMNS[kind];
      const { rows } = await sql<{ total: number }>`
        select ${countRows} as total from ${sql.table(table)}
        where ${isSealed(sealed)} and ${keyName(sealed)} = ${name}`.execute(db);
      return rows[0]?.total ?? 0;
    },

    async replace({ kind, id, sealed: old }, sealed) {
      const column = COLUMNS[kind];
      const { numAffectedRows } = await sql`
        update ${sql.table(column.table)} set ${sql.ref(column.sealed)} = ${sealed}
        where ${sql.ref(column.id)} = ${id} and ${sql.ref(column.sealed)} = ${old}`.execute(db);
      return numAffectedRows === 1n;
    },
  };
}

/** Sessions have no codes but for a while, and their index has only rows with codes. */
function isSealed(column: string) {
  return sql<boolean>`${sql.ref(column)} is not null`;
}

/** The name of the key that sealed a value: its first 8 characters, before the first dot. An index has this very expression. */
function keyName(column: string) {
  return sql<string>`substr(${sql.ref(column)}, 1, 8)`;
}
