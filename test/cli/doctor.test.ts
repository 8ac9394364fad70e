/** `latchkey doctor`: what it finds, what it advises, and that it changes nothing. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { databaseFile } from "../../src/storage/index.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { addAccount, createWorld, HOUR, setUp, type World } from "../support/world.js";

const SECRET = "test-secret ".repeat(4);

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function newWorld(): Promise<World> {
  world = await createWorld({ DATA_DIR: newFolder(), DEMO: "off" });
  return world;
}

/** Runs the command beside the server, by the same clock. */
function doctor(env: Record<string, string>, ...args: string[]) {
  const now = world?.now() ?? 0;
  return latchkey(["doctor", ...args], { env: { APP_SECRETS: SECRET, ...env }, now });
}

/** Each check's line, by its name. */
async function lines(env: Record<string, string>) {
  const { exit, out } = await doctor(env);
  const found = out.trimEnd().split("\n");
  const [settings = "", database = "", keys = "", clock = ""] = found;
  expect(found).toHaveLength(4);
  return { exit, settings, database, keys, clock };
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
      epoch: 0,
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
      "right    settings  They are those of development.",
      `right    database  It is ${databaseFile}.`,
      "right    keys      They open what is sealed in the database.",
      "unknown  clock     Not known yet: 0 of 10 accounts have typed a code in the last hours.",
      "",
    ]);
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
  });

  it("says the same to programs, every field of each check", async () => {
    const { dataDir } = await newWorld();
    const { exit, out } = await doctor({ DATA_DIR: dataDir }, "--json");
    expect(exit).toBe(0);
    const found = JSON.parse(out);
    expect(found.map(({ check, state }: Record<string, string>) => [check, state])).toEqual([
      ["settings", "right"],
      ["database", "right"],
      ["keys", "right"],
      ["clock", "unknown"],
    ]);
    expect(found[0]).toEqual({
      check: "settings",
      state: "right",
      says: expect.any(String),
      remedy: null,
      facts: null,
    });
    expect(found[3]).toMatchObject({ facts: { accounts: 0 }, remedy: null });
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
    expect(found.settings).toMatch(/^wrong {4}settings {2}PORT .*DEMO .*TRUST_PROXY .*README/);
    for (const line of [found.database, found.keys, found.clock])
      expect(line).toMatch(/^unknown .*Not looked at/);
  });
});

describe("the database", () => {
  it("is missing, and stays so: neither folder nor file nor key is made", async () => {
    const folder = newFolder();
    for (const DATA_DIR of [folder, path.join(folder, "data")]) {
      const found = await lines({ DATA_DIR, APP_SECRETS: "" });
      expect(found.exit).toBe(1);
      expect(found.database).toMatch(
        /^wrong {4}database {2}There is none at .*latchkey\.sqlite\. Set DATA_DIR/,
      );
      expect(found.keys).toContain("Not looked at");
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is none, or cannot be opened", async () => {
    const folder = newFolder();
    writeFileSync(databaseFile(folder), "this is no database, and long enough to be looked at as one");
    const found = await lines({ DATA_DIR: folder });
    expect(found).toMatchObject({ exit: 1, database: expect.stringMatching(/^wrong .*not a database/) });

    const other = newFolder();
    mkdirSync(databaseFile(other));
    expect(await lines({ DATA_DIR: other })).toMatchObject({
      exit: 1,
      database: expect.stringMatching(/^wrong .*cannot be opened/),
    });
    chmodSync(databaseFile(other), 0o700);
  });

  it("of a newer version is wrong, and one of an older is left to the server", async () => {
    const { dataDir } = await newWorld();
    const file = new DatabaseSync(databaseFile(dataDir));
    file.exec("insert into kysely_migration (name, timestamp) values ('999-from-the-future', '2030-01-01')");
    expect(await lines({ DATA_DIR: dataDir })).toMatchObject({
      exit: 1,
      database: expect.stringMatching(/^wrong .*newer version/),
    });
    file.exec("delete from kysely_migration where name > '001'");
    expect(await lines({ DATA_DIR: dataDir })).toMatchObject({
      exit: 0,
      database: expect.stringMatching(/^right .*the next start brings it up to date/),
      clock: expect.stringContaining("Not looked at"),
    });
    expect(file.prepare("select name from kysely_migration").all()).toEqual([]);
    file.close();
  });
});

describe("the keys", () => {
  it("are wrong when they do not open what is sealed; the clock is judged all the same", async () => {
    const world = await newWorld();
    await addAccount(world, "alice");
    await setUp(world, world.visitor(), "alice", "correct horse battery");
    const right = await lines({ DATA_DIR: world.dataDir });
    expect(right.exit).toBe(0);
    const found = await lines({ DATA_DIR: world.dataDir, APP_SECRETS: "another ".repeat(5) });
    expect(found.exit).toBe(1);
    expect(found.keys).toMatch(/^wrong .*bring that key back/);
    expect(found.clock).toMatch(/^unknown .*of 10 accounts/);
  });

  it("in development are the key file, which is not made here", async () => {
    const world = await newWorld();
    const DATA_DIR = world.dataDir;
    const key = path.join(DATA_DIR, "key");
    const without = await lines({ DATA_DIR, APP_SECRETS: "" });
    expect(without).toMatchObject({ exit: 0, keys: expect.stringContaining("the first start makes one") });
    expect(existsSync(key)).toBe(false);

    writeFileSync(key, "\n");
    expect(await lines({ DATA_DIR, APP_SECRETS: "" })).toMatchObject({
      exit: 1,
      keys: expect.stringMatching(/^wrong .*holds no key/),
    });
    rmSync(key);
    await addAccount(world, "alice");
    await setUp(world, world.visitor(), "alice", "correct horse battery");
    expect(await lines({ DATA_DIR, APP_SECRETS: "" })).toMatchObject({
      exit: 1,
      keys: expect.stringMatching(/^wrong .*bring that key back/),
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
    expect(JSON.parse(out)[3]).toMatchObject({
      state: "wrong",
      facts: { accounts: 12, seconds, since: "2026-11-24T12:00:00.000Z" },
    });
  });

  it("is right when they agree with it, but for the time that typing takes", async () => {
    const world = await newWorld();
    await count(world, 12, -8);
    expect(await lines({ DATA_DIR: world.dataDir })).toMatchObject({
      exit: 0,
      clock: expect.stringMatching(/^right .*It is right, by the authenticators of 12 accounts/),
    });
  });

  it("is not known while there are few", async () => {
    const world = await newWorld();
    await count(world, 9, -98);
    expect(await lines({ DATA_DIR: world.dataDir })).toMatchObject({
      exit: 0,
      clock: "unknown  clock     Not known yet: 9 of 10 accounts have typed a code in the last hours.",
    });
  });
});
