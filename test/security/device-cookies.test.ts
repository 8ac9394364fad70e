/** Device cookies: for which account one counts, in what shape, and for how long. */
import { describe, expect, it, vi } from "vitest";
import { PASSWORD_RULE } from "../../src/auth/policy.js";
import { appSecret } from "../support/app-secret.js";
import { authenticatorsOf, beginAuthenticator, NEW_AUTHENTICATOR } from "../support/authenticators.js";
import { allHeldBy } from "../support/cookies.js";
import { deviceCookieLine } from "../support/device-cookies.js";
import { FREE_GUESS } from "../support/free-guess.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, CURRENT_CODES, setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, sharedDataDir, type World } from "../support/world.js";

vi.mock("@node-rs/argon2", async (original) => {
  const { withFreeGuesses } = await import("../support/free-guess.js");
  return withFreeGuesses(await original());
});

type Account = { username: string; password: string };

const SECRETS = ["first", "other"].map((name) => appSecret(name));

const browserCookie = (visitor: Visitor) => /latchkey_browser=[^;]+/.exec(allHeldBy(visitor))?.[0] ?? "";
const tokenOf = (cookie: string) => cookie.slice("latchkey_browser=".length);

/** Which of these cookies make a browser known to the account, while strangers meet a delay. */
async function known(world: World, { username, password }: Account, cookies: string[]): Promise<boolean[]> {
  const ask_ = (cookie: string, typed: string) =>
    ask(world, { path: "/login", ...form({ username, password: typed }, { cookie }) });
  for (let n = 0; n < PASSWORD_RULE.free; n++) await ask_("", FREE_GUESS);
  expect((await ask_("", password)).status).toBe(429);
  const answers = await Promise.all(cookies.map((cookie) => ask_(cookie, password)));
  for (const { status } of answers) expect([303, 429]).toContain(status);
  await world.auth.unlockAccount(username);
  return answers.map(({ status }) => status === 303);
}

/** A Latchkey with two accounts, each with its own browser. */
async function worldWithTwo(env: Record<string, string> = {}) {
  const world = await openWorld({ APP_SECRETS: SECRETS[0] ?? "", ...env });
  const accounts = [await addAccount(world, "alice"), await addAccount(world, "bob")] as const;
  const visitors = [world.visitor(), world.visitor()] as const;
  const secrets = [
    await setUp(world, visitors[0], "alice", accounts[0].password),
    await setUp(world, visitors[1], "bob", accounts[1].password),
  ] as const;
  return { world, accounts, visitors, secrets };
}

describe("a device cookie", () => {
  it("counts for the account that it was made for, and for no other however it is put together", async () => {
    const { world, accounts, visitors } = await worldWithTwo();
    const [alice = "", bob = ""] = visitors.map(browserCookie);
    expect(await known(world, accounts[0], [alice, bob])).toEqual([true, false]);
    expect(await known(world, accounts[1], [alice, bob])).toEqual([false, true]);

    const [mine = [], theirs = []] = [alice, bob].map((cookie) => tokenOf(cookie).split("."));
    const forged = [
      [theirs[0], mine[1], mine[2]],
      [theirs[0], theirs[1], mine[2]],
      [theirs[0], mine[1], theirs[2]],
      [mine[0], theirs[1], theirs[2]],
    ].map((parts) => `latchkey_browser=${parts.join(".")}`);
    expect(await known(world, accounts[1], forged)).toEqual(forged.map(() => false));
    const both = `latchkey_browser=${tokenOf(alice)}~${tokenOf(bob)}`;
    expect(await known(world, accounts[1], [both, `latchkey=x; ${bob}`])).toEqual([true, true]);
  });

  it("makes a stranger of the browser when it is changed, cut or doubled, and never fails", async () => {
    const { world, accounts, visitors } = await worldWithTwo();
    const token = tokenOf(browserCookie(visitors[0]));
    const [id = "", browser = "", signature = ""] = token.split(".");
    const flip = (text: string, at: number) =>
      text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
    const changed = [
      ...[0, 1, Math.floor(signature.length / 2)].map((at) => `${id}.${browser}.${flip(signature, at)}`),
      ...[0, browser.length - 1].map((at) => `${id}.${flip(browser, at)}.${signature}`),
      `${id}.${browser}.`,
      `${id}.${browser}`,
      `${id}..${signature}`,
      `${id}.${browser}.${signature}.`,
      `${id}.${browser}.${signature}.${signature}`,
      `${id}.${signature}.${browser}`,
      `${id}.${browser}.${signature.slice(0, -2)}`,
      `${id}.${browser}.${signature}AA`,
      token.toLowerCase(),
      token.replaceAll(".", "~"),
      `%00${token}`,
      `s:${token}`,
      "x".repeat(8_000),
      "~".repeat(100),
      "%ff",
    ];
    const cookies = changed.map((value) => `latchkey_browser=${value}`);
    const asOthers = ["latchkey", "latchkey_trusted", "Latchkey_browser", "__Host-latchkey_browser"];
    cookies.push(...asOthers.map((name) => `${name}=${token}`));
    const verdicts = await known(world, accounts[0], cookies);
    expect(cookies.filter((_cookie, n) => verdicts[n])).toEqual([]);
    expect(await known(world, accounts[0], [`latchkey_browser=${token}`])).toEqual([true]);
  });

  it("counts while the key that signed it is in APP_SECRETS", async () => {
    const DATA_DIR = sharedDataDir();
    const { accounts, visitors } = await worldWithTwo({ DATA_DIR });
    const cookie = browserCookie(visitors[0]);
    const rotated = await openWorld({ DATA_DIR, APP_SECRETS: `${SECRETS[1]},${SECRETS[0]}` });
    expect(await known(rotated, accounts[0], [cookie])).toEqual([true]);
    await rotated.auth.rotateKeys();
    const rekeyed = await openWorld({ DATA_DIR, APP_SECRETS: SECRETS[1] ?? "" });
    expect(await known(rekeyed, accounts[0], [cookie])).toEqual([false]);
  });
});

