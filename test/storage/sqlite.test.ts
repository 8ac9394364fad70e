/** The embedded engine: the contract, and what is particular to a file. */
import { statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/auth/store.js";
import { databaseFile, openStore } from "../../src/storage/index.js";
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
