/** SQLite: what is particular to a file. What every store does is in ../store.test.ts. */
import { readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../../src/auth/store.js";
import { databaseFile, openStore } from "../../../src/storage/index.js";
import { openSqlite } from "../../../src/storage/sqlite/file.js";
import { newFolder } from "../../support/new-folder.js";

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
    expect(await second.throttle.secondFactorFailures("account")).toBe(1);
    await second.close();
  });

  it("is refused when it is no database", async () => {
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

  it("waits for another process's lock, and says unavailable within two seconds", async () => {
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

  it("is written when the lock is released in time", async () => {
    const folder = newFolder();
    const store = await openStore({ dataDir: folder });
    const other = new DatabaseSync(databaseFile(folder));
    other.exec("begin immediate");
    setTimeout(() => other.exec("rollback"), 200);
    await store.transaction((tx) => tx.throttle.clear("pool"));
    other.close();
    await store.close();
  });

  it("is read with new statements once another process has changed its tables", async () => {
    const folder = newFolder();
    const store = await openStore({ dataDir: folder });
    await store.sealed.insertOrGet("a key", "sealed");
    const db = openSqlite(databaseFile(folder));
    const read = () => db.selectFrom("stored_keys").selectAll().execute();
    const before = { name: "a key", sealed_key: "sealed" };
    expect(await read()).toEqual([before]);
    const other = new DatabaseSync(databaseFile(folder));
    other.exec("alter table stored_keys add column note text default 'new'");
    expect(await read()).toEqual([{ ...before, note: "new" }]);
    other.exec("alter table stored_keys rename to old_keys");
    await expect(read()).rejects.toThrow(/no such table/);
    other.exec("create table stored_keys (name text primary key)");
    expect(await read()).toEqual([]);
    other.close();
    await db.destroy();
    await store.close();
  });

  it("is one file again once it is closed, although statements were prepared", async () => {
    const folder = newFolder();
    const store = await openStore({ dataDir: folder });
    await store.throttle.count("pool", { free: 5, delays: [1], window: null }, 1);
    await store.accounts.byUsername("anybody");
    expect(readdirSync(folder)).toHaveLength(3);
    await store.close();
    expect(readdirSync(folder)).toEqual([path.basename(databaseFile(folder))]);
  });

  it("is free for others once a prepared statement has failed", async () => {
    const folder = newFolder();
    const store = await openStore({ dataDir: folder });
    const db = openSqlite(databaseFile(folder));
    const add = () => db.insertInto("stored_keys").values({ name: "one", sealed_key: "sealed" }).execute();
    await add();
    await expect(add()).rejects.toThrow(/UNIQUE/);
    await expect(add()).rejects.toThrow(/UNIQUE/);
    // A statement that was still in use would keep what it reads from being written back.
    const other = new DatabaseSync(databaseFile(folder));
    expect(other.prepare("pragma wal_checkpoint(truncate)").get()).toMatchObject({ busy: 0, log: 0 });
    other.close();
    await db.destroy();
    await store.close();
  });
});