describe("a device cookie from before", () => {
  const BETTER = "a quiet orange harbour";
  const idsOf = async (world: World) => (await authenticatorsOf(world, "alice")).map(({ id }) => id);
  const enrol = async (world: World, visitor: Visitor, query = "") => {
    const secret = await beginAuthenticator(visitor, query);
    return visitor.post(`${NEW_AUTHENTICATOR}${query}`, { otp: world.code(secret) });
  };

  it.each<[string, (world: World, visitor: Visitor, password: string) => Promise<unknown>, string?]>([
    ["an authenticator was added", (world, visitor) => enrol(world, visitor)],
    [
      "an authenticator was replaced",
      async (world, visitor) => enrol(world, visitor, `?replaces=${(await idsOf(world))[0]}`),
    ],
    [
      "an authenticator was removed",
      async (world, visitor) => visitor.post(`/account/authenticators/${(await idsOf(world))[1]}/remove`),
    ],
    [
      "the password was changed",
      (_world, visitor, current_password) =>
        Promise.resolve(visitor.post("/account/password", { current_password, new_password: BETTER })),
      BETTER,
    ],
  ])("is worthless once %s, and this browser gets a new one", async (what, change) => {
    const { world, accounts, visitors, secrets } = await worldWithTwo();
    const [visitor, alice] = [visitors[0], accounts[0]];
    if (what.endsWith("removed")) await enrol(world, visitor);
    const other = world.visitor();
    await signIn(world, other, secrets[0], alice.username, alice.password);
    const before = [browserCookie(visitor), browserCookie(other)];
    expect(await known(world, alice, before)).toEqual([true, true]);

    const answer = (await change(world, visitor, alice.password)) as { headers: Record<string, unknown> };
    expect(deviceCookieLine(answer)).toBeDefined();
    const password = what.startsWith("the password") ? BETTER : alice.password;
    const after = browserCookie(visitor);
    expect(await known(world, { ...alice, password }, [...before, after])).toEqual([false, false, true]);
    // Bob's device cookie still counts.
    expect(await known(world, accounts[1], [browserCookie(visitors[1])])).toEqual([true]);
  });

  it("is worthless after the operator's reset-2fa or new password", async () => {
    const { world, accounts, visitors } = await worldWithTwo();
    const [alice = "", bob = ""] = visitors.map(browserCookie);
    await world.auth.resetSecondFactor("alice", { withoutLink: true });
    await world.auth.setPassword("bob", BETTER);
    expect(await known(world, accounts[0], [alice])).toEqual([false]);
    expect(await known(world, { ...accounts[1], password: BETTER }, [bob])).toEqual([false]);
  });

  it("outlives signing out, new recovery codes, a new name and a month of rest", async () => {
    const { world, accounts, visitors } = await worldWithTwo();
    const cookie = browserCookie(visitors[0]);
    expect((await visitors[0].post("/account/recovery-codes", { sheet: "2" })).headers.location).toBe(
      CURRENT_CODES,
    );
    await visitors[0].post(`/account/authenticators/${(await idsOf(world))[0]}/rename`, { name: "Pixel" });
    await visitors[0].post("/account/sessions/end-others");
    await visitors[0].post("/logout");
    world.advance(30 * 86_400_000);
    expect(await known(world, accounts[0], [cookie])).toEqual([true]);
  });
});
