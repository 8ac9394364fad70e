/** Migrations on both engines: a new database gets its tables once, an older one keeps what it holds, a newer one is refused. */
import { Migrator, sql } from "kysely";
import { describe, expect, it } from "vitest";
import { type Location, openStore } from "../../src/storage/index.js";
import { wayIn } from "../../src/storage/migrations/001-way-in.js";
import { NEW_ACCOUNT } from "../support/account-row.js";
import { ENGINES } from "../support/database.js";
import { latchkey } from "../support/latchkey-command.js";
import { latchkeyProcess } from "../support/node-cli.js";
import { start } from "../support/server-process.js";
import { directly, MIGRATIONS, migrationsIn, openForTest, settingsOf } from "../support/stores.js";

const NEWER = "This database was made by a newer version of Latchkey: run that version";

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

describe.each(ENGINES)("on %s", (_engine, emptyPlace) => {
  describe("latchkey migrate", () => {
    it("makes the tables, and does nothing the second time", async () => {
      const location = await emptyPlace();
      const first = await latchkey(["migrate"], { env: settingsOf(location) });
      expect(first).toMatchObject({ exit: 0, out: `Brought up to date: ${MIGRATIONS.join(", ")}.\n` });
      expect(first.err).toMatch(/^Database: [^\n]+\n$/);
      const second = await latchkey(["migrate"], { env: settingsOf(location) });
      expect(second).toMatchObject({ exit: 0, out: "It was up to date.\n" });
      expect(await migrationsIn(location)).toEqual(MIGRATIONS);
    });

    it("names the migrations that an older database had not taken yet", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      const { out } = await latchkey(["migrate"], { env: settingsOf(location) });
      expect(out).toBe(`Brought up to date: ${MIGRATIONS.slice(1).join(", ")}.\n`);
    });
  });

  describe("ten starts at the same time", () => {
    it("take each migration once when they are processes", async () => {
      const location = await emptyPlace();
      const ten = await Promise.all(
        Array.from({ length: 10 }, () => latchkeyProcess(["migrate"], settingsOf(location))),
      );
      expect(ten.map(({ exit, err }) => [exit, err.replace(/^Database: .*\n/, "")])).toEqual(
        ten.map(() => [0, ""]),
      );
      const said = ten.flatMap(
        ({ out }) => /^Brought up to date: (.*)\.\n$/.exec(out)?.[1]?.split(", ") ?? [],
      );
      expect(said.sort()).toEqual(MIGRATIONS);
      expect(await migrationsIn(location)).toEqual(MIGRATIONS);
    });

    it("take each migration once in one process, from the first version on", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      const stores = await Promise.all(Array.from({ length: 10 }, () => openForTest(location)));
      for (const store of stores)
        expect(await store.accounts.byId("alice")).toMatchObject({ credentialVersion: 0 });
      expect(await migrationsIn(location)).toEqual(MIGRATIONS);
    });
  });

  describe("a database of the first version", () => {
    it("keeps what its rows stood for", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      const store = await openForTest(location);
      expect(await store.accounts.byId("alice")).toEqual({
        id: "alice",
        username: "alice",
        passwordHash: "hash",
        ...NEW_ACCOUNT,
        secondFactorSince: 2,
      });
      expect(await store.accounts.byId("bob")).toMatchObject(NEW_ACCOUNT);
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
          label: null,
        },
      ]);
      expect(await store.enrolments.of("bob's login")).toEqual({
        sessionHash: "bob's login",
        accountId: "bob",
        authenticatorId: "app 2",
        number: 1,
        sealedSecret: "sealed 2",
        createdAt: 6,
        label: null,
      });
      // A session was opened by both factors; a pending login never was.
      expect(await store.sessions.find("alice's session")).toMatchObject({ steppedUpAt: 4, createdAt: 4 });
      expect(await store.sessions.find("bob's login")).toMatchObject({ steppedUpAt: null });
      expect(await store.sessions.isLive("alice's session", 5, 3)).toBe(true);
      expect(await store.sessions.find("alice's session")).toMatchObject({ family: "alice's login" });
      expect(await store.sessions.find("bob's login")).toMatchObject({ family: "bob's login", codes: null });
      expect(await store.throttle.secondFactorFailures("alice")).toBe(3);
    });

    it("numbers the next authenticator after those that it has, confirmed or not", async () => {
      const location = await emptyPlace();
      await firstVersion(location);
      const store = await openForTest(location);
      expect(await store.accounts.nextEnrolment("alice")).toBe(2);
      expect(await store.accounts.nextEnrolment("bob")).toBe(2);
      expect(await store.accounts.nextEnrolment("carol")).toBe(1);
    });

    it("stays as it was when a migration fails, and can be migrated later", async () => {
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
      expect(await migrationsIn(location)).toEqual(["001-way-in"]);
      await directly(location, (db) => sql`drop table history`.execute(db));
      expect(await (await openForTest(location)).accounts.byId("alice")).toMatchObject({
        credentialVersion: 0,
      });
    });
  });

  describe("a database of a newer version", () => {
    it("is refused by the server and by every command, and left as it is", async () => {
      const location = await emptyPlace();
      await (await openStore(location)).close();
      await directly(location, (db) =>
        sql`insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2030-01-01')`.execute(
          db,
        ),
      );
      const env = settingsOf(location);
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
        out: expect.stringMatching(/^problem {2}migrations /m),
      });
      const server = await start(env);
      expect(await server.exit).toBe(1);
      expect(server.output().err).toMatch(new RegExp(`^latchkey: ${NEWER}[^\n]*\n$`));
      expect(await migrationsIn(location)).toEqual([...MIGRATIONS, "999-from-the-future"]);
    });
  });
});
