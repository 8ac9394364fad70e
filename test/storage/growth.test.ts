/** Growth: with a million rows, no statement reads a whole table, and large work runs in batches. */
import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync, writeSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, vi } from "vitest";
import { inBatches } from "../../src/auth/batches.js";
import { StoreUnavailable } from "../../src/auth/store.js";
import { databaseFile, openStore } from "../../src/storage/index.js";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { openDatabase } from "../support/other-program.js";
import { setUpWithSheet, signIn } from "../support/sign-in.js";
import { HOUR, openWorld } from "../support/world.js";

/** Every statement that the engine was given. */
const asked = vi.hoisted(() => new Set<string>());
vi.mock("@photostructure/sqlite", async (original) => {
  const sqlite = await original<typeof import("@photostructure/sqlite")>();
  class Heard extends sqlite.DatabaseSync {
    override prepare(sql: string) {
      asked.add(sql);
      return super.prepare(sql);
    }
  }
  return { ...sqlite, DatabaseSync: Heard };
});

/** What holds few rows, however many accounts there are. */
const SMALL =
  /^SCAN (drifts|stored_keys|kysely_migration|kysely_migration_lock|sqlite_\w+|names|CONSTANT ROW|\d+-ROW VALUES|\w+ VIRTUAL TABLE)\b/;

/** Whether a step of SQLite's plan for a statement goes through all rows of a large table. */
function readsAll(step: string, sql: string): boolean {
  if (!step.startsWith("SCAN ") || SMALL.test(step)) return false;
  // From one end of an index, it stops at the limit.
  return !(/ USING (COVERING )?INDEX /.test(step) && / limit /.test(sql));
}

describe("a million accounts", () => {
  it("read no whole table at start, sign-in, on pages, in pruning or metrics", async () => {
    const DATA_DIR = newFolder();
    await (await openStore({ dataDir: DATA_DIR })).close();
    asked.clear();
    const world = await openWorld({ DATA_DIR });
    const owner = world.visitor();
    const { secret, codes } = await setUpWithSheet(world, owner);
    const visitor = world.visitor();
    await visitor.password("test", "wrong");
    await visitor.password();
    await visitor.code("000000");
    await visitor.recoveryCode(codes[0] ?? "");
    await signIn(world, owner, secret);
    for (const page of [
      "/",
      "/account",
      "/account/history",
      "/account/recovery-codes/current",
      "/auth/verify",
    ])
      await owner.get(page);
    await owner.confirm("password", world.code(secret));
    await owner.get("/account/authenticators/new");
    await latchkey(["account", "disable", "test"], {
      env: { DATA_DIR, APP_SECRETS: appSecret() },
    });
    await world.auth.unlockAccount("test");
    await world.auth.reportOperatorEvents();
    await world.auth.flushDrifts();
    await world.auth.sessionCount();
    await world.store.sealed.keyNames("recovery-codes");
    await world.auth.assertReady();
    await owner.post("/logout");
    world.advance(100 * 24 * HOUR);
    await world.auth.prune();
    await (await openStore({ dataDir: world.dataDir })).close();

    const ours = [...asked].filter((sql) => /^(select|insert|update|delete|with|\s)/.test(sql));
    expect(ours.length).toBeGreaterThan(60);
    const database = openDatabase(world);
    const found = ours.flatMap((sql) => {
      const plan = database.prepare(`explain query plan ${sql}`).all();
      const steps = plan.map(({ detail }) => String(detail));
      return steps.filter((step) => readsAll(step, sql)).map((step) => `${step}: ${sql}`);
    });
    expect(found).toEqual([]);
  });

  it("let other work run between the batches of large work", async () => {
    const turns: string[] = [];
    const other = setInterval(() => turns.push("another's"));
    let steps = 0;
    await inBatches(async () => {
      turns.push("ours");
      const until = performance.now() + 5;
      while (performance.now() < until);
      steps += 1;
      return steps === 4;
    });
    clearInterval(other);
    const between = turns.join(" ").split("ours").slice(1, -1);
    expect(between).toHaveLength(3);
    for (const turn of between) expect(turn).toContain("another's");
  });
});

const PAGE = 4_096;

