/** A data directory that cannot be used, or that others can read: one sentence with the remedy, from the server and each command. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { databaseFile, openStore } from "../src/storage/index.js";
import { appSecret } from "./support/app-secret.js";
import { latchkey } from "./support/latchkey-command.js";
import { cannotMount } from "./support/mount.js";
import { newFolder } from "./support/new-folder.js";
import { start } from "./support/server-process.js";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));

/** File modes do not bind root, so the commands run as nobody. */
const isRoot = process.getuid?.() === 0;
const NOBODY = isRoot ? { uid: 65_534, gid: 65_534 } : {};

/** All programs that open the data; each runs as a process that is not root's. */
const ENTRIES: Record<string, string[]> = {
  "npm start": [path.join(dist, "main.js")],
  ...Object.fromEntries(
    ["account add alice", "account list", "migrate", "doctor"].map((command) => [
      command,
      [path.join(dist, "cli.js"), ...command.split(" ")],
    ]),
  ),
  createLatchkey: [
    "--input-type=module",
    "-e",
    `import { createLatchkey } from ${JSON.stringify(pathToFileURL(path.join(dist, "latchkey.js")))};
     await createLatchkey().catch((error) => { console.error(error.message); process.exit(1); });`,
  ],
};

async function run(argv: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, argv, {
    ...NOBODY,
    cwd: "/",
    env: { PATH: process.env.PATH, NODE_ENV: "development", PORT: "0", ...env },
  });
  child.stdin.end("a quiet orange harbour\n");
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said += chunk;
    });
  }
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exit, said };
}

/** A folder that everybody may enter and only its owner may write to. */
function openFolder(): string {
  const folder = newFolder();
  chmodSync(folder, 0o755);
  return folder;
}

/** A folder with a database and a key, both owned by the user who runs the commands. */
async function goodData(): Promise<string> {
  const folder = path.join(openFolder(), "data");
  await (await openStore({ dataDir: folder })).close();
  writeFileSync(path.join(folder, "key"), appSecret(), { mode: 0o600 });
  for (const name of [".", ...readdirSync(folder)]) {
    if (NOBODY.uid) chownSync(path.join(folder, name), NOBODY.uid, NOBODY.gid);
  }
  return folder;
}

