/** The tables over the versions, on both engines: made once, brought up to date with what they hold, never taken back. */
import { readFileSync } from "node:fs";
import { type Kysely, Migrator, sql } from "kysely";
import { afterEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/auth/store.js";
import { databaseFile, type Location, openStore } from "../../src/storage/index.js";
import { wayIn } from "../../src/storage/migrations/001-way-in.js";
import { openPostgres } from "../../src/storage/postgres/driver.js";
import { openSqlite } from "../../src/storage/sqlite/file.js";
import type { Tables } from "../../src/storage/tables.js";
import { appSecret } from "../support/app-secret.js";
import { ENGINES, emptyDatabase } from "../support/database.js";
import { latchkey } from "../support/latchkey-command.js";
import { latchkeyProcess } from "../support/node-cli.js";
import { ask } from "../support/postgres.js";
import { start } from "../support/server-process.js";

const STEPS = [
  "001-way-in",
  "002-account-for-life",
  "003-why-refused",
  "004-server-clock",
  "005-stored-keys",
  "006-growth",
  "007-caps",
  "008-events",
];

const NEWER = "This database was made by a newer version of Latchkey: run that version";

const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

/** Closed when the test is over. */
async function open(location: Location): Promise<Store> {
  const store = await openStore(location);
  opened.push(store);
  return store;
}

/** What the command and the server are told. */
function settings({ dataDir, databaseUrl }: Location): Record<string, string> {
  const database: Record<string, string> = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  return { DATA_DIR: dataDir, APP_SECRETS: appSecret(), ...database };
}

/** Behind the back of the storage. */
async function directly<T>(
  { dataDir, databaseUrl }: Location,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  const db = databaseUrl === undefined ? openSqlite(databaseFile(dataDir)) : openPostgres(databaseUrl);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** The names of the steps, each as often as it was written down. */
async function stepsIn(location: Location): Promise<string[]> {
  const { rows } = await directly(location, (db) =>
    sql<{ name: string }>`select name from kysely_migration order by name`.execute(db),
  );
  return rows.map(({ name }) => name);
}

/** A database as the first version of Latchkey left it: Alice has set up her app, Bob is at it, Carol is new. */
async function firstVersion(location: Location): Promise<void> {
  await directly(location, async (db) => {
    const provider = { getMigrations: async () => ({ "001-way-in": wayIn }) };
    const { error } = await new Migrator({ db, provider }).migrateToLatest();
    if (error) throw error;
    for (const statement of ROWS_OF_THE_FIRST_VERSION) await sql.raw(statement).execute(db);
  });
}

const ROWS_OF_THE_FIRST_VERSION = [
  `insert into accounts (id, username, password_hash, is_demo, created_at, second_factor_since) values
    ('alice', 'alice', 'hash', 0, 1, 2), ('bob', 'bob', 'hash', 0, 1, null), ('carol', 'carol', 'hash', 0, 1, null)`,
  `insert into authenticators (id, account_id, name, sealed_secret, last_step, created_at, last_used_at) values
    ('app', 'alice', 'Authenticator app', 'sealed', 100, 2, 3)`,
  `insert into sessions (id_hash, opened_from, kind, account_id, methods, device, address, created_at, last_seen_at, expires_at)
    values ('alice''s session', 'alice''s login', 'session', 'alice', 'password totp', 'a browser', '127.0.0.1', 4, 5, 99),
      ('bob''s login', null, 'pending', 'bob', 'password', 'a browser', '127.0.0.1', 5, 5, 99)`,
  `insert into enrolments (session_hash, account_id, authenticator_id, sealed_secret, created_at) values
    ('bob''s login', 'bob', 'app 2', 'sealed 2', 6)`,
  `insert into throttle (pool, account_id, failures, since, delayed_until) values
    ('second-factor alice', 'alice', 3, 1, 0)`,
];

describe.each(ENGINES)("on %s", (engine, emptyPlace) => {
  describe("latchkey migrate", () => {
    it("makes the tables and says so, and the second time that there was nothing to do", async () => {
      const location = await emptyPlace();
      const first = await latchkey(["migrate"], { env: settings(location) });
      expect(first).toMatchObject({ exit: 0, out: `Brought up to date: ${STEPS.join(", ")}.\n` });
      expect(first.err).toMatch(/^Database: [^\n]+\n$/);
      const second = await latchkey(["migrate"], { env: settings(location) });
      expect(second).toMatchObject({ exit: 0, out: "It was up to date.\n" });
      expect(await stepsIn(location)).toEqual(STEPS);
    });

    it("names the steps that an older database had not taken yet", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      const { out } = await latchkey(["migrate"], { env: settings(location) });
      expect(out).toBe(`Brought up to date: ${STEPS.slice(1).join(", ")}.\n`);
    });
  });

  describe("ten that start at once", () => {
    it("take each step once, as processes", async () => {
      const location = await emptyPlace();
      const ten = await Promise.all(
        Array.from({ length: 10 }, () => latchkeyProcess(["migrate"], settings(location))),
      );
      expect(ten.map(({ exit, err }) => [exit, err.replace(/^Database: .*\n/, "")])).toEqual(
        ten.map(() => [0, ""]),
      );
      const said = ten.flatMap(
        ({ out }) => /^Brought up to date: (.*)\.\n$/.exec(out)?.[1]?.split(", ") ?? [],
      );
      expect(said.sort()).toEqual(STEPS);
      expect(await stepsIn(location)).toEqual(STEPS);
    });

    it("take each step once, in one process, from the first version on", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      const stores = await Promise.all(Array.from({ length: 10 }, () => open(location)));
      for (const store of stores)
        expect(await store.accounts.byId("alice")).toMatchObject({ credentialVersion: 0 });
      expect(await stepsIn(location)).toEqual(STEPS);
    });
  });

  describe("a database of the first version", () => {
    it("is brought up to date, with what its rows stood for", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      const store = await open(location);
      const newcomer = {
        secondFactorSince: null,
        credentialVersion: 0,
        disabledAt: null,
        lastSignInAt: null,
      };
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
    });

    it("numbers the next authenticator after those that it has, confirmed or not", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      const store = await open(location);
      expect(await store.accounts.nextEnrolment("alice")).toBe(2);
      expect(await store.accounts.nextEnrolment("bob")).toBe(2);
      expect(await store.accounts.nextEnrolment("carol")).toBe(1);
    });

    it("is left as it was when bringing it up to date fails, and can be brought up to date later", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      await directly(location, (db) => sql`create table history (id text)`.execute(db));
      await expect(openStore(location)).rejects.toThrow(/history/);
      const columns = await directly(location, async (db) => {
        const tables = await db.introspection.getTables();
        return tables.find(({ name }) => name === "accounts")?.columns.map(({ name }) => name);
      });
      expect(columns).toContain("created_at");
      expect(columns).not.toContain("epoch");
      expect(await stepsIn(location)).toEqual(["001-way-in"]);
      await directly(location, (db) => sql`drop table history`.execute(db));
      expect(await (await open(location)).accounts.byId("alice")).toMatchObject({ credentialVersion: 0 });
    });
  });

  describe("a database of a newer version", () => {
    it("is refused in a sentence by the server and by every command, and left as it is", async () => {
      const location = await emptyPlace();
      await (await openStore(location)).close();
      await directly(location, (db) =>
        sql`insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2030-01-01')`.execute(
          db,
        ),
      );
      const env = settings(location);
      for (const command of [["migrate"], ["account", "list"], ["keys", "rotate"]]) {
        const { exit, out, err } = await latchkey(command, { env });
        expect({ exit, out }).toEqual({ exit: 1, out: "" });
        expect(err.split("\n")).toEqual([
          expect.stringMatching(/^Database: /),
          expect.stringContaining(`latchkey: ${NEWER}`),
          "",
        ]);
      }
      expect(await latchkey(["doctor"], { env })).toMatchObject({
        exit: 1,
        out: expect.stringMatching(/^problem {2}migrations .*newer version/m),
      });
      const server = await start(env);
      expect(await server.exit).toBe(1);
      expect(server.output().err).toMatch(new RegExp(`^latchkey: ${NEWER}[^\n]*\n$`));
      expect(await stepsIn(location)).toEqual([...STEPS, "999-from-the-future"]);
    });
  });

  it.runIf(engine === "SQLite")("the tables of another program are not ours to change", async () => {
    const location = await emptyPlace();
    await directly(location, (db) => sql`create table bookmarks (url text)`.execute(db));
    const before = readFileSync(databaseFile(location.dataDir));
    expect(await latchkey(["migrate"], { env: settings(location) })).toMatchObject({
      exit: 1,
      err: expect.stringContaining("latchkey: This database belongs to another program."),
    });
    await expect(openStore(location)).rejects.toThrow("belongs to another program");
    expect(readFileSync(databaseFile(location.dataDir)).equals(before)).toBe(true);
  });
});

