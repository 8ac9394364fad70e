/** Enumeration: telling from an answer, or from what it costs, whether a name has an account. */
import { statSync } from "node:fs";
import { verify } from "@node-rs/argon2";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ADDRESS_RULE, PASSWORD_LENGTH, PASSWORD_RULE, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { databaseBytes, openDatabase } from "../support/other-program.js";
import { type Answer, ask, bytesOf as bytesOfAny, form } from "../support/raw-request.js";
import { addAccount, setUp, signIn } from "../support/sign-in.js";
import { MINUTE, openWorld, sharedDataDir, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

// The hash is the cost of a refusal: the tests count hashes, since time on a busy machine proves nothing.
vi.mock("@node-rs/argon2", async (original) => {
  const real = await original<typeof import("@node-rs/argon2")>();
  return { ...real, verify: vi.fn(real.verify) };
});
beforeEach(() => void vi.mocked(verify).mockClear());

const PASSWORD = "correct horse battery";

/** A Latchkey where the demo account exists and is closed, with `victim`, `oldhat` with a history, and two disabled ones. */
async function worldWithClosedDemo(): Promise<World> {
  const DATA_DIR = sharedDataDir();
  await (await openWorld({ DATA_DIR })).close();
  const world = await openWorld({ DATA_DIR, DEMO: "off" });
  for (const name of ["victim", "oldhat", "closed", "barred"]) await addAccount(world, name, PASSWORD);
  const visitor = world.visitor();
  const secret = await setUp(world, visitor, "oldhat", PASSWORD);
  for (let n = 0; n < 3; n++) {
    await visitor.post("/logout");
    await signIn(world, visitor, secret, "oldhat", PASSWORD);
  }
  for (const name of ["closed", "barred"]) await world.auth.disableAccount(name);
  vi.mocked(verify).mockClear();
  return world;
}

/** Of equal lengths, so that only the echoed name may differ. */
const CASES = {
  "a wrong password": ["victim", "wrong"],
  "an unknown name": ["nobody", PASSWORD],
  "a malformed name": ['<no>&"', PASSWORD],
  "the closed demo account": ["  test", "password"],
  "a name with a history": ["oldhat", "wrong"],
  "a disabled account": ["closed", "wrong"],
  "a disabled account, by its password": ["barred", PASSWORD],
} satisfies Record<string, [string, string]>;

const tryIn = (world: World, username: string, password: string) =>
  ask(world, { path: "/login", ...form({ username, password, next: "/account" }) });

/** An answer without the one thing that may differ: the typed name. */
function bytesOf(answer: Answer) {
  const { status, headers, text } = bytesOfAny(answer);
  const { "content-length": _length, ...same } = headers;
  return { status, same, text: text.replace(/(<input [^>]*id="username"[^>]* value=")[^"]*"/, '$1"') };
}

describe("the answer to a refused sign-in", () => {
  it("is the same byte by byte for every name", async () => {
    const world = await worldWithClosedDemo();
    const wrong = await tryIn(world, ...(CASES["a wrong password"] as [string, string]));
    expect(wrong.status).toBe(401);
    expect(wrong.text).toContain('value="victim"');
    for (const [name, [username, password]] of Object.entries(CASES)) {
      expect(bytesOf(await tryIn(world, username, password)), name).toEqual(bytesOf(wrong));
    }
    // Of names of equal length and plain letters, the length in bytes is the same too.
    const unknown = await tryIn(world, "nobody", PASSWORD);
    expect(unknown.headers["content-length"]).toBe(wrong.headers["content-length"]);
  });

  it("costs one hash with the same parameters for every name", async () => {
    const world = await worldWithClosedDemo();
    for (const [name, [username, password]] of Object.entries(CASES)) {
      vi.mocked(verify).mockClear();
      await tryIn(world, username, password);
      expect(verify, name).toHaveBeenCalledTimes(1);
      expect(String(vi.mocked(verify).mock.calls[0]?.[0]), name).toMatch(
        /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
      );
    }
  });

  it("costs no hash for any name when the password is too long", async () => {
    const world = await worldWithClosedDemo();
    for (const [username] of Object.values(CASES)) {
      expect((await tryIn(world, username, "x".repeat(PASSWORD_LENGTH.max + 1))).status).toBe(401);
    }
    expect(verify).not.toHaveBeenCalled();
  });

  it("costs as many writes to the disk for every name", async () => {
    const world = await worldWithClosedDemo();
    const written = () => statSync(`${world.databaseFile}-wal`).size;
    await tryIn(world, "first from this address", "wrong");
    const costs: Record<string, number> = {};
    for (const [name, [username, password]] of Object.entries(CASES)) {
      const before = written();
      await tryIn(world, username, password);
      costs[name] = written() - before;
    }
    expect(costs["a wrong password"]).toBeGreaterThan(0);
    expect(new Set(Object.values(costs)), JSON.stringify(costs)).toHaveLength(1);
  });

  it("is the same 429 for a right and a wrong password when the delay runs", async () => {
    const world = await worldWithClosedDemo();
    for (const [username] of Object.values(CASES)) {
      for (let n = 0; n < PASSWORD_RULE.free; n++) await tryIn(world, username, "wrong");
    }
    world.advance(MINUTE / 2);
    vi.mocked(verify).mockClear();
    const right = await tryIn(world, "victim", PASSWORD);
    expect(right.status).toBe(429);
    for (const [name, [username, password]] of Object.entries(CASES)) {
      expect(bytesOf(await tryIn(world, username, password)), name).toEqual(bytesOf(right));
    }
    expect(verify).not.toHaveBeenCalled();
  });

  it("is the same 429 for every name when the address has too many failures", async () => {
    const world = await openWorld({ DEMO: "off" });
    await addAccount(world, "victim", PASSWORD);
    for (let n = 0; n < ADDRESS_RULE.free; n++) await tryIn(world, `name-${n}`, "wrong");
    vi.mocked(verify).mockClear();
    const right = await tryIn(world, "victim", PASSWORD);
    expect(right.status).toBe(429);
    for (const [name, [username, password]] of Object.entries(CASES)) {
      expect(bytesOf(await tryIn(world, username, password)), name).toEqual(bytesOf(right));
    }
  });

  it("is the same for an account with an authenticator and without one", async () => {
    const world = await openWorld();
    await addAccount(world, "victim", PASSWORD);
    const before = await tryIn(world, "victim", "wrong");
    const visitor = world.visitor();
    await visitor.password("victim", PASSWORD);
    await visitor.code(world.code(await visitor.secret()));
    expect(bytesOf(await tryIn(world, "victim", "wrong"))).toEqual(bytesOf(before));
  });
});

describe("a name that does not exist", () => {
  // People type their password into the name field.
  const TYPED = "hunter2-typed-by-mistake";

  it("is neither logged nor stored in clear when it is refused or delayed", async () => {
    const world = await openWorld();
    for (let n = 0; n < 7; n++) await tryIn(world, TYPED, "wrong");
    await ask(world, { path: `/login?username=${TYPED}` });
    expect(world.logLines.join("")).toContain("password-delayed");
    expect(world.logLines.join("")).not.toContain(TYPED);
    expect(JSON.stringify(world.events)).not.toContain(TYPED);
    expect(databaseBytes(world).includes(TYPED)).toBe(false);
    expect(databaseBytes(world).includes("throttle")).toBe(true);
  });

  it("adds no line to any history, and neither does an attempt that a delay refuses", async () => {
    const world = await openWorld();
    await addAccount(world, "victim", PASSWORD);
    const lines = () =>
      openDatabase(world).prepare("select type, account_id from history order by rowid").all();
    expect(lines()).toHaveLength(1); // it was added
    for (let n = 0; n < 9; n++) await tryIn(world, TYPED, "wrong");
    expect(lines()).toHaveLength(1);
    for (let n = 0; n < 20; n++) await tryIn(world, "victim", "wrong");
    expect(lines().map(({ type }) => type)).toEqual([
      "account-added",
      ...Array(PASSWORD_RULE.free).fill("password-refused"),
    ]);

    const visitor = world.visitor();
    world.advance(MINUTE);
    await visitor.password("victim", PASSWORD);
    await visitor.get("/login/2fa");
    for (let n = 0; n < 20; n++) await visitor.code(nextWrongCode(world));
    expect(lines().filter(({ type }) => type === "code-refused")).toHaveLength(SECOND_FACTOR_RULE.free);
    // Beside these, one for the new account and one for the right password without a second step.
    expect(lines()).toHaveLength(PASSWORD_RULE.free + SECOND_FACTOR_RULE.free + 2);
  });

  it("leaves the same event as the closed demo account's name", async () => {
    const world = await worldWithClosedDemo();
    for (const [name, password] of [CASES["the closed demo account"], CASES["an unknown name"]]) {
      await tryIn(world, name ?? "", password ?? "");
      expect(world.events.at(-1)).toEqual({
        type: "password-refused",
        id: expect.any(String),
        at: new Date(world.now()),
        address: "127.0.0.1",
        device: "",
        requestId: expect.any(String),
      });
    }
  });
});