/** A small file system in memory. */
function disk(size: string): string {
  const folder = openFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0777`, "tmpfs", folder]);
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}

const UNUSABLE: Record<string, { make: () => string | Promise<string>; reason: RegExp; needsMount?: true }> =
  {
    "whose parent may not be written": {
      make: () => {
        const folder = openFolder();
        chmodSync(folder, 0o555);
        return path.join(folder, "data");
      },
      reason: /this user may not read it, or may not write there/,
    },
    "that may not be written": {
      make: () => {
        const folder = openFolder();
        chmodSync(folder, 0o555);
        return folder;
      },
      reason: /this user may not read it, or may not write there/,
    },
    "that may not be entered": {
      make: async () => {
        const folder = await goodData();
        chmodSync(folder, 0);
        onTestFinished(() => chmodSync(folder, 0o700));
        return folder;
      },
      reason: /this user may not read it, or may not write there/,
    },
    "whose files are another user's": {
      make: async () => {
        const folder = await goodData();
        for (const name of ["latchkey.sqlite", "key"]) chmodSync(path.join(folder, name), 0);
        return folder;
      },
      reason: /this user may not read it, or may not write there/,
    },
    "that is a file": {
      make: () => {
        const file = path.join(openFolder(), "data");
        writeFileSync(file, "");
        return file;
      },
      reason: /there is a file where a folder should be/,
    },
    "behind a file": {
      make: () => {
        const file = path.join(openFolder(), "data");
        writeFileSync(file, "");
        return path.join(file, "below");
      },
      reason: /there is a file where a folder should be/,
    },
    "on a disk that can only be read": {
      make: () => {
        const folder = disk("1m");
        execFileSync("mount", ["-o", "remount,ro", folder]);
        return path.join(folder, "data");
      },
      reason: /nothing may be written there/,
      needsMount: true,
    },
    "on a disk that is full": {
      make: () => {
        const folder = disk("64k");
        mkdirSync(path.join(folder, "data"));
        chmodSync(path.join(folder, "data"), 0o777);
        writeFileSync(path.join(folder, "filler"), Buffer.alloc(64 * 1024 - 4096));
        try {
          writeFileSync(path.join(folder, "more"), Buffer.alloc(64 * 1024));
        } catch {
          // It is full now.
        }
        return path.join(folder, "data");
      },
      reason: /the disk is full/,
      needsMount: true,
    },
  };

const CANNOT_MOUNT = cannotMount();

describe("an unusable data directory", () => {
  for (const [what, { make, reason, needsMount }] of Object.entries(UNUSABLE)) {
    const cannot = needsMount ? CANNOT_MOUNT : "";
    for (const secrets of ["", appSecret()]) {
      const by = secrets ? "with APP_SECRETS" : "with a key in it";
      it.skipIf(cannot)(
        `is refused in one sentence with the remedy when it is one ${what}, ${by}${cannot}`,
        async () => {
          const DATA_DIR = await make();
          const env = { DATA_DIR, APP_SECRETS: secrets };
          const runs = Object.entries(ENTRIES).map(async ([entry, argv]) => ({
            entry,
            ...(await run(argv, env)),
          }));
          for (const { entry, exit, said } of await Promise.all(runs)) {
            expect(exit, entry).toBe(1);
            const lines = said
              .trimEnd()
              .split("\n")
              .filter((line) => !line.startsWith("Database: "));
            // `doctor` only looks: it finds no database where none can be made.
            if (entry !== "doctor" && !/There is no database yet/.test(said)) {
              expect(lines, entry).toHaveLength(1);
              expect(said, entry).toMatch(reason);
              expect(said, entry).toMatch(/set DATA_DIR to a folder that this user may write/);
            }
            expect(said, entry).not.toMatch(/\bE[A-Z]{4,}\b|SQLITE|errno|node_modules|\n\s+at /);
            expect(said, entry).toContain(DATA_DIR);
          }
        },
      );
    }
  }
});

describe("the file modes of a data directory", () => {
  const FILES = ["latchkey.sqlite", "latchkey.sqlite-wal", "latchkey.sqlite-shm", "key"];

  /** All of a folder's files, as a server that was killed leaves them. */
  async function leftBehind(): Promise<string> {
    const DATA_DIR = newFolder();
    const server = await start({ DATA_DIR });
    server.child.kill("SIGKILL");
    await server.exit;
    expect(readdirSync(DATA_DIR).sort()).toEqual([...FILES].sort());
    return DATA_DIR;
  }

  /** Whether a command starts, and what `doctor` says of the modes; both must agree. */
  async function judged(DATA_DIR: string) {
    const { out } = await latchkey(["doctor"], { env: { DATA_DIR } });
    const permissions = out.split("\n").find((line) => line.includes(" permissions "));
    const list = await latchkey(["account", "list"], { env: { DATA_DIR } });
    expect(list.exit === 0, `${list.err}\n${permissions}`).toBe(permissions?.startsWith("ok"));
    return { isTaken: list.exit === 0, says: `${list.err}${permissions}` };
  }

  it.each(FILES)("refuse %s when others or the group may read it", async (name) => {
    const DATA_DIR = await leftBehind();
    const file = path.join(DATA_DIR, name);
    for (const open of [0o604, 0o602, 0o640, 0o620, 0o660]) {
      chmodSync(file, open);
      const { isTaken, says } = await judged(DATA_DIR);
      expect(isTaken, open.toString(8)).toBe(false);
      expect(says.split(`run \`chmod 600 ${file}\``).length, says).toBe(3);
      chmodSync(file, 0o600);
    }
    expect((await judged(DATA_DIR)).isTaken).toBe(true);
  });

  it.each(FILES)(
    "accept %s as Kubernetes' fsGroup makes it, and refuse it when others may read it",
    async (name) => {
      const DATA_DIR = await leftBehind();
      // `chmod g+rwX`, and the folder hands its group on.
      chmodSync(DATA_DIR, 0o2770);
      for (const other of FILES) chmodSync(path.join(DATA_DIR, other), 0o660);
      const shared = await judged(DATA_DIR);
      expect(shared.isTaken).toBe(true);
      expect(shared.says).toContain(`, but for the group of ${DATA_DIR}.`);
      const file = path.join(DATA_DIR, name);
      for (const open of [0o664, 0o662]) {
        chmodSync(file, open);
        const { isTaken, says } = await judged(DATA_DIR);
        expect(isTaken, open.toString(8)).toBe(false);
        expect(says.split(`run \`chmod o= ${file}\``).length, says).toBe(3);
      }
    },
  );

  it("are for the owner alone when files are new, in a shared folder too", async () => {
    const folder = newFolder();
    chmodSync(folder, 0o2777);
    const DATA_DIR = path.join(folder, "latchkey");
    const server = await start({ DATA_DIR });
    server.child.kill("SIGKILL");
    await server.exit;
    for (const name of FILES) expect(statSync(path.join(DATA_DIR, name)).mode & 0o777, name).toBe(0o600);
    expect(statSync(DATA_DIR).mode & 0o777).toBe(0o700);
    expect(statSync(databaseFile(DATA_DIR)).isFile()).toBe(true);
  });
});
