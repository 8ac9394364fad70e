/** `latchkey backup FILE`: a whole copy while the server goes on, and what a copy brings back when it is restored. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { MAX_PENDING_LOGINS } from "../../src/auth/policy.js";
import { databaseFile } from "../../src/storage/index.js";
import { appSecret } from "../support/app-secret.js";
import { heldBy } from "../support/cookies.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { latchkeyProcess } from "../support/node-cli.js";
import { opensAccount } from "../support/raw-request.js";
import { start } from "../support/server-process.js";
import { addAccount, setUpWithSheet, signIn } from "../support/sign-in.js";
import { Visitor } from "../support/visitor.js";
import { openWorld } from "../support/world.js";

const OLD = appSecret("old");
const NEW = appSecret("new");
const PASSWORD = "correct horse battery";

const backup = (file: string, env: Record<string, string>) => latchkey(["backup", file], { env });

/** A data directory with a copy in the database's place, as an operator puts it there. */
function restored(copy: string): string {
  const folder = newFolder();
  copyFileSync(copy, databaseFile(folder));
  chmodSync(databaseFile(folder), 0o600);
  return folder;
}

describe("latchkey backup", () => {
  it("makes a consistent copy, readable by its owner alone, while a server writes", async () => {
    const env = { DATA_DIR: newFolder(), APP_SECRETS: OLD, DEMO: "off" };
    const world = await openWorld(env);
    // So many that no account reaches its cap: a sign-in over that would push out an older one, and no count would be right.
    const names = Array.from({ length: 40 }, (_, n) => `user-${n}`);
    // One by one: where the machine is busy, too many waiting for a password hash are refused.
    for (const name of names) await addAccount(world, name, PASSWORD);
    const server = await start(env);
    const load = signIns(server.address, names);
    onTestFinished(load.end);
    const folder = newFolder();
    const counts: number[] = [];
    for (const name of ["first", "second", "third"]) {
      const before = load.finished();
      const copy = path.join(folder, name);
      const { exit, out, err } = await latchkeyProcess(["backup", copy], env);
      expect({ exit, out, err }).toEqual({
        exit: 0,
        out: `Copied to ${copy}.\n`,
        err: `Database: ${databaseFile(env.DATA_DIR)}\n`,
      });
      expect(statSync(copy).mode & 0o777).toBe(0o600);
      const sessions = sessionsIn(copy);
      expect(sessions).toBeGreaterThanOrEqual(before);
      expect(sessions).toBeLessThanOrEqual(load.begun());
      counts.push(sessions);
    }
    await load.end();
    expect(counts[2]).toBeGreaterThan(counts[0] ?? Number.POSITIVE_INFINITY);
    expect(readdirSync(folder)).toEqual(["first", "second", "third"]);
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
    expect(server.output().err).toBe("");
  });

  it("refuses to overwrite a file", async () => {
    const world = await openWorld({ DATA_DIR: newFolder() });
    const file = path.join(newFolder(), "kept");
    writeFileSync(file, "precious");
    const env = { DATA_DIR: world.dataDir, APP_SECRETS: OLD };
    expect(await backup(file, env)).toMatchObject({
      exit: 1,
      out: "",
      err: expect.stringMatching(
        /^Database: [^\n]+\nlatchkey: [^\n]+kept is there already: nothing is written over\.\n$/,
      ),
    });
    expect(readFileSync(file, "utf8")).toBe("precious");
    expect((await backup(world.databaseFile, env)).exit).toBe(1);
  });

  it("leaves nothing behind when it cannot write", async () => {
    const world = await openWorld({ DATA_DIR: newFolder() });
    const folder = newFolder();
    const refused = await backup(path.join(folder, "missing", "copy"), {
      DATA_DIR: world.dataDir,
      APP_SECRETS: OLD,
    });
    expect(refused).toMatchObject({
      exit: 1,
      out: "",
      err: expect.stringContaining(`There is no folder ${path.join(folder, "missing")}.`),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("makes no database, and refuses to copy a damaged one", async () => {
    const DATA_DIR = path.join(newFolder(), "data");
    const copy = path.join(newFolder(), "copy");
    const env = { DATA_DIR, APP_SECRETS: OLD };
    expect(await backup(copy, env)).toMatchObject({
      exit: 1,
      err: expect.stringContaining(`There is no database at ${databaseFile(DATA_DIR)}.`),
    });
    expect(existsSync(DATA_DIR)).toBe(false);
    mkdirSync(DATA_DIR);
    writeFileSync(databaseFile(DATA_DIR), "this is no database, and long enough to be looked at as one");
    expect(await backup(copy, env)).toMatchObject({
      exit: 1,
      err: expect.stringContaining("not a database"),
    });
    expect(existsSync(copy)).toBe(false);
  });

  it("names pg_dump for PostgreSQL, and takes one file", async () => {
    const copy = path.join(newFolder(), "copy");
    const env = { DATABASE_URL: "postgres://latchkey:hunter2@127.0.0.1:9/latchkey", APP_SECRETS: OLD };
    const refused = await backup(copy, env);
    expect(refused).toMatchObject({ exit: 1, out: "" });
    expect(refused.err).toMatch(/^Database: [^\n]+\nlatchkey: [^\n]* for PostgreSQL there is pg_dump\.\n$/);
    expect(refused.err).not.toContain("hunter2");
    expect(existsSync(copy)).toBe(false);
    expect((await latchkey(["backup"], { env })).exit).toBe(2);
    expect((await latchkey(["backup", "one", "two"], { env })).exit).toBe(2);
  });
});

/** Begins sign-ins, four at a time, each name in turn and none more often than its pending logins are kept. */
function signIns(address: string, names: readonly string[]) {
  const most = names.length * MAX_PENDING_LOGINS;
  let begun = 0;
  let finished = 0;
  let ended = false;
  const clients = Array.from({ length: 4 }, async () => {
    while (!ended && begun < most) {
      const name = names[begun++ % names.length] ?? "";
      const { status } = await new Visitor(address, {}).password(name, PASSWORD);
      expect(status).toBe(303);
      finished += 1;
    }
  });
  return {
    begun: () => begun,
    finished: () => finished,
    async end() {
      ended = true;
      await Promise.all(clients);
    },
  };
}

/** How many sign-ins were begun in a copy, which must be sound. */
function sessionsIn(copy: string): number {
  const file = new DatabaseSync(copy, { readOnly: true });
  try {
    expect(file.prepare("pragma quick_check").all()).toEqual([{ quick_check: "ok" }]);
    expect(file.prepare("pragma foreign_key_check").all()).toEqual([]);
    return Number(file.prepare("select count(*) as sessions from sessions").get()?.sessions);
  } finally {
    file.close();
  }
}

describe("a restored copy", () => {
  it("accepts the same password and authenticator, and refuses to open with another key", async () => {
    const world = await openWorld({ DATA_DIR: newFolder(), APP_SECRETS: OLD });
    await addAccount(world, "alice", PASSWORD);
    const { secret, codes } = await setUpWithSheet(world, world.visitor(), "alice", PASSWORD);
    const copy = path.join(newFolder(), "copy");
    expect((await backup(copy, { DATA_DIR: world.dataDir, APP_SECRETS: OLD })).exit).toBe(0);

    const DATA_DIR = restored(copy);
    const after = await openWorld({ DATA_DIR, APP_SECRETS: OLD });
    after.advance(60_000);
    await signIn(after, after.visitor(), secret, "alice", PASSWORD);
    const lost = after.visitor();
    await lost.password("alice", PASSWORD);
    expect((await lost.recoveryCode(codes[0] ?? "")).headers.location).toBe("/");

    const refused = await start({ DATA_DIR: restored(copy), APP_SECRETS: NEW });
    expect(await refused.exit).toBe(1);
    expect(refused.output().err).toMatch(
      /^latchkey: The database holds secrets sealed with a key [^\n]*bring that key back[^\n]*\n$/,
    );
    const right = await start({ DATA_DIR: restored(copy), APP_SECRETS: OLD });
    expect((await fetch(`${right.address}/readyz`)).status).toBe(200);
  });

  it("brings revoked sessions and used codes back until a new key replaces the old one", async () => {
    const before = await openWorld({ DATA_DIR: newFolder(), APP_SECRETS: OLD });
    await addAccount(before, "alice", PASSWORD);
    const thief = before.visitor();
    const { secret, codes } = await setUpWithSheet(before, thief, "alice", PASSWORD);
    const stolen = heldBy(thief);
    const copy = path.join(newFolder(), "copy");
    await backup(copy, { DATA_DIR: before.dataDir, APP_SECRETS: OLD });
    // After the copy was made: a recovery code is used, and the operator throws everybody out.
    const owner = before.visitor();
    await owner.password("alice", PASSWORD);
    expect((await owner.recoveryCode(codes[0] ?? "")).status).toBe(303);
    await latchkey(["account", "password", "alice"], {
      env: { DATA_DIR: before.dataDir, APP_SECRETS: OLD },
      stdin: "violet otter seven\n",
    });
    expect(await opensAccount(before, stolen)).toBe(false);

    const same = await openWorld({ DATA_DIR: restored(copy), APP_SECRETS: OLD });
    same.advance(60_000);
    expect(await opensAccount(same, stolen)).toBe(true);
    const again = same.visitor();
    await again.password("alice", PASSWORD);
    expect((await again.recoveryCode(codes[0] ?? "")).headers.location).toBe("/");

    // The remedy: rotate to a new key before anything is served, and drop the old one.
    const DATA_DIR = restored(copy);
    expect(
      await latchkey(["keys", "rotate"], { env: { DATA_DIR, APP_SECRETS: `${NEW},${OLD}` } }),
    ).toMatchObject({ exit: 0 });
    const anew = await openWorld({ DATA_DIR, APP_SECRETS: NEW });
    anew.advance(60_000);
    expect(await opensAccount(anew, stolen)).toBe(false);
    const visitor = anew.visitor();
    await signIn(anew, visitor, secret, "alice", PASSWORD);
    expect((await visitor.get("/account")).status).toBe(200);
    expect(await opensAccount(anew, stolen)).toBe(false);
  });
});
