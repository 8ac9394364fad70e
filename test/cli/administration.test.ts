/** What `latchkey account …` does to a server that runs on the same database: each command holds at once. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { appSecret } from "../support/app-secret.js";
import { heldBy } from "../support/cookies.js";
import { holdBack } from "../support/hold-back.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { ask, bytesOf, form, opensAccount } from "../support/raw-request.js";
import { addAccount, setUpWithSheet, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

const OLD = "correct horse battery";
const NEW = "violet otter seven";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DATA_DIR: newFolder(), DEMO: "off" });
});

/** Runs the command as the operator beside the server. */
async function account(args: string[], stdin = "") {
  // The command goes by the machine's clock: here that is the world's.
  const clock = vi.spyOn(Date, "now").mockImplementation(() => world.now());
  const env = { DATA_DIR: world.dataDir, APP_SECRETS: appSecret() };
  try {
    return await latchkey(["account", ...args], { stdin, env });
  } finally {
    clock.mockRestore();
  }
}

async function succeed(args: string[], stdin = ""): Promise<string> {
  const { exit, out, err } = await account(args, stdin);
  expect({ exit, err }).toEqual({ exit: 0, err: `Database: ${world.databaseFile}\n` });
  return out;
}

/** An account with an authenticator, whose owner is signed in. */
async function member(name = "alice") {
  await addAccount(world, name, OLD);
  const visitor = world.visitor();
  const { secret, codes } = await setUpWithSheet(world, visitor, name, OLD);
  return { visitor, secret, codes, id: await idOf(name) };
}

async function idOf(name: string): Promise<string> {
  const found = await world.store.accounts.byUsername(name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found.id;
}

/** Another browser of the same owner, behind the password. */
async function pending(name = "alice", password = OLD): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password(name, password)).status).toBe(303);
  expect((await visitor.get("/login/2fa")).status).toBe(200);
  return visitor;
}

const isIn = async (visitor: Visitor) => (await visitor.get("/account")).status === 200;

/** Out, and asked for the password again. */
async function expectOut(visitor: Visitor): Promise<void> {
  const answer = await visitor.get("/account");
  expect(answer.status).toBe(303);
  expect(answer.headers.location).toMatch(/^\/login\?/);
}

/** The newest line of the history, and how many lines there are. */
async function newest(id: string) {
  const lines = await world.store.history.of(id, 50, 0);
  return { line: lines[0], lines: lines.length };
}

describe("latchkey account password", () => {
  it("ends sessions and pending logins at once; then the new password opens the account, and the old does not", async () => {
    const { visitor, secret } = await member();
    const behindPassword = await pending();
    expect(await succeed(["password", "Alice"], `${NEW}\n`)).toBe(
      "alice has a new password; every session of the account has ended, and its trusted devices are forgotten.\n",
    );

    await expectOut(visitor);
    await behindPassword.code(world.code(secret));
    await expectOut(behindPassword);
    expect((await world.visitor().password("alice", OLD)).status).toBe(401);
    await signIn(world, visitor, secret, "alice", NEW);
    expect(await isIn(visitor)).toBe(true);
  });

  it("holds against a sign-in that had proved the old password already", async () => {
    await member();
    const visitor = world.visitor();
    const held = holdBack(world.store, "transaction");
    const answer = visitor.password("alice", OLD).then((response) => response.status);
    await held.reached;
    await succeed(["password", "alice"], `${NEW}\n`);
    held.letGo();
    expect(await answer).toBe(401);
  });

  it.each([
    ["1234567", /too short/],
    ["password1!", /first that attackers try/],
    ["alice1234", /account's or the site's name/],
  ])("refuses %j by the same rules as for everyone, and ends nothing", async (password, sentence) => {
    const { visitor } = await member();
    const refused = await account(["password", "alice"], `${password}\n`);
    expect(refused).toMatchObject({ exit: 1, out: "", err: expect.stringMatching(sentence) });
    expect(await isIn(visitor)).toBe(true);
    expect((await world.visitor().password("alice", OLD)).status).toBe(303);
  });

  it("forgets trusted devices, and leaves authenticators and recovery codes", async () => {
    const { secret, codes } = await member();
    const trusted = await pending();
    await trusted.code(world.code(secret), { trust_device: "on" });
    expect(await isIn(trusted)).toBe(true);
    await succeed(["password", "alice"], `${NEW}\n`);
    await trusted.password("alice", NEW);
    expect(await isIn(trusted)).toBe(false);
    await trusted.recoveryCode(codes[0] ?? "");
    expect(await isIn(trusted)).toBe(true);
  });
});

