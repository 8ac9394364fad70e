/** The demo account: its password is public, so it must open nowhere but on its own machine. */
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config/config.js";
import { appSecret } from "../support/app-secret.js";
import { allHeldBy, heldBy } from "../support/cookies.js";
import { headOfLogin, rawClient } from "../support/raw-client.js";
import { ask, form, opensAccount } from "../support/raw-request.js";
import { setUp, trustedVisitor } from "../support/sign-in.js";
import { openWorld, sharedDataDir, type World } from "../support/world.js";

const REMOTE: [string, Record<string, string>][] = [
  ["Host of another name", { host: "latchkey.example" }],
  ["Host that starts like this machine's", { host: "localhost.evil.example" }],
  ["Host that ends like this machine's", { host: "evil-localhost" }],
  ["Host with this machine as a user", { host: "127.0.0.1@evil.example" }],
  ["Host in the local network", { host: "192.168.1.10:3000" }],
  ["Host that is everywhere", { host: "0.0.0.0:3000" }],
  ["Host that is no name", { host: "[" }],
  ["Forwarded", { forwarded: "for=127.0.0.1" }],
  ["Via", { via: "1.1 proxy" }],
  ["X-Real-IP", { "x-real-ip": "127.0.0.1" }],
  ["X-Forwarded-For", { "x-forwarded-for": "127.0.0.1" }],
  ["X-Forwarded-For, empty", { "x-forwarded-for": "" }],
  ["X-Forwarded-Host", { "x-forwarded-host": "localhost" }],
  ["X-Forwarded-Proto", { "x-forwarded-proto": "http" }],
  ["X-Forwarded-Port", { "x-forwarded-port": "3000" }],
  ["X-Forwarded-Server", { "X-FORWARDED-SERVER": "x" }],
];

const demoLogin = (world: World, headers: Record<string, string> = {}) =>
  ask(world, { path: "/login", ...form({ username: "test", password: "password" }, headers) });

const loginPage = async (world: World, headers: Record<string, string> = {}) =>
  (await ask(world, { path: "/login", headers })).text;

describe("the demo account with DEMO unset", () => {
  it.each(["localhost", "LOCALHOST:3000", "127.0.0.1:3000", "127.8.9.10", "[::1]:3000"])(
    "is open and named on the sign-in page when Host is this machine: %s",
    async (host) => {
      const world = await openWorld();
      expect(await loginPage(world, { host })).toContain("Demo account");
      expect((await demoLogin(world, { host })).status).toBe(303);
    },
  );

  it.each(REMOTE)(
    "is closed and unnamed when the request may come from elsewhere: %s",
    async (_name, headers) => {
      for (const env of [{}, { TRUST_PROXY: "loopback" }]) {
        const world = await openWorld(env as Record<string, string>);
        expect(await loginPage(world, headers)).not.toContain("Demo account");
        const answer = await demoLogin(world, headers);
        expect(answer.status).toBe(401);
        expect(answer.text).not.toContain("Demo account");
      }
    },
  );

  it("is closed to HTTP/1.0, which a proxy that adds no header may speak", async () => {
    const world = await openWorld();
    const loginBy = async (version: string) => {
      const client = await rawClient(world.address);
      const body = "username=test&password=password";
      const head = headOfLogin(body.length).replace("HTTP/1.1", `HTTP/${version}\r\nConnection: close`);
      client.send(head + body);
      await client.closed;
      return client.received();
    };
    expect(await loginBy("1.1")).toMatch(/^HTTP\/1\.1 303 /);
    const answer = await loginBy("1.0");
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).not.toContain("Demo account");
  });

  it.each(REMOTE.slice(0, 1).concat(REMOTE.slice(7)))(
    "loses its session when it is used from elsewhere: %s",
    async (_name, headers) => {
      const world = await openWorld();
      const visitor = world.visitor();
      await setUp(world, visitor);
      const cookie = heldBy(visitor);
      const answer = await ask(world, { path: "/account", headers: { ...headers, cookie } });
      expect(answer.status).toBe(303);
      expect(answer.headers.location).toMatch(/^\/login\?notice=sign-in/);
      // The session has ended for this machine too.
      expect(await opensAccount(world, cookie)).toBe(false);
    },
  );

  it("loses its pending login when it is used from elsewhere", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const otp = world.code(await visitor.secret());
    const cookie = heldBy(visitor);
    const headers = { cookie, "x-forwarded-for": "203.0.113.7" };
    const answer = await ask(world, { path: "/login/2fa", ...form({ otp }, headers) });
    expect(answer.headers.location).toBe("/login?notice=signed-out-here");
    const again = await ask(world, { path: "/login/2fa", ...form({ otp }, { cookie }) });
    expect(again.headers.location).toBe("/login?notice=signed-out-here");
  });

  it("opens nothing from elsewhere by a device cookie or a trusted browser", async () => {
    const world = await openWorld();
    const { visitor } = await trustedVisitor(world);
    await visitor.post("/logout");
    const cookie = allHeldBy(visitor);
    expect(cookie).toMatch(/latchkey_browser=.*latchkey_trusted=|latchkey_trusted=.*latchkey_browser=/);
    const elsewhere = await demoLogin(world, { cookie, "x-forwarded-for": "203.0.113.7" });
    expect(elsewhere.status).toBe(401);
    expect(elsewhere.headers["set-cookie"]).toBeUndefined();
    expect((await demoLogin(world, { cookie })).headers.location).toBe("/");
  });
});

