/** `latchkey account …` on a database of its own, in this process. */
import { existsSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { createWorld } from "../support/world.js";

const PASSWORD = "correct horse battery";

let DATA_DIR: string;
beforeEach(() => {
  DATA_DIR = path.join(newFolder(), "data");
});

const account = (args: string[], stdin = "") =>
  latchkey(["account", ...args], { stdin, env: { DATA_DIR, APP_SECRETS: "test-secret ".repeat(4) } });

describe("latchkey account add", () => {
  it("adds someone who can then sign in, with the password from standard input", async () => {
    const added = await account(["add", "Alice"], `${PASSWORD}\n`);
    expect(added).toMatchObject({ exit: 0, out: expect.stringContaining("Added alice,") });
    expect(added.err).toContain(`Database: ${path.join(DATA_DIR, "latchkey.sqlite")}`);

    const world = await createWorld({ DATA_DIR });
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

  it("does not touch an account of that name", async () => {
    await account(["add", "alice"], `${PASSWORD}\n`);
    expect(await account(["add", "ALICE"], "another password\n")).toMatchObject({
      exit: 1,
      err: expect.stringContaining("There is an account alice already."),
    });
  });
});

describe("latchkey account", () => {
  /** All that have an account's name as their only argument. */
  const ON_ONE_ACCOUNT = ["password", "disable", "enable", "remove", "unlock", "reset-2fa"];

  it.each([...ON_ONE_ACCOUNT.map((command) => [command, "alice"]), ["list"], ["list", "--json"]])(
    "%s makes no database",
    async (...args) => {
      const refused = await account(args, `${PASSWORD}\n`);
      expect(refused).toMatchObject({ exit: 1, out: "" });
      expect(refused.err).toBe(
        `Database: ${path.join(DATA_DIR, "latchkey.sqlite")}\n` +
          "latchkey: There is no database yet: `latchkey account add NAME` makes one.\n",
      );
      expect(existsSync(DATA_DIR)).toBe(false);
    },
  );

  it.each(ON_ONE_ACCOUNT)("%s says so when there is no such account", async (command) => {
    await account(["add", "alice"], `${PASSWORD}\n`);
    for (const name of ["bob", "no name"]) {
      const refused = await account([command, name], `${PASSWORD}\n`);
      expect(refused).toMatchObject({ exit: 1, out: "" });
      expect(refused.err).toBe(
        `Database: ${path.join(DATA_DIR, "latchkey.sqlite")}\nlatchkey: There is no account of that name.\n`,
      );
    }
  });

  it.each([...ON_ONE_ACCOUNT, "add"])("%s takes one name and nothing else", async (command) => {
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
    [[], /add, list, password, disable, enable, remove, unlock or reset-2fa/],
    [["rename"], /add, list, password, disable, enable, remove, unlock or reset-2fa/],
  ])("calls %j misuse", async (args, sentence) => {
    const refused = await account(args);
    expect(refused).toMatchObject({ exit: 2, out: "" });
    expect(refused.err).toMatch(sentence);
  });

  it("explains each of its commands for --help", async () => {
    const { out } = await account(["--help"]);
    for (const command of [...ON_ONE_ACCOUNT, "add", "list"]) {
      expect(out).toContain(`latchkey account ${command} `);
      const help = await account([command, "--help"]);
      expect(help).toMatchObject({ exit: 0, err: "" });
      expect(help.out).toMatch(new RegExp(`^Usage: latchkey account ${command} [^\n]+\n[A-Z][^\n]+\\.\n`));
    }
  });
});