describe("latchkey account disable", () => {
  it("signs the account out everywhere, at the next request", async () => {
    const { visitor, secret } = await member();
    const behindPassword = await pending();
    expect(await succeed(["disable", "alice"])).toBe(
      "alice is disabled: signed out everywhere, and nobody can sign in as alice until `latchkey account enable alice`.\n",
    );
    await expectOut(visitor);
    await behindPassword.code(world.code(secret));
    await expectOut(behindPassword);
  });

  it("holds against a code that was on its way", async () => {
    const { secret } = await member();
    const visitor = await pending();
    const held = holdBack(world.store, "transaction");
    const answer = visitor.code(world.code(secret)).then((response) => response.status);
    await held.reached;
    await succeed(["disable", "alice"]);
    held.letGo();
    await answer;
    await expectOut(visitor);
    expect(await world.store.sessions.live(await idOf("alice"), world.now(), 0, 10)).toEqual([]);
  });

  it("refuses the right password with the bytes of a wrong one", async () => {
    await member();
    const tryIn = (password: string) =>
      ask(world, { path: "/login", ...form({ username: "alice", password }) }).then(bytesOf);
    const wrong = await tryIn("a wrong password");
    expect(wrong.status).toBe(401);
    await succeed(["disable", "alice"]);
    expect(await tryIn(OLD)).toEqual(wrong);
    expect(await tryIn("a wrong password")).toEqual(wrong);
  });

  it("keeps trusted devices out, now and after it is enabled", async () => {
    const { secret } = await member();
    const trusted = await pending();
    await trusted.code(world.code(secret), { trust_device: "on" });
    await succeed(["disable", "alice"]);
    expect((await trusted.password("alice", OLD)).status).toBe(401);
    await succeed(["enable", "alice"]);
    await trusted.password("alice", OLD);
    expect(await isIn(trusted)).toBe(false);
  });
});

describe("latchkey account enable", () => {
  it("lets the owner in again as before, and brings no old session back", async () => {
    const { visitor, secret } = await member();
    const cookie = heldBy(visitor);
    expect(await opensAccount(world, cookie)).toBe(true);
    await succeed(["disable", "alice"]);
    expect(await succeed(["enable", "alice"])).toBe(
      "alice is enabled; sessions that were ended stay ended.\n",
    );
    expect(await opensAccount(world, cookie)).toBe(false);
    const again = world.visitor();
    await signIn(world, again, secret, "alice", OLD);
    expect(await isIn(again)).toBe(true);
    expect(await opensAccount(world, cookie)).toBe(false);
  });
});

describe("latchkey account remove", () => {
  it("signs the account out at the next request, and forgets its name", async () => {
    const { visitor, secret } = await member();
    const behindPassword = await pending();
    expect(await succeed(["remove", "alice"])).toBe(
      "Removed alice with everything that was the account's own.\n",
    );
    await expectOut(visitor);
    await behindPassword.code(world.code(secret));
    await expectOut(behindPassword);
    expect((await world.visitor().password("alice", OLD)).status).toBe(401);
    expect(await account(["enable", "alice"])).toMatchObject({
      exit: 1,
      err: expect.stringContaining("There is no account of that name."),
    });
  });

  it("leaves nothing to whoever gets the name next: no authenticator, no history, no failures", async () => {
    const { visitor, secret, codes, id } = await member();
    const guesser = await pending();
    for (let n = 0; n < 4; n++) await guesser.code("000000");
    for (let n = 0; n < 4; n++) await world.visitor().password("alice", "a wrong password");
    await succeed(["remove", "alice"]);
    await succeed(["add", "alice"], `${NEW}\n`);

    expect(await idOf("alice")).not.toBe(id);
    expect(await world.store.history.of(id, 50, 0)).toEqual([]);
    expect(await newest(await idOf("alice"))).toMatchObject({ lines: 1, line: { type: "account-added" } });
    // With the four of before, the first would have been one too many.
    for (let n = 0; n < 4; n++) {
      expect((await world.visitor().password("alice", OLD)).status).toBe(401);
    }
    const anew = await pending("alice", NEW);
    expect(await anew.secret()).not.toBe(secret);
    for (let n = 0; n < 4; n++) expect((await anew.code(world.code(secret))).status).toBe(401);
    await anew.recoveryCode(codes[0] ?? "");
    expect(await isIn(anew)).toBe(false);
    await expectOut(visitor);
  });
});

