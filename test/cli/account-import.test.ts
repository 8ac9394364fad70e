/** `latchkey account import` on a file and a database of its own. */
import { execFileSync } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hashSync } from "@node-rs/bcrypt";
import { beforeEach, describe, expect, it } from "vitest";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { openWorld } from "../support/world.js";

const PASSWORD = "correct horse battery";
const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const passwordHash = hashSync(PASSWORD, 4);
const ALICE = { username: "alice", passwordHash, totp: SECRET };

let folder: string;
let DATA_DIR: string;
let FILE: string;
beforeEach(() => {
  folder = newFolder();
  DATA_DIR = path.join(folder, "data");
  FILE = path.join(folder, "people.jsonl");
});

const env = () => ({ DATA_DIR, APP_SECRETS: appSecret() });

const run = (...args: string[]) => latchkey(["account", "import", ...args], { env: env(), operator: "olga" });

const write = (content: string | Uint8Array, mode = 0o600) => writeFileSync(FILE, content, { mode });

const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

describe("latchkey account import", () => {
  it("adds people who sign in as they did before, and says that the file should go", async () => {
    write(lines(ALICE));
    const done = await run(FILE);
    expect(done).toMatchObject({ exit: 0, out: "1 imported, 0 there already, 0 refused.\n" });
    expect(done.err).toMatch(/holds password hashes and secrets: remove it/);
    const world = await openWorld({ DATA_DIR });
    const visitor = world.visitor();
    await visitor.password("alice", PASSWORD);
    expect((await visitor.code(world.code(SECRET))).headers.location).toBe("/");
    const { id } = (await world.store.accounts.byUsername("alice")) ?? { id: "" };
    expect(await world.store.history.of(id, 10, 0, ["account-imported"])).toMatchObject([
      { byKind: "operator", byName: "olga" },
    ]);
    await world.close();
  });

  it("names each refused line with its reason, takes the rest and exits with 1", async () => {
    write(
      `${lines(ALICE)}\n${lines({ username: "bob", totp: "x" }, { username: "carol", passwordHash })}no json\n`,
    );
    const done = await run(FILE);
    expect(done.exit).toBe(1);
    expect(done.out.split("\n")).toEqual([
      "2 imported, 0 there already, 2 refused.",
      expect.stringMatching(/^line 3 \(bob\): /),
      "line 5: The line is not JSON.",
      "",
    ]);
  });

  it("changes nothing the second time, and exits with 0", async () => {
    write(lines(ALICE, { username: "bob" }));
    await run(FILE);
    expect(await run(FILE)).toMatchObject({ exit: 0, out: "0 imported, 2 there already, 0 refused.\n" });
  });

  it("prints the report as one object with --json", async () => {
    write(lines(ALICE, { username: "bob", admin: true }));
    const done = await run(FILE, "--json");
    expect(JSON.parse(done.out)).toEqual({
      imported: 1,
      skipped: 0,
      refused: [{ line: 2, username: "bob", message: expect.any(String) }],
    });
  });

  it("says in a dry run what would happen, and writes nothing", async () => {
    await latchkey(["migrate"], { env: env() });
    write(lines(ALICE, { username: "b b" }));
    const dry = await run(FILE, "--dry-run");
    expect(dry).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/^Nothing was written\. It would be: 1 imported/),
    });
    expect(dry.err).not.toContain("remove it");
    expect((await latchkey(["account", "list", "--json"], { env: env() })).out).toBe("[]\n");
  });

  it("makes no database in a dry run", async () => {
    write(lines(ALICE));
    expect(await run(FILE, "--dry-run")).toMatchObject({ exit: 1, out: "" });
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  it("takes a byte order mark, CR LF, empty lines and a missing last newline", async () => {
    write(`\uFEFF${JSON.stringify(ALICE)}\r\n\r\n  \n${JSON.stringify({ username: "bob" })}`);
    expect(await run(FILE)).toMatchObject({ exit: 0, out: expect.stringMatching(/^2 imported/) });
  });

  it("takes an empty file", async () => {
    write("");
    expect(await run(FILE)).toMatchObject({ exit: 0, out: "0 imported, 0 there already, 0 refused.\n" });
  });

  it.skipIf(process.platform === "win32")("warns of a file that others may read", async () => {
    write(lines(ALICE), 0o644);
    expect((await run(FILE)).err).toMatch(/chmod 600/);
    write(lines(ALICE));
    execFileSync("chmod", ["600", FILE]);
    expect((await run(FILE)).err).not.toMatch(/chmod/);
  });

  it.skipIf(process.platform === "win32")("reads from a pipe", async () => {
    const pipe = path.join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const running = run(pipe);
    createWriteStream(pipe).end(lines(ALICE));
    expect(await running).toMatchObject({ exit: 0, out: expect.stringMatching(/^1 imported/) });
  });

  it.each([
    ["is missing", () => path.join(folder, "nowhere.jsonl"), /no such file/],
    ["is a folder", () => folder, /a folder/],
    ["is below a file", () => path.join(FILE, "people"), /cannot be read \(ENOTDIR\)/],
    ["is in UTF-16", () => FILE, /UTF-16/],
  ])("exits with 2 when the file %s", async (_what, file, sentence) => {
    write(Buffer.from("\uFEFF{}", "utf16le"));
    expect(await run(file())).toMatchObject({ exit: 2, out: "", err: expect.stringMatching(sentence) });
  });

  it("exits with 2 for a second file or an unknown option, before it reads anything", async () => {
    mkdirSync(DATA_DIR);
    expect(await run(FILE, FILE)).toMatchObject({ exit: 2 });
    expect(await run(FILE, "--force")).toMatchObject({ exit: 2 });
    expect(await run()).toMatchObject({ exit: 2 });
  });

  it("works while a server runs, which sees the people at once", async () => {
    const world = await openWorld({ DATA_DIR });
    write(lines(ALICE));
    expect(await run(FILE)).toMatchObject({ exit: 0 });
    const visitor = world.visitor();
    expect((await visitor.password("alice", PASSWORD)).headers.location).toBe("/login/2fa");
    await world.close();
  });
});
