/** A database that another program uses too: its tables stay as they are, and ours stand apart or not at all. */
import { readFileSync } from "node:fs";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { databaseFile, openStore } from "../../src/storage/index.js";
import { emptyDatabase } from "../support/database.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { ask } from "../support/postgres.js";
import { directly, MIGRATIONS, openForTest, settingsOf } from "../support/stores.js";

describe("a database file of SQLite", () => {
  it("is refused when it belongs to another program, and left as it is", async () => {
    const location = { dataDir: newFolder() };
    await directly(location, (db) => sql`create table bookmarks (url text)`.execute(db));
    const before = readFileSync(databaseFile(location.dataDir));
    expect(await latchkey(["migrate"], { env: settingsOf(location) })).toMatchObject({
      exit: 1,
      err: expect.stringContaining("latchkey: This database belongs to another program."),
    });
    await expect(openStore(location)).rejects.toThrow("belongs to another program");
    expect(readFileSync(databaseFile(location.dataDir)).equals(before)).toBe(true);
  });
});

describe("a shared PostgreSQL database", () => {
  it("keeps our tables and migrations apart from those of other programs", async () => {
    const url = await emptyDatabase();
    // The one has tables of the same names, the other grows in steps of its own, in the place that everyone begins with.
    await ask(
      url,
      `create schema theirs; create table theirs.accounts (iban text); insert into theirs.accounts values ('DE02');
       create table theirs.kysely_migration (name text); insert into theirs.kysely_migration values ('999-theirs');
       create table public.kysely_migration (name text); insert into public.kysely_migration values ('777-public');
       create schema mine`,
    );
    const location = { dataDir: "", databaseUrl: `${url}?options=-c%20search_path%3Dmine` };
    const store = await openForTest(location);
    expect(await store.accounts.byUsername("nobody")).toBeUndefined();
    expect(await latchkey(["migrate"], { env: settingsOf(location) })).toMatchObject({
      out: "It was up to date.\n",
    });

    const steps = await ask(url, "select name from mine.kysely_migration order by name");
    expect(steps.map(({ name }) => name)).toEqual(MIGRATIONS);
    expect(await ask(url, "select * from theirs.accounts")).toEqual([{ iban: "DE02" }]);
    expect(await ask(url, "select * from theirs.kysely_migration")).toEqual([{ name: "999-theirs" }]);
    expect(await ask(url, "select * from public.kysely_migration")).toEqual([{ name: "777-public" }]);
    const elsewhere = await ask(
      url,
      `select table_schema, table_name from information_schema.tables
       where table_schema in ('public', 'theirs') order by 1, 2`,
    );
    expect(elsewhere).toEqual([
      { table_schema: "public", table_name: "kysely_migration" },
      { table_schema: "theirs", table_name: "accounts" },
      { table_schema: "theirs", table_name: "kysely_migration" },
    ]);
  });

  it("takes our tables beside those of other names in the same schema", async () => {
    const url = await emptyDatabase();
    await ask(url, "create table bookmarks (url text); insert into bookmarks values ('https://example.org')");
    await openForTest({ dataDir: "", databaseUrl: url });
    expect(await ask(url, "select * from bookmarks")).toEqual([{ url: "https://example.org" }]);
  });

  it.each([
    ["tables of the same names", "create table sessions (sid text); insert into sessions values ('theirs')"],
    [
      "migrations of their own",
      "create table kysely_migration (name text); insert into kysely_migration values ('001-theirs')",
    ],
    [
      "tables of the same names beside an empty table of migrations",
      "create table kysely_migration (name text); create table sessions (sid text)",
    ],
  ])("refuses a schema in which another program has %s", async (_, theirs) => {
    const url = await emptyDatabase();
    await ask(url, theirs);
    const location = { dataDir: "", databaseUrl: url };
    const refused = expect.stringMatching(/^latchkey: .* another program\. Give Latchkey one of its own/m);
    expect(await latchkey(["migrate"], { env: settingsOf(location) })).toMatchObject({
      exit: 1,
      err: refused,
    });
    await expect(openStore(location)).rejects.toThrow("on PostgreSQL, a schema of its own will do");
    const tables = await ask(url, "select 1 from information_schema.tables where table_schema = 'public'");
    expect(tables).toHaveLength(theirs.split("create table").length - 1);
  });

  it("is refused when search_path names no schema, and gets no tables elsewhere", async () => {
    const url = await emptyDatabase();
    const location = { dataDir: "", databaseUrl: `${url}?options=-c%20search_path%3Dmissing` };
    for (let n = 0; n < 2; n++) {
      await expect(openStore(location)).rejects.toThrow("The schema that search_path names is not there");
    }
    const made = "select 1 from information_schema.tables where table_schema = 'public'";
    expect(await ask(url, made)).toEqual([]);
  });
});
