/** Dropped keys: once a key is removed from APP_SECRETS, nothing that was signed or hashed under it opens anything. */
import { describe, expect, it } from "vitest";
import { PASSWORD_RULE } from "../../src/auth/policy.js";
import { allHeldBy } from "../support/cookies.js";
import { ask, form } from "../support/raw-request.js";
import { trustedVisitor } from "../support/sign-in.js";
import { openWorld, sharedDataDir, type World } from "../support/world.js";

const OLD = "4f1c0c7a9b6e5d2387a1f0e9c8b7d6a5948372615049382716051423f0e1d2c3";
const NEW = "b7e2a94d10c5f8637e9d2a4b6c8f0e1d3a5c7e9f1b2d4f608193a5b7c9dbedf0";

/** All cookies of a trusted browser with a session, made while APP_SECRETS was OLD. */
async function browserOf(world: World) {
  const { visitor, secret } = await trustedVisitor(world);
  world.advance(30_000);
  const cookies = Object.fromEntries(
    allHeldBy(visitor)
      .split("; ")
      .map((pair) => [pair.split("=", 1)[0], pair]),
  );
  return { secret, cookies };
}

const SETTINGS = { COOKIE_DOMAIN: "example.org", BASE_URL: "http://example.org" };

/** For each cookie: what it opens while its key is listed. */
const OPENS: Record<string, (world: World, cookie: string) => Promise<boolean>> = {
  latchkey: async (world, cookie) =>
    (await ask(world, { path: "/account", headers: { cookie } })).status === 200,
  latchkey_forward: async (world, cookie) =>
    (await ask(world, { path: "/auth/verify", headers: { cookie } })).status === 200,
  latchkey_trusted: async (world, cookie) =>
    (await login(world, "password", cookie)).headers.location === "/",
  // A known browser has attempts of its own when those of all strangers are used up.
  latchkey_browser: async (world, cookie) => (await login(world, "wrong", cookie)).status === 401,
};

const login = (world: World, password: string, cookie: string) =>
  ask(world, { path: "/login", ...form({ username: "test", password }, { cookie }) });

/** The same database under other keys. */
async function reopened(DATA_DIR: string, APP_SECRETS: string): Promise<World> {
  return openWorld({ ...SETTINGS, DATA_DIR, APP_SECRETS });
}

describe.each(Object.keys(OPENS))("the cookie %s", (name) => {
  const opens = OPENS[name] as (typeof OPENS)[string];

  async function madeUnderOldKey() {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ ...SETTINGS, DATA_DIR, APP_SECRETS: OLD });
    const { cookies } = await browserOf(before);
    const cookie = cookies[name] ?? (await forwardCookie(before, cookies));
    await before.close();
    return { DATA_DIR, cookie };
  }

  /** The cookie for sub-domains: the jar keeps none, because the tests ask another host. */
  async function forwardCookie(world: World, cookies: Record<string, string>): Promise<string> {
    const answer = await ask(world, { path: "/", headers: { cookie: cookies.latchkey ?? "" } });
    const set = [answer.headers["set-cookie"] ?? []].flat().find((one) => one.startsWith(name));
    return set?.split(";", 1)[0] ?? "";
  }

  it("works while its key is listed beside a newer one", async () => {
    const { DATA_DIR, cookie } = await madeUnderOldKey();
    expect(cookie).toMatch(new RegExp(`^${name}=.`));
    const world = await reopened(DATA_DIR, `${NEW},${OLD}`);
    for (let n = 0; n < PASSWORD_RULE.free; n++) await login(world, "wrong", "");
    if (name === "latchkey_trusted") world.advance(60_000);
    expect(await opens(world, cookie)).toBe(true);
  });

  it("opens nothing once the key is dropped", async () => {
    const { DATA_DIR, cookie } = await madeUnderOldKey();
    const both = await openWorld({ ...SETTINGS, DATA_DIR, APP_SECRETS: `${NEW},${OLD}` });
    await both.auth.rotateKeys();
    await both.close();
    const world = await reopened(DATA_DIR, NEW);
    for (let n = 0; n < PASSWORD_RULE.free; n++) await login(world, "wrong", "");
    if (name === "latchkey_trusted") world.advance(60_000);
    expect(await opens(world, cookie)).toBe(false);
  });
});

describe("a trusted browser that signs in while both keys are listed", () => {
  it("is trusted under the newer key from then on", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ ...SETTINGS, DATA_DIR, APP_SECRETS: OLD });
    const { cookies } = await browserOf(before);
    await before.close();
    const both = await openWorld({ ...SETTINGS, DATA_DIR, APP_SECRETS: `${NEW},${OLD}` });
    expect(await OPENS.latchkey_trusted?.(both, cookies.latchkey_trusted ?? "")).toBe(true);
    await both.auth.rotateKeys();
    await both.close();
    const world = await reopened(DATA_DIR, NEW);
    expect(await OPENS.latchkey_trusted?.(world, cookies.latchkey_trusted ?? "")).toBe(true);
  });
});
