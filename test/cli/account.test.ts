/** `latchkey account …` on a database of its own, in this process. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/run.js";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { randomBytes } from "../support/random.js";
import { openWorld } from "../support/world.js";

const PASSWORD = "correct horse battery";

let DATA_DIR: string;
beforeEach(() => {
  DATA_DIR = path.join(newFolder(), "data");
});

const account = (args: string[], stdin: string | Uint8Array = "") =>
  latchkey(["account", ...args], { stdin, env: { DATA_DIR, APP_SECRETS: appSecret() } });

describe("latchkey account add", () => {
  it("adds an account whose owner signs in with the password from standard input", async () => {
    const added = await account(["add", "Alice"], `${PASSWORD}\n`);
    expect(added).toMatchObject({ exit: 0, out: expect.stringContaining("Added alice,") });
    expect(added.err).toContain(`Database: ${path.join(DATA_DIR, "latchkey.sqlite")}`);

    const world = await openWorld({ DATA_DIR });
    const visitor = world.visitor();
    expect((await visitor.password("alice", PASSWORD)).status).toBe(303);
    await visitor.code(world.code(await visitor.secret()));
    expect((await visitor.get("/account")).status).toBe(200);
    await world.close();
  });

  it.each([
    ["a short password", ["add", "alice"], "1234567\n", 1, /too short/],
    ["a common password", ["add", "alice"], "iloveyou\n", 1, /first that attackers try/],
    ["a password made of the name", ["add", "alice"], "alice1234\n", 1, /account's or the site's name/],
    ["a password typed along the keys", ["add", "alice"], "zxcvbnm,\n", 1, /neighbouring keys/],
    ["a password that repeats", ["add", "alice"], "hunter2hunter2\n", 1, /repeated/],
    ["a password in the order of the alphabet", ["add", "alice"], "abcdefgh1\n", 1, /sequence/],
    ["a password that is a day", ["add", "alice"], "24.12.1984\n", 1, /date/],
    ["a password without end", ["add", "alice"], `${"kT9#vB2q".repeat(129)}\n`, 1, /at most 1,024/],
    ["no password", ["add", "alice"], "", 1, /No password was given/],
    ["a name that cannot be one", ["add", "al ice"], `${PASSWORD}\n`, 2, /A name has 1 to 64/],
  ])("refuses %s in one sentence", async (_what, args, stdin, exit, sentence) => {
    const refused = await account(args, stdin);
    expect(refused).toMatchObject({ exit, out: "" });
    expect(refused.err).toMatch(sentence);
    expect(refused.err).not.toContain(stdin.trim() || PASSWORD);
  });

  it.each([
    ["a BOM", Buffer.from(`\uFEFF${PASSWORD}\n`)],
    ["CR and LF at the end", Buffer.from(`${PASSWORD}\r\n`)],
    ["a BOM, CR and LF", Buffer.from(`\uFEFF${PASSWORD}\r\n`)],
    ["no end", Buffer.from(PASSWORD)],
    ["more lines behind it", Buffer.from(`${PASSWORD}\n\0not read\xff\n`, "latin1")],
  ])("reads the password from a pipe with %s", async (_, stdin) => {
    expect(await account(["add", "alice"], stdin)).toMatchObject({ exit: 0 });
    const world = await openWorld({ DATA_DIR });
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(303);
    await world.close();
  });

  it("reads UTF-8 characters that are split over several chunks", async () => {
    const umlauts = "größere Füße schätzen";
    const pieces = [...Buffer.from(`${umlauts}\n`)].map((byte) => Buffer.from([byte]));
    const stdin = Readable.from(pieces);
    let err = "";
    const io = {
      stdin,
      stdout: { write: () => {} },
      stderr: { write: (text: string) => (err += text) },
      env: { DATA_DIR, APP_SECRETS: appSecret() },
      now: Date.now,
      random: randomBytes,
      operator: () => "root",
    };
    expect(await runCli(["account", "add", "alice"], io), err).toBe(0);
    const world = await openWorld({ DATA_DIR });
    expect((await world.visitor().password("alice", umlauts)).status).toBe(303);
    await world.close();
  });

  const UMLAUTS = "ein längeres Passwort";
  const NOT_UTF_8 =
    /^latchkey: The password on standard input is not in UTF-8: save or send it as UTF-8\.\n$/;
  const CONTROL = /^latchkey: The password on standard input has a control character, .*\n$/;
  it.each([
    ["UTF-16 with its BOM", Buffer.from(`\uFEFF${PASSWORD}\n`, "utf16le"), NOT_UTF_8],
    ["UTF-16 without a BOM", Buffer.from(`${PASSWORD}\r\n`, "utf16le"), NOT_UTF_8],
    ["UTF-16 the other way round", Buffer.from(`\uFEFF${PASSWORD}\n`, "utf16le").swap16(), NOT_UTF_8],
    [
      "UTF-16 the other way round, without a BOM",
      Buffer.from(`${PASSWORD}\n`, "utf16le").swap16(),
      NOT_UTF_8,
    ],
    ["Latin-1", Buffer.from(`${UMLAUTS}\n`, "latin1"), NOT_UTF_8],
    ["UTF-8 that was cut", Buffer.from(`${PASSWORD}ä`).subarray(0, -1), NOT_UTF_8],
    ["a NUL", Buffer.from(`${PASSWORD}\0\n`), NOT_UTF_8],
    ["an escape", Buffer.from(`\x1b[200~${PASSWORD}\n`), CONTROL],
    ["a tab", Buffer.from(`${PASSWORD}\t${PASSWORD}\n`), CONTROL],
    ["a CR in the middle", Buffer.from(`${PASSWORD}\r${PASSWORD}\n`), CONTROL],
    ["an end that never comes", Buffer.from("kT9#vB2q".repeat(10_000)), /is too long for a password/],
  ])("refuses a password from a pipe with %s", async (_, stdin, sentence) => {
    for (const command of [
      ["add", "alice"],
      ["password", "alice"],
    ]) {
      const refused = await account(command, stdin);
      expect(refused, command.join(" ")).toMatchObject({ exit: 1, out: "" });
      if (command[0] === "add") expect(refused.err).toMatch(sentence);
    }
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  it.each([[` ${PASSWORD}`], [`${PASSWORD} `], [`${PASSWORD}\u00a0`]])(
    "keeps spaces at the ends of a password, with a warning: %j",
    async (typed) => {
      const added = await account(["add", "alice"], `${typed}\n`);
      expect(added.exit).toBe(0);
      expect(added.err).toMatch(/^The password begins or ends with a space, which counts as part of it\.\n/);
      const world = await openWorld({ DATA_DIR });
      expect((await world.visitor().password("alice", typed)).status).toBe(303);
      expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
      await world.close();
    },
  );

  it("refuses a name that is taken", async () => {
    await account(["add", "alice"], `${PASSWORD}\n`);
    expect(await account(["add", "ALICE"], "another password\n")).toMatchObject({
      exit: 1,
      err: expect.stringContaining("There is an account alice already."),
    });
  });
});

describe("latchkey account", () => {
  /** All that have an account's name as their only argument. */
  const ON_ONE_ACCOUNT = [
    "password",
    "disable",
    "enable",
    "remove",
    "unlock",
    "sign-out",
    "invite",
    "reset-2fa",
  ];

  it.each([...ON_ONE_ACCOUNT.map((command) => [command, "alice"]), ["list"], ["list", "--json"]])(
    "makes no database for %s",
    async (...args) => {
      const refused = await account(args, `${PASSWORD}\n`);
      expect(refused).toMatchObject({ exit: 1, out: "" });
      expect(refused.err).toBe(
        `Database: ${path.join(DATA_DIR, "latchkey.sqlite")}\n` +
          "latchkey: There is no database yet: `latchkey migrate` or `latchkey account add NAME` makes one.\n",
      );
      expect(existsSync(DATA_DIR)).toBe(false);
    },
  );

  it.each(ON_ONE_ACCOUNT)("refuses %s when there is no such account", async (command) => {
    await account(["add", "alice"], `${PASSWORD}\n`);
    for (const name of ["bob", "no name"]) {
      const refused = await account([command, name], `${PASSWORD}\n`);
      expect(refused).toMatchObject({ exit: 1, out: "" });
      expect(refused.err).toBe(
        `Database: ${path.join(DATA_DIR, "latchkey.sqlite")}\nlatchkey: There is no account of that name.\n`,
      );
    }
  });

  it.each([...ON_ONE_ACCOUNT, "add"])("takes one name and nothing else for %s", async (command) => {
    const wrong: [string[], RegExp][] = [
      [[], /NAME is missing; usage: latchkey account/],
      [["alice", PASSWORD], /One name is enough; a password is never an argument/],
      [["alice", "--password=hunter2"], /'--password'/],
      [["alice", "--json"], /'--json'/],
      [["-f", "alice"], /'-f'/],
    ];
    for (const [args, sentence] of wrong) {
      const refused = await account([command, ...args], `${PASSWORD}\n`);
      expect(refused).toMatchObject({ exit: 2, out: "" });
      expect(refused.err).toMatch(sentence);
      expect(refused.err).toMatch(/^latchkey: [^\n]+\n$/);
      expect(refused.err).not.toMatch(/hunter2|horse/);
    }
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  it.each([
    [["list", "alice"], /Too many arguments; usage: latchkey account list/],
    [["list", "--csv"], /'--csv'/],
    [
      [],
      /add, list, import, password, rename, disable, enable, remove, unlock, sign-out, invite or reset-2fa/,
    ],
    [
      ["move"],
      /add, list, import, password, rename, disable, enable, remove, unlock, sign-out, invite or reset-2fa/,
    ],
    [["rename", "alice"], /NEW is missing; usage: latchkey account rename/],
    [["rename", "alice", "bob", "carol"], /Too many arguments; usage: latchkey account rename/],
  ])("refuses the arguments %j as misuse", async (args, sentence) => {
    const refused = await account(args);
    expect(refused).toMatchObject({ exit: 2, out: "" });
    expect(refused.err).toMatch(sentence);
  });

  it("explains each of its commands with --help", async () => {
    const { out } = await account(["--help"]);
    for (const command of [...ON_ONE_ACCOUNT, "add", "list"]) {
      expect(out).toContain(`latchkey account ${command} `);
      const help = await account([command, "--help"]);
      expect(help).toMatchObject({ exit: 0, err: "" });
      expect(help.out).toMatch(new RegExp(`^Usage: latchkey account ${command} [^\n]+\n[A-Z][^\n]+\\.\n`));
    }
  });
});
