/** `latchkey doctor`: what it finds, what it advises, and that it changes nothing. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { databaseFile, openStore } from "../../src/storage/index.js";
import { appSecret } from "../support/app-secret.js";
import { emptyDatabase, newDatabase, postgresServer } from "../support/database.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { ask, startPostgres } from "../support/postgres.js";
import { addAccount, setUp } from "../support/sign-in.js";
import { HOUR, openWorld, type World } from "../support/world.js";

const SECRET = appSecret();

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function newWorld(): Promise<World> {
  world = await openWorld({ DATA_DIR: newFolder(), DEMO: "off" });
  return world;
}

/** Runs the command beside the server, by the same clock. */
function doctor(env: Record<string, string>, ...args: string[]) {
  const now = world?.now() ?? 0;
  return latchkey(["doctor", ...args], { env: { APP_SECRETS: SECRET, ...env }, now });
}

const CHECKS = [
  "settings",
  "permissions",
  "proxies",
  "forwarding",
  "database",
  "durability",
  "migrations",
  "keys",
  "clock",
  "steps",
] as const;

/** Each check's line, by its name. */
async function lines(env: Record<string, string>) {
  const { exit, out, err } = await doctor(env);
  const found = out.trimEnd().split("\n");
  expect(err).toBe("");
  expect(out).not.toContain("    at ");
  expect(found.map((line) => line.split(/ +/)[1])).toEqual(CHECKS);
  const named = Object.fromEntries(CHECKS.map((check, n) => [check, found[n] ?? ""]));
  return { exit, ...(named as Record<(typeof CHECKS)[number], string>) };
}

/** Counts accounts whose phones all seem to be this far ahead. */
async function count({ store, now }: World, accounts: number, seconds: number): Promise<void> {
  for (let n = 0; n < accounts; n++) {
    const id = `account ${n}`;
    await store.accounts.add({
      id,
      username: `account-${n}`,
      passwordHash: "none",
      isDemo: false,
      createdAt: now(),
      secondFactorSince: null,
      credentialVersion: 0,
      disabledAt: null,
      lastSignInAt: null,
    });
    await store.drifts.note(id, Math.floor(now() / (4 * HOUR)), Math.floor(seconds / 5));
  }
}

describe("latchkey doctor", () => {
  it("says a line a check, and exits 0 when nothing is wrong", async () => {
    const { dataDir, databaseFile } = await newWorld();
    const { exit, out, err } = await doctor({ DATA_DIR: dataDir });
    expect(out.split("\n")).toEqual([
      "ok       settings     They are those of development.",
      "ok       permissions  Nobody else on this machine can read the data or the keys.",
      "ok       proxies      None is trusted: a client's address is where its connection comes from.",
      "ok       forwarding   It is not used.",
      `ok       database     It is ${databaseFile}.`,
      "ok       durability   What was answered survives a crash.",
      "ok       migrations   The tables are those of this version.",
      "ok       keys         They open what is sealed in the database.",
      "unknown  clock        Not known yet: 0 of 10 accounts have typed a code in the last hours.",
      "ok       steps        No accepted time step lies in the future.",
      "",
    ]);
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
  });

  it("says the same to programs, every field of each check", async () => {
    const { dataDir } = await newWorld();
    const { exit, out } = await doctor({ DATA_DIR: dataDir }, "--json");
    expect(exit).toBe(0);
    const found = JSON.parse(out);
    expect(found.map(({ check, state }: Record<string, string>) => [check, state])).toEqual(
      CHECKS.map((check) => [check, check === "clock" ? "unknown" : "ok"]),
    );
    expect(found[0]).toEqual({
      check: "settings",
      state: "ok",
      says: expect.any(String),
      remedy: null,
      facts: null,
    });
    expect(found[7]).toMatchObject({ facts: { sealedByOlder: 0, olderKeys: 0 } });
    expect(found[8]).toMatchObject({ facts: { accounts: 0 }, remedy: null });
    expect(found[9]).toMatchObject({ facts: { authenticators: 0, usernames: "" }, remedy: null });
  });

  it("takes no arguments, and tells more with --help", async () => {
    expect((await doctor({}, "everything")).exit).toBe(2);
    expect((await doctor({}, "--all")).exit).toBe(2);
    expect((await doctor({}, "--help")).out).toContain("latchkey doctor [--json]");
  });
});

