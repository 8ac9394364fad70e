/** A flood of one account's rows, as the version before could leave it: the work on them stays bounded, on both engines. */
import { type Kysely, Migrator, sql } from "kysely";
import { describe, expect, it } from "vitest";
import { MAX_PENDING_LOGINS, MAX_SESSIONS } from "../../src/auth/policy.js";
import type { Location } from "../../src/storage/index.js";
import { wayIn } from "../../src/storage/migrations/001-way-in.js";
import { accountForLife } from "../../src/storage/migrations/002-account-for-life.js";
import { whyRefused } from "../../src/storage/migrations/003-why-refused.js";
import { serverClock } from "../../src/storage/migrations/004-server-clock.js";
import { storedKeys } from "../../src/storage/migrations/005-stored-keys.js";
import { growth } from "../../src/storage/migrations/006-growth.js";
import type { Tables } from "../../src/storage/tables.js";
import { ENGINES } from "../support/database.js";
import { directly, openForTest } from "../support/stores.js";

const FLOOD = 300_000;

const NUMBERS: Record<string, (count: number) => ReturnType<typeof sql>> = {
  SQLite: (count) =>
    sql`(with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(count)}) select n from numbers)`,
  PostgreSQL: (count) => sql`(select n from generate_series(1, ${sql.lit(count)}) as n)`,
};

/** This many live rows of alice's, each a millisecond newer than the one before, and two of bob's. */
async function flood(db: Kysely<Tables>, engine: string, kind: "pending" | "session"): Promise<void> {
  const numbers = NUMBERS[engine] as (count: number) => ReturnType<typeof sql>;
  const rows = (account: string, count: number) => sql`
    insert into sessions (id_hash, family, kind, account_id, methods, device, address, created_at, last_seen_at, expires_at)
    select ${sql.lit(account)} || n, ${sql.lit(account)} || n, ${sql.lit(kind)}, ${sql.lit(account)}, 'password', 'a browser',
      '127.0.0.1', n, n, 9000000000000
    from ${numbers(count)} as all_of_them`;
  await rows("alice", FLOOD).execute(db);
  await rows("bob", 2).execute(db);
}

const ACCOUNTS = sql`insert into accounts (id, username, password_hash, is_demo, created_at)
  values ('alice', 'alice', 'hash', 0, 1), ('bob', 'bob', 'hash', 0, 1)`;

/** Without the store's deadlines: this many rows take their time. */
const unhurried = <T>(location: Location, work: (db: Kysely<Tables>) => Promise<T>) =>
  directly(location, work, { unlimited: true });

const count = async (location: Location, account: string): Promise<number> => {
  const { rows } = await unhurried(location, (db) =>
    sql<{ total: number }>`
      select cast(count(*) as integer) as total from sessions where account_id = ${account}`.execute(db),
  );
  return rows[0]?.total ?? -1;
};

describe.each(ENGINES)("300,000 rows of one account on %s", (engine, emptyPlace) => {
  it.each(["pending", "session"] as const)("are cut to the cap by the migration: %s", async (kind) => {
    const location = await emptyPlace();
    await unhurried(location, async (db) => {
      const migrations = {
        "001-way-in": wayIn,
        "002-account-for-life": accountForLife,
        "003-why-refused": whyRefused,
        "004-server-clock": serverClock,
        "005-stored-keys": storedKeys,
        "006-growth": growth,
      };
      const provider = { getMigrations: async () => migrations };
      const { error } = await new Migrator({ db, provider }).migrateToLatest();
      if (error) throw error;
      await ACCOUNTS.execute(db);
      await flood(db, engine, kind);
    });
    const store = await openForTest(location, 30_000);
    expect(await count(location, "alice")).toBe(kind === "pending" ? MAX_PENDING_LOGINS : MAX_SESSIONS);
    expect(await count(location, "bob")).toBe(2);
    expect(await store.sessions.find(`alice${FLOOD}`)).toBeDefined();
    expect(await store.sessions.find("alice1")).toBeUndefined();
  });

  it("are trimmed in batches, and listed as the newest hundred", async () => {
    const location = await emptyPlace();
    const store = await openForTest(location, 30_000);
    await unhurried(location, async (db) => {
      await ACCOUNTS.execute(db);
      await flood(db, engine, "session");
    });
    const pool = { accountId: "alice", kind: "session", browser: null } as const;
    await store.sessions.trim(pool, 99, 100);
    expect(await count(location, "alice")).toBe(FLOOD - 100);
    const live = await store.sessions.live("alice", 1, 0, 100);
    expect(live).toHaveLength(100);
    expect(live[0]?.idHash).toBe(`alice${FLOOD}`);
    expect(await store.sessions.find(`alice${FLOOD - 98}`)).toBeDefined();
    expect(await store.sessions.find(`alice${FLOOD - 99}`)).toBeUndefined();
    expect(await count(location, "bob")).toBe(2);
  });
});

describe.each(ENGINES)("300,000 rows of 2,500 accounts on %s", (engine, emptyPlace) => {
  it("stay out of a revocation of all sessions but one of one account", async () => {
    const location = await emptyPlace();
    const store = await openForTest(location, 30_000);
    const numbers = NUMBERS[engine] as (count: number) => ReturnType<typeof sql>;
    await unhurried(location, async (db) => {
      await sql`insert into accounts (id, username, password_hash, is_demo, created_at)
        select 'account ' || n, 'account ' || n, 'hash', 0, 1 from ${numbers(2_500)} as all_of_them`.execute(
        db,
      );
      await sql`
        insert into sessions (id_hash, family, kind, account_id, methods, device, address, created_at, last_seen_at, expires_at)
        select n, n, case when n % 6 = 0 then 'pending' else 'session' end, 'account ' || (n % 2500 + 1), 'password',
          'a browser', '127.0.0.1', n, n, 9000000000000
        from ${numbers(FLOOD)} as all_of_them`.execute(db);
    });
    await store.transaction((tx) => tx.sessions.revokeAllExcept("account 8", 5, "7"));
    const { rows } = await unhurried(location, (db) =>
      sql<{ account_id: string; id_hash: string }>`
        select account_id, id_hash from sessions where ended_at is not null or id_hash = '7'`.execute(db),
    );
    expect(rows).toHaveLength(120);
    expect(new Set(rows.map(({ account_id }) => account_id))).toEqual(new Set(["account 8"]));
    expect((await store.sessions.find("7"))?.endedAt).toBeNull();
  });
});