describe("latchkey account reset-2fa", () => {
  const said =
    "alice sets up an authenticator anew at the next sign-in; sessions, trusted devices and recovery codes have ended. " +
    "Until then the password alone opens the account: tell alice to sign in soon.\n";

  it("ends sessions and pending logins, and the next sign-in sets up anew", async () => {
    const { visitor, secret } = await member();
    const behindPassword = await pending();
    expect(await succeed(["reset-2fa", "alice"])).toBe(said);
    await expectOut(visitor);
    await behindPassword.code(world.code(secret));
    await expectOut(behindPassword);
    const anew = await setUpWithSheet(world, visitor, "alice", OLD);
    expect(anew.secret).not.toBe(secret);
    expect(anew.codes).toHaveLength(10);
    expect(await isIn(visitor)).toBe(true);
  });

  it("makes the lost authenticator and its recovery codes worthless, before and after setting up anew", async () => {
    const { secret, codes } = await member();
    await succeed(["reset-2fa", "alice"]);
    const finder = await pending();
    await finder.code(world.code(secret));
    await finder.recoveryCode(codes[0] ?? "");
    expect(await isIn(finder)).toBe(false);

    const anew = await setUpWithSheet(world, world.visitor(), "alice", OLD);
    const thief = await pending();
    expect((await thief.code(world.code(secret))).status).toBe(401);
    expect((await thief.recoveryCode(codes[1] ?? "")).status).toBe(401);
    expect(await isIn(thief)).toBe(false);
    await thief.code(world.code(anew.secret));
    expect(await isIn(thief)).toBe(true);
  });

  it("asks trusted devices to set up anew, too", async () => {
    const { secret } = await member();
    const trusted = await pending();
    await trusted.code(world.code(secret), { trust_device: "on" });
    await succeed(["reset-2fa", "alice"]);
    await trusted.password("alice", OLD);
    expect(await isIn(trusted)).toBe(false);
    expect(await trusted.secret()).not.toBe(secret);
  });

  it("forgets the wrong codes of whoever had lost the phone", async () => {
    await member();
    const owner = await pending();
    for (let n = 0; n < 5; n++) await owner.code("000000");
    await succeed(["reset-2fa", "alice"]);
    await setUpWithSheet(world, owner, "alice", OLD);
    expect(await isIn(owner)).toBe(true);
  });
});

describe("latchkey account unlock", () => {
  it("opens an account that wrong passwords have delayed", async () => {
    await addAccount(world, "alice", OLD);
    const visitor = world.visitor();
    for (let n = 0; n < 5; n++) await visitor.password("alice", "a wrong password");
    expect((await visitor.password("alice", OLD)).status).toBe(429);
    expect(await succeed(["unlock", "alice"])).toBe(
      "alice can try again at once: failed attempts are forgotten.\n",
    );
    expect((await visitor.password("alice", OLD)).status).toBe(303);
  });

  it("opens an account that wrong codes have delayed", async () => {
    const { secret } = await member();
    const visitor = await pending();
    for (let n = 0; n < 5; n++) await visitor.code(nextWrongCode(world, secret));
    expect((await visitor.code(world.code(secret))).status).toBe(429);
    await succeed(["unlock", "alice"]);
    await visitor.code(world.code(secret));
    expect(await isIn(visitor)).toBe(true);
  });

  it("opens an account that a hundred wrong codes have locked for good", async () => {
    const { secret, id } = await member();
    await countWrongCodes(id, 100);
    const visitor = await pending();
    expect((await visitor.code(world.code(secret))).status).toBe(429);
    await succeed(["unlock", "alice"]);
    await visitor.code(world.code(secret));
    expect(await isIn(visitor)).toBe(true);
  });
});