describe("the settings", () => {
  it("are wrong with all their problems in one line; nothing else is looked at", async () => {
    const found = await lines({ PORT: "many", DEMO: "maybe", TRUST_PROXY: "one\ntwo" });
    expect(found.exit).toBe(1);
    expect(found.settings).toMatch(/^problem {2}settings {5}PORT .*DEMO .*TRUST_PROXY .*README/);
    for (const check of CHECKS.slice(1)) expect(found[check]).toMatch(/^unknown .*Not looked at/);
  });
});

describe("the database", () => {
  it("is missing, and stays so: neither folder nor file nor key is made", async () => {
    const folder = newFolder();
    for (const DATA_DIR of [folder, path.join(folder, "data")]) {
      const found = await lines({ DATA_DIR, APP_SECRETS: "" });
      expect(found.exit).toBe(1);
      expect(found.database).toMatch(
        /^problem {2}database {5}There is none at .*latchkey\.sqlite\. Set DATA_DIR/,
      );
      expect(found.keys).toContain("Not looked at");
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is none, or cannot be opened", async () => {
    const folder = newFolder();
    writeFileSync(databaseFile(folder), "this is no database, and long enough to be looked at as one", {
      mode: 0o600,
    });
    const found = await lines({ DATA_DIR: folder });
    expect(found).toMatchObject({ exit: 1, database: expect.stringMatching(/^problem .*not a database/) });

    const other = newFolder();
    mkdirSync(databaseFile(other));
    expect(await lines({ DATA_DIR: other })).toMatchObject({
      exit: 1,
      database: expect.stringMatching(/^problem .*cannot be opened/),
    });
    chmodSync(databaseFile(other), 0o700);
  });

  it("is another program's", async () => {
    const folder = newFolder();
    writeFileSync(databaseFile(folder), "", { mode: 0o600 });
    const file = new DatabaseSync(databaseFile(folder));
    file.exec("create table bookmarks (url text)");
    file.close();
    expect(await lines({ DATA_DIR: folder })).toMatchObject({
      exit: 1,
      database: expect.stringMatching(/^problem .*belongs to another program/),
      migrations: expect.stringMatching(/^unknown .*Not looked at/),
    });
  });
});

describe("the migrations", () => {
  it("are wrong in a database of a newer version; an older one is left to the server", async () => {
    const { dataDir } = await newWorld();
    const file = new DatabaseSync(databaseFile(dataDir));
    file.exec("insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2030-01-01')");
    expect(await lines({ DATA_DIR: dataDir })).toMatchObject({
      exit: 1,
      migrations: expect.stringMatching(/^problem .*newer version.* Run that version/),
    });
    file.exec("delete from kysely_migration where name > '001-way-in'");
    expect(await lines({ DATA_DIR: dataDir })).toMatchObject({
      exit: 0,
      migrations: expect.stringMatching(/^ok .*by [2-9] steps; the next start brings them up to date/),
      keys: expect.stringContaining("Not looked at"),
      clock: expect.stringContaining("Not looked at"),
    });
    const kept = file.prepare("select name from kysely_migration").all();
    expect(kept).toEqual([{ name: "001-way-in" }]);
    file.close();
  });
});

describe("the permissions", () => {
  it("are wrong where others on the machine can get at data, key or settings", async () => {
    const { dataDir } = await newWorld();
    const key = path.join(dataDir, "key");
    writeFileSync(key, "k".repeat(32), { mode: 0o600 });
    const cwd = newFolder();
    vi.spyOn(process, "cwd").mockReturnValue(cwd);
    onTestFinished(() => void vi.restoreAllMocks());
    const dotEnv = path.join(cwd, ".env");
    writeFileSync(dotEnv, `APP_SECRETS=${SECRET}\n`, { mode: 0o600 });
    expect((await lines({ DATA_DIR: dataDir })).permissions).toMatch(/^ok/);

    // Settings may be those of root, for the group that the server runs as.
    chmodSync(dotEnv, 0o640);
    expect((await lines({ DATA_DIR: dataDir })).permissions).toMatch(/^ok .*, but for the group of /);
    chmodSync(dotEnv, 0o644);
    expect((await lines({ DATA_DIR: dataDir })).permissions).toContain(`\`chmod o= ${dotEnv}\``);
    chmodSync(dotEnv, 0o640);

    for (const place of [dataDir, databaseFile(dataDir), `${databaseFile(dataDir)}-wal`, key]) {
      const { mode } = statSync(place);
      for (const others of [0o040, 0o004, 0o010]) {
        chmodSync(place, mode | others);
        const { exit, permissions } = await lines({ DATA_DIR: dataDir });
        expect(exit).toBe(1);
        const by = place === dataDir ? 700 : 600;
        expect(permissions).toContain(`Others on this machine can get at ${place}. Find out who has`);
        expect(permissions).toContain(`\`chmod ${by} ${place}\``);
      }
      chmodSync(place, mode);
    }
    chmodSync(dotEnv, 0o644);
    for (const [text, isSecret] of [
      ["PORT=4000\n# APP_SECRETS=none\n", false],
      ["DATABASE_URL=postgres://latchkey@db/latchkey\n", true],
      ["DATABASE_URL=postgres://latchkey:hunter2@db/latchkey\n", true],
      ["DATABASE_URL=postgres://db/latchkey?user=latchkey&password=hunter2\n", true],
      ["export APP_SECRETS='one,two'\n", true],
    ] as const) {
      writeFileSync(dotEnv, text);
      expect((await lines({ DATA_DIR: dataDir })).permissions).toMatch(isSecret ? /^problem/ : /^ok/);
    }
  });
});

describe("the proxies", () => {
  it.each([
    ["", /^ok .*None is trusted/],
    ["loopback, 10.0.0.0/8, fd00::/8, fc00::/7", /^ok .*loopback, 10\.0\.0\.0\/8, .* may name/],
    ["203.0.113.7, 2001:db8::/32", /^ok/],
    ["loopback, 128.0.0.0/1", /^problem .*far too many: 128\.0\.0\.0\/1\. .*Name the addresses/],
    ["64.0.0.0/7", /^problem/],
    ["2000::/3", /^problem/],
    ["::ffff:0:0/97", /^problem/],
    ["::/16", /^problem/],
  ])("of TRUST_PROXY=%s are judged", async (TRUST_PROXY, line) => {
    const found = await lines({ DATA_DIR: newFolder(), TRUST_PROXY });
    expect(found.proxies).toMatch(line);
  });

  it("are missing where BASE_URL is https", async () => {
    const https = { DATA_DIR: newFolder(), BASE_URL: "https://sign-in.example.org" };
    expect((await lines(https)).proxies).toMatch(
      /^problem .*every request passes for http.* Set TRUST_PROXY/,
    );
    const behind = { ...https, NODE_ENV: "production", TRUST_PROXY: "loopback" };
    expect((await lines(behind)).proxies).toMatch(/^ok .*loopback may name a client's address/);
  });
});

describe("the keys", () => {
  it("are wrong when they do not open what is sealed; the clock is judged all the same", async () => {
    const world = await newWorld();
    await addAccount(world, "alice");
    await setUp(world, world.visitor(), "alice", "correct horse battery");
    const right = await lines({ DATA_DIR: world.dataDir });
    expect(right.exit).toBe(0);
    const found = await lines({ DATA_DIR: world.dataDir, APP_SECRETS: appSecret("another") });
    expect(found.exit).toBe(1);
    expect(found.keys).toMatch(/^problem .*bring that key back/);
    expect(found.clock).toMatch(/^unknown .*of 10 accounts/);
  });

  it("that are older are needed until everything is sealed anew, and then may be dropped", async () => {
    const world = await newWorld();
    await addAccount(world, "alice");
    await setUp(world, world.visitor(), "alice", "correct horse battery");
    const env = { DATA_DIR: world.dataDir, APP_SECRETS: `${appSecret("another")},${SECRET}` };
    const before = await lines(env);
    expect(before.exit).toBe(1);
    // The authenticator's secret, and the key that is kept for keyed hashes.
    expect(before.keys).toMatch(
      /^problem .*older keys are still needed for 2 of it\. Run `latchkey keys rotate`/,
    );

    expect((await latchkey(["keys", "rotate"], { env })).exit).toBe(0);
    const after = await lines(env);
    expect(after.exit).toBe(0);
    expect(after.keys).toMatch(/^ok .*all with the first of them\. The others may be dropped/);
    const alone = await lines({ ...env, APP_SECRETS: appSecret("another") });
    expect(alone.keys).toBe("ok       keys         They open what is sealed in the database.");
  });

  it("in development are the key file, which is not made here", async () => {
    const DATA_DIR = newFolder();
    const key = path.join(DATA_DIR, "key");
    await (await openStore({ dataDir: DATA_DIR })).close();
    const without = await lines({ DATA_DIR, APP_SECRETS: "" });
    expect(without).toMatchObject({ exit: 0, keys: expect.stringContaining("the first start makes one") });
    expect(existsSync(key)).toBe(false);

    writeFileSync(key, "\n", { mode: 0o600 });
    expect(await lines({ DATA_DIR, APP_SECRETS: "" })).toMatchObject({
      exit: 1,
      keys: expect.stringMatching(/^problem .*holds no key/),
    });
    rmSync(key);
    // The first start of all keeps a key of its own in the database, sealed.
    await (await openWorld({ DATA_DIR })).close();
    expect(await lines({ DATA_DIR, APP_SECRETS: "" })).toMatchObject({
      exit: 1,
      keys: expect.stringMatching(/^problem .*bring that key back/),
    });
    expect(existsSync(key)).toBe(false);
  });
});

describe("the clock", () => {
  it.each([
    [-98, "The server is about 90 s ahead", 90],
    [82, "The server is about 90 s behind", -90],
  ])("is wrong when everybody's phone seems to be %i s ahead", async (drift, says, seconds) => {
    const world = await newWorld();
    await count(world, 12, drift);
    const found = await lines({ DATA_DIR: world.dataDir });
    expect(found.exit).toBe(1);
    expect(found.clock).toContain(
      `${says}, by the authenticators of 12 accounts since 2026-11-24T12:00Z. Set it`,
    );
    const { out } = await doctor({ DATA_DIR: world.dataDir }, "--json");
    expect(JSON.parse(out)[8]).toMatchObject({
      state: "problem",
      facts: { accounts: 12, seconds, since: "2026-11-24T12:00:00.000Z" },
    });
  });

  it("is right when they agree with it, but for the time that typing takes", async () => {
    const world = await newWorld();
    await count(world, 12, -8);
    expect(await lines({ DATA_DIR: world.dataDir })).toMatchObject({
      exit: 0,
      clock: expect.stringMatching(/^ok .*It is right, by the authenticators of 12 accounts/),
    });
  });

  it("is not known while there are few", async () => {
    const world = await newWorld();
    await count(world, 9, -98);
    expect(await lines({ DATA_DIR: world.dataDir })).toMatchObject({
      exit: 0,
      clock: "unknown  clock        Not known yet: 9 of 10 accounts have typed a code in the last hours.",
    });
  });
});

describe("on PostgreSQL", () => {
  it("all is right, with a server that keeps what it was given", async () => {
    const postgres = await startPostgres(postgresServer().bin, { settings: { fsync: "on" } });
    onTestFinished(() => postgres.close());
    const DATABASE_URL = await postgres.createDatabase();
    await (await openStore({ dataDir: "", databaseUrl: DATABASE_URL })).close();
    const right = await lines({ DATABASE_URL, DATA_DIR: newFolder() });
    expect(right).toMatchObject({
      exit: 0,
      database: `ok       database     It is ${DATABASE_URL}.`,
      durability: "ok       durability   What was answered survives a crash.",
      migrations: expect.stringMatching(/^ok/),
    });

    await ask(DATABASE_URL, `alter role latchkey set synchronous_commit = off`);
    const hasty = await lines({ DATABASE_URL, DATA_DIR: newFolder() });
    expect(hasty).toMatchObject({
      exit: 1,
      durability: expect.stringMatching(
        /^problem .* synchronous_commit = off: after a crash, .* used again\. Switch/,
      ),
    });
  });

  it("a server that forgets in a crash is wrong: used codes would be good again", async () => {
    const found = await lines({ DATABASE_URL: await newDatabase(), DATA_DIR: newFolder() });
    expect(found).toMatchObject({ exit: 1, durability: expect.stringMatching(/^problem .* fsync = off: /) });
  });

  it("a database without our tables is none yet, and stays so", async () => {
    const DATABASE_URL = await emptyDatabase();
    await ask(DATABASE_URL, "create table bookmarks (url text)");
    const found = await lines({ DATABASE_URL, DATA_DIR: newFolder() });
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

  it("a server that is not there, or keeps us out, is a finding without the password", async () => {
    const nowhere = await lines({ DATABASE_URL: "postgres://latchkey:hunter2@127.0.0.1:9/latchkey" });
    expect(nowhere).toMatchObject({
      exit: 1,
      database: expect.stringMatching(
        /^problem .*postgres:\/\/latchkey@127\.0\.0\.1:9\/latchkey cannot be used: .*ECONNREFUSED.* See whether PostgreSQL runs/,
      ),
    });
    const unknown = new URL(await emptyDatabase());
    unknown.pathname = "no_such_database";
    unknown.password = "hunter2";
    const found = await lines({ DATABASE_URL: unknown.href });
    expect(found.database).toMatch(/^problem .*database "no_such_database" does not exist/);
    expect(JSON.stringify([nowhere, found])).not.toContain("hunter2");
  });
});

describe("the accepted time steps", () => {
  const DAY = 24 * HOUR;

  it.each([HOUR, 400 * DAY])(
    "are wrong when the clock was %i ms ahead, until each is unlocked",
    async (jump) => {
      const { dataDir, auth, wait } = await newWorld();
      const before = (await lines({ DATA_DIR: dataDir })).steps;
      for (const name of ["alice", "bob", "carol"]) {
        if (name === "carol") wait(-jump);
        await addAccount(world as World, name);
        if (name === "alice") wait(jump);
        await setUp(world as World, (world as World).visitor(), name, "correct horse battery");
      }
      const { exit, steps } = await lines({ DATA_DIR: dataDir });
      expect(exit).toBe(1);
      expect(steps).toMatch(
        /^problem {2}steps {8}A clock was ahead: 2 authenticators have accepted codes from the future, .* `latchkey account unlock NAME` for each of alice, bob\.$/,
      );
      await auth.unlockAccount("alice");
      expect((await lines({ DATA_DIR: dataDir })).steps).toMatch(
        /^problem .* 1 authenticator has .* of bob\.$/,
      );
      await auth.unlockAccount("bob");
      expect(await lines({ DATA_DIR: dataDir })).toMatchObject({ exit: 0, steps: before });
    },
  );

  it("are right when a node is at most a minute ahead", async () => {
    const { dataDir, wait } = await newWorld();
    await addAccount(world as World, "alice");
    wait(60_000);
    await setUp(world as World, (world as World).visitor(), "alice", "correct horse battery");
    wait(-90_000);
    expect(await lines({ DATA_DIR: dataDir })).toMatchObject({ exit: 0 });
  });

  it("names twenty accounts, and says when there are more", async () => {
    const { dataDir, store, now } = await newWorld();
    await count(world as World, 21, 0);
    for (let n = 0; n < 21; n++) {
      await store.authenticators.add({
        id: `app ${n}`,
        accountId: `account ${n}`,
        name: "app",
        number: 1,
        sealedSecret: "sealed",
        lastStep: now(),
        createdAt: 1,
        lastUsedAt: 1,
        driftSeconds: null,
      });
    }
    const { steps } = await lines({ DATA_DIR: dataDir });
    expect(steps.match(/account-\d+/g)).toHaveLength(20);
    expect(steps).toMatch(/^problem .* 21 authenticators .*, then run this again\.$/);
  });
});
