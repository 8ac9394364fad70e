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
    expect((await visitor.code(world.code(await visitor.secret()))).status).toBe(303);
    await world.close();
  });

  it.each([
    ["a short password", ["add", "alice"], "1234567\n", 1, /too short/],
    ["a common password", ["add", "alice"], "iloveyou\n", 1, /first that attackers try/],
    ["no password", ["add", "alice"], "", 1, /No password was given/],
    ["a name that cannot be one", ["add", "al ice"], `${PASSWORD}\n`, 2, /A name has 1 to 64/],
    ["no name", ["add"], `${PASSWORD}\n`, 2, /Which account/],
    ["a password as an argument", ["add", "alice", PASSWORD], "", 2, /never an argument/],
  ])("refuses %s in one sentence", async (_what, args, stdin, exit, sentence) => {
    const refused = await account(args, stdin);
    expect(refused).toMatchObject({ exit, out: "" });
    expect(refused.err).toMatch(sentence);
    expect(refused.err).not.toContain(PASSWORD);
  });

  it("does not touch an account of that name", async () => {
    await account(["add", "alice"], `${PASSWORD}\n`);
    expect(await account(["add", "ALICE"], "another password\n")).toMatchObject({
      exit: 1,
      err: expect.stringContaining("There is an account alice already."),
    });
  });
});

describe("latchkey account unlock", () => {
  it("opens an account that guesses have closed, while the server runs", async () => {
    await account(["add", "alice"], `${PASSWORD}\n`);
    const world = await createWorld({ DATA_DIR });
    const visitor = world.visitor();
    for (let i = 0; i < 5; i++) await visitor.password("alice", "wrong password");
    expect((await visitor.password("alice", PASSWORD)).status).toBe(429);
    expect(await account(["unlock", "alice"])).toMatchObject({ exit: 0 });
    expect((await visitor.password("alice", PASSWORD)).status).toBe(303);
    await world.close();
  });

  it("makes no database", async () => {
    const refused = await account(["unlock", "alice"]);
    expect(refused).toMatchObject({ exit: 1, err: expect.stringContaining("no database yet") });
    expect(existsSync(DATA_DIR)).toBe(false);
  });

  it("says so when there is no such account", async () => {
    await account(["add", "alice"], `${PASSWORD}\n`);
    expect(await account(["unlock", "bob"])).toMatchObject({
      exit: 1,
      err: expect.stringContaining("There is no account of that name."),
    });
  });
});
