/** `latchkey doctor` on the database: missing, not ours, too new, forgetful, out of reach. It never makes one. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { databaseFile, openStore } from "../../../src/storage/index.js";
import { emptyDatabase, newDatabase, postgresServer } from "../../support/database.js";
import { findings, findingsOf } from "../../support/doctor.js";
import { newFolder } from "../../support/new-folder.js";
import { ask, startPostgres } from "../../support/postgres.js";
import { openWorld } from "../../support/world.js";

describe("the database check", () => {
  it("makes no folder, file or key when there is no database", async () => {
    const folder = newFolder();
    for (const DATA_DIR of [folder, path.join(folder, "data")]) {
      const found = await findings({ DATA_DIR, APP_SECRETS: "" });
      expect(found.exit).toBe(1);
      expect(found.database).toMatch(
        /^problem {2}database {5}There is none at .*latchkey\.sqlite\. Set DATA_DIR/,
      );
      expect(found.keys).toContain("Not looked at");
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("finds a problem when the file is no database, or cannot be opened", async () => {
    const folder = newFolder();
    writeFileSync(databaseFile(folder), "this is no database, and long enough to be looked at as one", {
      mode: 0o600,
    });
    const found = await findings({ DATA_DIR: folder });
    expect(found).toMatchObject({ exit: 1, database: expect.stringMatching(/^problem .*not a database/) });

    const other = newFolder();
    mkdirSync(databaseFile(other));
    expect(await findings({ DATA_DIR: other })).toMatchObject({
      exit: 1,
      database: expect.stringMatching(/^problem .*cannot be opened/),
    });
    chmodSync(databaseFile(other), 0o700);
  });

  it("finds a problem when the database is another program's", async () => {
    const folder = newFolder();
    writeFileSync(databaseFile(folder), "", { mode: 0o600 });
    const file = new DatabaseSync(databaseFile(folder));
    file.exec("create table bookmarks (url text)");
    file.close();
    expect(await findings({ DATA_DIR: folder })).toMatchObject({
      exit: 1,
      database: expect.stringMatching(/^problem .*belongs to another program/),
      migrations: expect.stringMatching(/^unknown .*Not looked at/),
    });
  });
});

describe("the migrations check", () => {
  it("finds a problem in a database of a newer version, and leaves an older one as it is", async () => {
    const world = await openWorld({ DEMO: "off" });
    const file = new DatabaseSync(world.databaseFile);
    file.exec("insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2030-01-01')");
    expect(await findingsOf(world)).toMatchObject({
      exit: 1,
      migrations: expect.stringMatching(/^problem .*newer version.* Run that version/),
    });
    file.exec("delete from kysely_migration where name > '001-way-in'");
    expect(await findingsOf(world)).toMatchObject({
      exit: 0,
      migrations: expect.stringMatching(/^ok .*by \d+ steps; the next start brings them up to date/),
      keys: expect.stringContaining("Not looked at"),
      clock: expect.stringContaining("Not looked at"),
    });
    const kept = file.prepare("select name from kysely_migration").all();
    expect(kept).toEqual([{ name: "001-way-in" }]);
    file.close();
  });
});

describe("the database check on PostgreSQL", () => {
  it("is ok when the server keeps what it was given, also after a crash", async () => {
    const postgres = await startPostgres(postgresServer().bin, { settings: { fsync: "on" } });
    onTestFinished(() => postgres.close());
    const DATABASE_URL = await postgres.createDatabase();
    await (await openStore({ dataDir: "", databaseUrl: DATABASE_URL })).close();
    const right = await findings({ DATABASE_URL, DATA_DIR: newFolder() });
    expect(right).toMatchObject({
      exit: 0,
      database: `ok       database     It is ${DATABASE_URL}.`,
      durability: "ok       durability   What was answered survives a crash.",
      migrations: expect.stringMatching(/^ok/),
    });

    await ask(DATABASE_URL, `alter role latchkey set synchronous_commit = off`);
    const hasty = await findings({ DATABASE_URL, DATA_DIR: newFolder() });
    expect(hasty).toMatchObject({
      exit: 1,
      durability: expect.stringMatching(
        /^problem .* synchronous_commit = off: after a crash, .* used again\. Switch/,
      ),
    });
  });

  it("finds a problem when the server forgets in a crash: used codes would be good again", async () => {
    const found = await findings({ DATABASE_URL: await newDatabase(), DATA_DIR: newFolder() });
    expect(found).toMatchObject({ exit: 1, durability: expect.stringMatching(/^problem .* fsync = off: /) });
  });

  it("makes no tables when a database has none of ours", async () => {
    const DATABASE_URL = await emptyDatabase();
    await ask(DATABASE_URL, "create table bookmarks (url text)");
    const found = await findings({ DATABASE_URL, DATA_DIR: newFolder() });
    expect(found).toMatchObject({
      exit: 1,
      database: expect.stringMatching(/^problem .*There is none at .* Set DATABASE_URL .* start the server/),
    });
    const tables = await ask(
      DATABASE_URL,
      "select table_name from information_schema.tables where table_schema = 'public'",
    );
    expect(tables).toEqual([{ table_name: "bookmarks" }]);
  });

  it("hides the password when a server is not there, or refuses the connection", async () => {
    const nowhere = await findings({ DATABASE_URL: "postgres://latchkey:hunter2@127.0.0.1:9/latchkey" });
    expect(nowhere).toMatchObject({
      exit: 1,
      database: expect.stringMatching(
        /^problem .*postgres:\/\/latchkey@127\.0\.0\.1:9\/latchkey cannot be used: .*ECONNREFUSED.* See whether PostgreSQL runs/,
      ),
    });
    const unknown = new URL(await emptyDatabase());
    unknown.pathname = "no_such_database";
    unknown.password = "hunter2";
    const found = await findings({ DATABASE_URL: unknown.href });
    expect(found.database).toMatch(/^problem .*database "no_such_database" does not exist/);
    expect(JSON.stringify([nowhere, found])).not.toContain("hunter2");
  });
});