/** Larger than what a start looks through: with lines of history that nobody has written. */
async function largeDatabase(): Promise<string> {
  const folder = newFolder();
  await (await openStore({ dataDir: folder })).close();
  const file = new DatabaseSync(databaseFile(folder));
  file.exec(`
    pragma synchronous = off;
    insert into accounts (id, username, password_hash, created_at) values ('account', 'alice', 'hash', 1);
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 4500)
    insert into history (id, account_id, at, place, type, by_operator, device, address)
      select 'line ' || n, 'account', n, 0, 'signed-in', 0, hex(randomblob(8000)), '' from numbers`);
  file.close();
  expect(statSync(databaseFile(folder)).size).toBeGreaterThan(65 * 2 ** 20);
  return folder;
}

function overwrite(file: string, from: number, pages: number): void {
  const opened = openSync(file, "r+");
  writeSync(opened, Buffer.alloc(pages * PAGE, 0x55), 0, pages * PAGE, from * PAGE);
  closeSync(opened);
}

/** The page at which the history, or the first of its indices, begins. */
function rootOf(file: string, type: "table" | "index"): number {
  const database = new DatabaseSync(file);
  const found = database
    .prepare("select rootpage from sqlite_schema where type = ? and tbl_name = 'history' order by name")
    .get(type);
  database.close();
  return Number(found?.rootpage);
}

/** The page with the last rows of a table: by the last of the ways down from each page (SQLite's file format, 1.6). */
function lastOf(file: string, root: number): number {
  const opened = openSync(file, "r");
  const page = Buffer.alloc(PAGE);
  let number = root;
  for (;;) {
    readSync(opened, page, 0, PAGE, (number - 1) * PAGE);
    if (page[0] !== 5) break;
    number = page.readUInt32BE(8);
  }
  closeSync(opened);
  return number;
}

describe("a large database file", () => {
  it.each([
    ["whose first page is damaged", (file: string) => overwrite(file, 0, 1)],
    ["whose first tables are damaged", (file: string) => overwrite(file, 2, 10)],
    [
      "an index of which has lost its beginning",
      (file: string) => overwrite(file, rootOf(file, "index") - 1, 1),
    ],
    [
      "a table of which has lost its end",
      (file: string) => overwrite(file, lastOf(file, rootOf(file, "table")) - 1, 1),
    ],
    ["that was cut in half", (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ["that has lost its last page", (file: string) => truncateSync(file, statSync(file).size - PAGE)],
  ])("is refused when it is opened: one %s", async (_, befalls) => {
    const folder = await largeDatabase();
    befalls(databaseFile(folder));
    await expect(openStore({ dataDir: folder })).rejects.toThrow(/Bring back a copy of it/);
  });

  it("is found damaged deep inside by doctor and backup; only reads of the damaged part fail", async () => {
    const folder = await largeDatabase();
    const file = databaseFile(folder);
    const middle = Math.floor(statSync(file).size / PAGE / 2);
    overwrite(file, middle, 200);
    const env = { DATA_DIR: folder, APP_SECRETS: appSecret() };
    expect(await latchkey(["doctor"], { env })).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/^problem {2}database .*it is damaged\. Bring back a copy of it/m),
    });
    const copies = newFolder();
    const copied = await latchkey(["backup", path.join(copies, "copy")], { env });
    expect(copied).toMatchObject({ exit: 1, out: "" });
    expect(readdirSync(copies)).toEqual([]);

    const store = await openStore({ dataDir: folder });
    expect(await store.accounts.byUsername("alice")).toMatchObject({ id: "account" });
    await expect(store.history.of("account", 10_000, 0)).rejects.toBeInstanceOf(StoreUnavailable);
    await store.close();
  });

  it("is checked as a whole before a migration", async () => {
    const folder = await largeDatabase();
    const file = new DatabaseSync(databaseFile(folder));
    file.exec("drop index authenticators_key; delete from kysely_migration where name = '006-growth'");
    file.close();
    const middle = Math.floor(statSync(databaseFile(folder)).size / PAGE / 2);
    overwrite(databaseFile(folder), middle, 200);
    await expect(openStore({ dataDir: folder })).rejects.toThrow(/Bring back a copy of it/);
  });
});
