/** The embedded engine: the contract, and what is particular to a file. */
import { statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { Migrator } from "kysely";
import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/auth/store.js";
import { databaseFile, openStore } from "../../src/storage/index.js";
import { wayIn } from "../../src/storage/migrations/001-way-in.js";
import { openSqlite } from "../../src/storage/sqlite.js";
import { newFolder } from "../support/new-folder.js";
import { storeContract } from "./contract.js";

storeContract("SQLite", () => openStore({ dataDir: newFolder() }));

describe("the database file", () => {
  it("is readable by its owner alone", async () => {
    const folder = path.join(newFolder(), "data");
    const store = await openStore({ dataDir: folder });
    await store.accounts.byId("anybody");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(databaseFile(folder)).mode & 0o777).toBe(0o600);
    expect(statSync(`${databaseFile(folder)}-wal`).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it("keeps what was written when it is opened again", async () => {
    const folder = newFolder();
    const first = await openStore({ dataDir: folder });
    await first.throttle.count("second-factor", { free: 5, delays: [1], window: null }, 1, "account");
    await first.close();
    const second = await openStore({ dataDir: folder });
    expect(await second.throttle.standing("account")).toBe(1);
    await second.close();
  });

  it("is refused when it is none", async () => {
    const folder = newFolder();
    const text = "this is no database, and long enough to be looked at as one";
    writeFileSync(databaseFile(folder), text, { mode: 0o600 });
    await expect(openStore({ dataDir: folder })).rejects.toThrow(/not a database/);
  });

  it("is refused when a newer version made it", async () => {
    const folder = newFolder();
    await (await openStore({ dataDir: folder })).close();
    const file = new DatabaseSync(databaseFile(folder));
    file.exec("insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2030-01-01')");
    file.close();
    await expect(openStore({ dataDir: folder })).rejects.toThrow(/made by a newer version of Latchkey/);
  });

  it("waits for another process's lock, then says unavailable within two seconds", async () => {
    const folder = newFolder();
    const store = await openStore({ dataDir: folder });
    const other = new DatabaseSync(databaseFile(folder));
    other.exec("begin immediate");
    const asked = performance.now();
    const write = store.throttle.clear("pool");
    // Reading goes on meanwhile, and so does the event loop.
    expect(await store.accounts.byUsername("nobody")).toBeUndefined();
    await expect(write).rejects.toBeInstanceOf(StoreUnavailable);
    expect(performance.now() - asked).toBeLessThan(2_000);
    other.exec("rollback");
    await store.throttle.clear("pool");
    other.close();
    await store.close();
  });

  it("gets through when the lock is given up in time", async () => {
    const folder = newFolder();
    const store = await openStore({ dataDir: folder });
    const other = new DatabaseSync(databaseFile(folder));
    other.exec("begin immediate");
    setTimeout(() => other.exec("rollback"), 200);
    await store.transaction((tx) => tx.throttle.clear("pool"));
    other.close();
    await store.close();
  });
});

describe("a database of the first version", () => {
  it("is brought up to date, with what its rows stood for", async () => {
    const folder = await firstVersion();
    const store = await openStore({ dataDir: folder });
    const newcomer = { secondFactorSince: null, epoch: 0, disabledAt: null, lastSignInAt: null };
    expect(await store.accounts.byId("alice")).toEqual({
      id: "alice",
      username: "alice",
      passwordHash: "hash",
      isDemo: false,
      createdAt: 1,
      ...newcomer,
      secondFactorSince: 2,
    });
    expect(await store.accounts.byId("bob")).toMatchObject(newcomer);
    expect(await store.authenticators.of("alice")).toEqual([
      {
        id: "app",
        accountId: "alice",
        name: "Authenticator app",
        number: 1,
        sealedSecret: "sealed",
        lastStep: 100,
        createdAt: 2,
        lastUsedAt: 3,
        driftSeconds: null,
      },
    ]);
    expect(await store.enrolments.of("bob's login")).toEqual({
      sessionHash: "bob's login",
      accountId: "bob",
      authenticatorId: "app 2",
      number: 1,
      sealedSecret: "sealed 2",
      createdAt: 6,
    });
    // A session was opened by both factors; a pending login never was.
    expect(await store.sessions.find("alice's session")).toMatchObject({ steppedUpAt: 4, createdAt: 4 });
    expect(await store.sessions.find("bob's login")).toMatchObject({ steppedUpAt: null });
    expect(await store.sessions.isLive("alice's session", 5, 3)).toBe(true);
    expect(await store.sessions.find("alice's session")).toMatchObject({ family: "alice's login" });
    expect(await store.sessions.find("bob's login")).toMatchObject({ family: "bob's login" });
    expect(await store.throttle.standing("alice")).toBe(3);
    await store.close();
  });

  it("numbers the next authenticator after those that it has, confirmed or not", async () => {
    const store = await openStore({ dataDir: await firstVersion() });
    expect(await store.accounts.nextEnrolment("alice")).toBe(2);
    expect(await store.accounts.nextEnrolment("bob")).toBe(2);
    expect(await store.accounts.nextEnrolment("carol")).toBe(1);
    await store.close();
  });

  it("is left as it was when bringing it up to date fails, and can be brought up to date later", async () => {
    const folder = await firstVersion();
    const file = new DatabaseSync(databaseFile(folder));
    file.exec("create table history (id text)");
    await expect(openStore({ dataDir: folder })).rejects.toThrow(/history/);
    const columns = file.prepare("select name from pragma_table_info('accounts')").all();
    expect(columns).not.toContainEqual({ name: "epoch" });
    file.exec("drop table history");
    file.close();
    const store = await openStore({ dataDir: folder });
    expect(await store.accounts.byId("alice")).toMatchObject({ epoch: 0 });
    await store.close();
  });

  it("is brought up to date once, when two start at the same time", async () => {
    const folder = await firstVersion();
    const stores = await Promise.all([openStore({ dataDir: folder }), openStore({ dataDir: folder })]);
    for (const store of stores) expect(await store.accounts.byId("alice")).toMatchObject({ epoch: 0 });
    for (const store of stores) await store.close();
  });
});

/** A data directory as the first version of Latchkey left it: Alice has set up her app, Bob is at it, Carol is new. */
async function firstVersion(): Promise<string> {
  const folder = newFolder();
  const db = openSqlite(databaseFile(folder));
  const provider = { getMigrations: async () => ({ "001-way-in": wayIn }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
  await db.destroy();
  const file = new DatabaseSync(databaseFile(folder));
  file.exec(`
    insert into accounts (id, username, password_hash, is_demo, created_at, second_factor_since) values
      ('alice', 'alice', 'hash', 0, 1, 2), ('bob', 'bob', 'hash', 0, 1, null), ('carol', 'carol', 'hash', 0, 1, null);
    insert into authenticators (id, account_id, name, sealed_secret, last_step, created_at, last_used_at) values
      ('app', 'alice', 'Authenticator app', 'sealed', 100, 2, 3);
    insert into sessions (id_hash, opened_from, kind, account_id, methods, device, address, created_at, last_seen_at, expires_at)
      values ('alice''s session', 'alice''s login', 'session', 'alice', 'password totp', 'a browser', '127.0.0.1', 4, 5, 99),
        ('bob''s login', null, 'pending', 'bob', 'password', 'a browser', '127.0.0.1', 5, 5, 99);
    insert into enrolments (session_hash, account_id, authenticator_id, sealed_secret, created_at) values
      ('bob''s login', 'bob', 'app 2', 'sealed 2', 6);
    insert into throttle (pool, account_id, failures, since, delayed_until) values
      ('second-factor alice', 'alice', 3, 1, 0);
  `);
  file.close();
  return folder;
}
