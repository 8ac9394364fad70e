/** What lies where the database should be, and is none, or a damaged one: refused with the next step, and left as it is. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { databaseFile, openStore } from "../../../src/storage/index.js";
import { appSecret } from "../../support/app-secret.js";
import { latchkey } from "../../support/latchkey-command.js";
import { newFolder } from "../../support/new-folder.js";
import { randomBytes } from "../../support/random.js";
import { start } from "../../support/server-process.js";

interface Trouble {
  /** Makes of a good database what is found. */
  befalls(file: string): void;
  /** What is said: what it is, and what to do. */
  says: RegExp;
}

const BRING_BACK = /Bring back a copy of it/;

const TROUBLES: Record<string, Trouble> = {
  "that is damaged in the middle": {
    befalls(file) {
      const pages = openSync(file, "r+");
      for (let page = 2; page < 12; page++) writeSync(pages, randomBytes(4096), 0, 4096, page * 4096);
      closeSync(pages);
    },
    says: BRING_BACK,
  },
  "whose first page is damaged": {
    befalls(file) {
      const pages = openSync(file, "r+");
      writeSync(pages, randomBytes(4096), 0, 4096, 0);
      closeSync(pages);
    },
    says: BRING_BACK,
  },
  "that was cut in half": {
    befalls: (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
    says: BRING_BACK,
  },
  "that was cut within a page": {
    befalls: (file) => truncateSync(file, 3 * 4096 + 100),
    says: BRING_BACK,
  },
  "that was cut off after a few bytes": { befalls: (file) => truncateSync(file, 50), says: BRING_BACK },
  "that was emptied": { befalls: (file) => truncateSync(file), says: /it is empty\. Bring back a copy/ },
  "of which only the -wal is left": {
    befalls(file) {
      const other = new DatabaseSync(file);
      other.exec("insert into throttle values ('a pool', null, 1, 1, 1, null)");
      const wal = readFileSync(`${file}-wal`);
      other.close();
      rmSync(file);
      writeFileSync(`${file}-wal`, wal, { mode: 0o600 });
    },
    says: /only its -wal is there\. Bring back the file/,
  },
  "that is a text file": {
    befalls: (file) => writeFileSync(file, "These are my notes, and I should like to keep them.\n"),
    says: /not a database/,
  },
  "that is a folder": {
    befalls(file) {
      rmSync(file);
      mkdirSync(file, { mode: 0o700 });
    },
    says: /is a folder/,
  },
  "that is another program's": {
    befalls(file) {
      rmSync(file);
      const other = new DatabaseSync(file);
      other.exec("create table songs (title text); insert into songs values ('Ode to Joy')");
      other.close();
      chmodSync(file, 0o600);
    },
    says: /belongs to another program/,
  },
  "that everyone may read": { befalls: (file) => chmodSync(file, 0o644), says: /run `chmod 600 / },
  "that a group may read": { befalls: (file) => chmodSync(file, 0o640), says: /run `chmod 600 / },
  "that a group may write": { befalls: (file) => chmodSync(file, 0o620), says: /run `chmod 600 / },
};

describe.each(Object.entries(TROUBLES))("a database file %s", (_, { befalls, says }) => {
  it("is refused by everything that opens it, with a remedy, and left as it is", async () => {
    const folder = await goodDatabase();
    const file = databaseFile(folder);
    befalls(file);
    const before = contents(folder);
    const env = { DATA_DIR: folder, APP_SECRETS: appSecret() };

    const refusal = await openStore({ dataDir: folder }).catch(String);
    expect(refusal).toMatch(says);
    expect(contents(folder)).toEqual(before);

    for (const command of [
      ["account", "list"],
      ["account", "add", "alice"],
      ["doctor"],
      ["keys", "rotate"],
    ]) {
      const { exit, out, err } = await latchkey(command, { env, stdin: "a quiet orange harbour\n" });
      const told = out + err.replace(/^Database: .*\n/, "");
      expect([exit, command.join(" ")]).toEqual([1, command.join(" ")]);
      expect(told, command.join(" ")).toMatch(says);
      expect(told, command.join(" ")).not.toMatch(/SQLITE_|\n\s+at |undefined/);
      expect(contents(folder), command.join(" ")).toEqual(before);
    }

    const server = await start(env);
    expect(await server.exit).toBe(1);
    expect(server.output().err).toMatch(says);
    expect(server.output().err.trim().split("\n")).toHaveLength(1);
    expect(contents(folder)).toEqual(before);
  });
});

describe("a database file", () => {
  it("is opened behind a symbolic link", async () => {
    const [folder, elsewhere] = [await goodDatabase(), newFolder()];
    renameSync(databaseFile(folder), path.join(elsewhere, "there"));
    symlinkSync(path.join(elsewhere, "there"), databaseFile(folder));
    const store = await openStore({ dataDir: folder });
    expect(await store.throttle.secondFactorFailures("account")).toBe(1);
    await store.close();
  });

  it("is not made when a symbolic link leads nowhere", async () => {
    const [folder, elsewhere] = [newFolder(), newFolder()];
    symlinkSync(path.join(elsewhere, "gone"), databaseFile(folder));
    await expect(openStore({ dataDir: folder })).rejects.toThrow(/EEXIST/);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it("is made together with its folder, for its owner alone", async () => {
    const folder = path.join(newFolder(), "one", "two");
    await (await openStore({ dataDir: folder })).close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(["latchkey.sqlite"]);
  });

  it("is made once when two start in an empty folder at the same time", async () => {
    for (let round = 0; round < 20; round++) {
      const folder = newFolder();
      const stores = await Promise.all([openStore({ dataDir: folder }), openStore({ dataDir: folder })]);
      await stores[0]?.throttle.count("second-factor", { free: 5, delays: [1], window: null }, 1, "account");
      expect(await stores[1]?.throttle.secondFactorFailures("account")).toBe(1);
      for (const store of stores) await store.close();
      expect(readdirSync(folder)).toEqual(["latchkey.sqlite"]);
    }
  });
});

/** A folder with a sound database, closed. */
async function goodDatabase(): Promise<string> {
  const folder = newFolder();
  const store = await openStore({ dataDir: folder });
  await store.throttle.count("second-factor", { free: 5, delays: [1], window: null }, 1, "account");
  await store.close();
  return folder;
}

/** Every file of a folder by name: its bytes, hashed, and its mode. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(
    names.map((name) => {
      const { mode } = statSync(path.join(folder, name));
      const isFolder = statSync(path.join(folder, name)).isDirectory();
      const bytes = isFolder ? "a folder" : readFileSync(path.join(folder, name));
      return [name, `${mode.toString(8)} ${createHash("sha256").update(bytes).digest("hex")}`];
    }),
  );
}