describe("the demo account with DEMO=off", () => {
  it("is not created, and an existing one can neither sign in nor stay signed in", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR });
    const visitor = before.visitor();
    await setUp(before, visitor);
    const cookie = heldBy(visitor);
    await before.close();

    const after = await openWorld({ DATA_DIR, DEMO: "off" });
    expect(await loginPage(after)).not.toContain("Demo account");
    expect(await opensAccount(after, cookie)).toBe(false);
    expect((await demoLogin(after)).status).toBe(401);

    const fresh = await openWorld({ DEMO: "off" });
    expect((await demoLogin(fresh)).status).toBe(401);
    expect(await fresh.store.accounts.byUsername("test")).toBeUndefined();
  });
});

describe("the demo account with DEMO=on", () => {
  it("is open to everyone", async () => {
    const world = await openWorld({ DEMO: "on" });
    const headers = { host: "latchkey.example", "x-forwarded-for": "203.0.113.7" };
    expect(await loginPage(world, headers)).toContain("Demo account");
    expect((await demoLogin(world, headers)).status).toBe(303);
  });
});

describe("the demo account in production", () => {
  const production = {
    NODE_ENV: "production",
    BASE_URL: "https://sign-in.example.org",
    TRUST_PROXY: "10.0.0.1",
    APP_SECRETS: appSecret(),
  };

  it("is off, and DEMO=on stops the start", () => {
    expect(readConfig(production).demo).toBe("off");
    expect(readConfig({ ...production, DEMO: "off" }).demo).toBe("off");
    expect(() => readConfig({ ...production, DEMO: "on" })).toThrow(ConfigError);
    expect(() => readConfig({ ...production, DEMO: "on" })).toThrow(/DEMO=on is refused in production/);
  });

  it.each(["yes", "true", "ON ", "1"])("stops the start when DEMO is another word: %j", (DEMO) => {
    expect(() => readConfig({ ...production, DEMO })).toThrow(ConfigError);
  });
});

describe("an account named like the demo account", () => {
  it("is never replaced, whatever DEMO says", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR, DEMO: "off" });
    await before.auth.createAccount({ username: "test", password: "a password of my own" });
    await before.close();
    for (const DEMO of ["", "on", "off"]) {
      const world = await openWorld({ DATA_DIR, DEMO });
      await world.auth.ensureDemoAccount();
      expect((await demoLogin(world)).status).toBe(401);
      const own = form(
        { username: "test", password: "a password of my own" },
        { "x-forwarded-for": "203.0.113.7" },
      );
      expect((await ask(world, { path: "/login", ...own })).status).toBe(303);
      await world.close();
    }
  });
});