describe("a PostgreSQL database that is shared", () => {
  it("keeps the tables of other programs, and their steps, apart from ours", async () => {
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
    const store = await open(location);
    expect(await store.accounts.byUsername("nobody")).toBeUndefined();
    expect(await latchkey(["migrate"], { env: settings(location) })).toMatchObject({
      out: "It was up to date.\n",
    });

    const steps = await ask(url, "select name from mine.kysely_migration order by name");
    expect(steps.map(({ name }) => name)).toEqual(STEPS);
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

  it("takes ours beside tables of other names, where there is one place for all", async () => {
    const url = await emptyDatabase();
    await ask(url, "create table bookmarks (url text); insert into bookmarks values ('https://example.org')");
    await open({ dataDir: "", databaseUrl: url });
    expect(await ask(url, "select * from bookmarks")).toEqual([{ url: "https://example.org" }]);
  });

  it.each([
    ["tables of the same names", "create table sessions (sid text); insert into sessions values ('theirs')"],
    [
      "steps of their own",
      "create table kysely_migration (name text); insert into kysely_migration values ('001-theirs')",
    ],
    [
      "tables of the same names beside the place for steps",
      "create table kysely_migration (name text); create table sessions (sid text)",
    ],
  ])("leaves another program alone that has %s in the same place", async (_, theirs) => {
    const url = await emptyDatabase();
    await ask(url, theirs);
    const location = { dataDir: "", databaseUrl: url };
    const refused = expect.stringMatching(/^latchkey: .* another program\. Give Latchkey one of its own/m);
    expect(await latchkey(["migrate"], { env: settings(location) })).toMatchObject({ exit: 1, err: refused });
    await expect(openStore(location)).rejects.toThrow("on PostgreSQL, a schema of its own will do");
    const tables = await ask(url, "select 1 from information_schema.tables where table_schema = 'public'");
    expect(tables).toHaveLength(theirs.split("create table").length - 1);
  });

  it("says so where the schema that is meant is not there, and makes nothing elsewhere", async () => {
    const url = await emptyDatabase();
    const location = { dataDir: "", databaseUrl: `${url}?options=-c%20search_path%3Dmissing` };
    for (let n = 0; n < 2; n++) {
      await expect(openStore(location)).rejects.toThrow("The schema that search_path names is not there");
    }
    const made = "select 1 from information_schema.tables where table_schema = 'public'";
    expect(await ask(url, made)).toEqual([]);
  });
});