describe("what the operator did", () => {
  it.each([
    ["password", `${NEW}\n`, "password-changed"],
    ["disable", "", "account-disabled"],
    ["unlock", "", "account-unlocked"],
    ["reset-2fa", "", "second-factor-reset"],
  ])("is in the history of the account as the operator's: %s", async (command, stdin, type) => {
    const { id } = await member();
    await succeed([command, "alice"], stdin);
    const { line } = await newest(id);
    expect(line).toMatchObject({ type, byOperator: true, at: world.now(), address: "", device: "" });
  });

  it("is in the history once, where the account already was so", async () => {
    const { id } = await member();
    const before = (await newest(id)).lines;
    await succeed(["enable", "alice"]);
    expect((await newest(id)).lines).toBe(before);
    await succeed(["disable", "alice"]);
    await succeed(["disable", "alice"]);
    expect(await newest(id)).toMatchObject({ lines: before + 1, line: { type: "account-disabled" } });
    await succeed(["enable", "alice"]);
    await succeed(["enable", "alice"]);
    expect(await newest(id)).toMatchObject({
      lines: before + 2,
      line: { type: "account-enabled", byOperator: true },
    });
  });

  it("begins with adding the account", async () => {
    await succeed(["add", "alice"], `${OLD}\n`);
    expect(await newest(await idOf("alice"))).toMatchObject({
      lines: 1,
      line: { type: "account-added", byOperator: true },
    });
  });
});

describe("latchkey account list", () => {
  it("says how to add the first account", async () => {
    expect(await succeed(["list"])).toBe(
      "There are no accounts yet: `latchkey account add NAME` adds one.\n",
    );
    expect(await succeed(["list", "--json"])).toBe("[]\n");
  });

  it("shows each state, by name", async () => {
    await member("alice");
    await addAccount(world, "bob");
    const carol = await member("carol");
    await (await pending("carol")).recoveryCode(carol.codes[0] ?? "");
    await succeed(["disable", "carol"]);
    await addAccount(world, "dave@example.org");
    await countWrongCodes(await idOf("dave@example.org"), 100);
    await addAccount(world, "erin");
    await countWrongCodes(await idOf("erin"), 5);
    await addAccount(world, "frank");
    for (let n = 0; n < 5; n++) await world.visitor().password("frank", "a wrong password");
    await world.auth.ensureDemoAccount();
    world.wait(5_000);

    // Both set-ups took half a minute each from 12:00:10, and delays are a minute.
    expect((await succeed(["list"])).split("\n")).toEqual([
      "NAME              SECOND FACTOR                       LAST SIGN-IN       STATE",
      "alice             1 authenticator, 10 recovery codes  2026-11-24T12:00Z  open",
      "bob               none yet                            never              open",
      "carol             1 authenticator, 9 recovery codes   2026-11-24T12:01Z  disabled",
      "dave@example.org  none yet                            never              locked until unlock",
      "erin              none yet                            never              codes delayed until 12:03 UTC",
      "frank             none yet                            never              passwords delayed until 12:03 UTC",
      "test              none yet                            never              open, demo account",
      "",
    ]);
  });

  it("names everything that keeps someone out", async () => {
    const { id } = await member();
    await countWrongCodes(id, 5);
    for (let n = 0; n < 5; n++) await world.visitor().password("alice", "a wrong password");
    await succeed(["disable", "alice"]);
    const state = async () => (await succeed(["list"])).split("\n")[1]?.split(/ {2,}/).at(-1);
    expect(await state()).toBe("disabled, codes delayed until 12:02 UTC, passwords delayed until 12:02 UTC");
    world.wait(60_000);
    expect(await state()).toBe("disabled");
  });

  it("gives every field of each account as JSON", async () => {
    const at = new Date(world.now()).toISOString();
    await member("alice");
    await addAccount(world, "bob");
    await countWrongCodes(await idOf("bob"), 5);
    await succeed(["disable", "bob"]);
    const now = world.now();
    const out = await succeed(["list", "--json"]);
    expect(out).toMatch(/^\[.*\]\n$/);
    expect(JSON.parse(out)).toEqual([
      {
        username: "alice",
        isDemo: false,
        isDisabled: false,
        createdAt: at,
        lastSignInAt: at,
        authenticators: 1,
        recoveryCodesLeft: 10,
        isLocked: false,
        codesDelayedUntil: null,
        passwordsDelayedUntil: null,
      },
      {
        username: "bob",
        isDemo: false,
        isDisabled: true,
        createdAt: new Date(now).toISOString(),
        lastSignInAt: null,
        authenticators: 0,
        recoveryCodesLeft: 0,
        isLocked: false,
        codesDelayedUntil: new Date(now + 60_000).toISOString(),
        passwordsDelayedUntil: null,
      },
    ]);
  });
});

/** As many wrong codes from strangers; waiting for the delays between them would take hours of the world's time. */
async function countWrongCodes(id: string, times: number): Promise<void> {
  const rule = { free: times, delays: [60_000], window: null };
  for (let n = 0; n < times; n++) {
    await world.store.throttle.count(`second-factor ${id}`, rule, world.now(), id);
  }
}
