/** latchkey_forward, the cookie for sub-domains: its attributes, when a browser gets it, and when it is taken back. */
import { describe, expect, it } from "vitest";
import { heldBy } from "../../support/cookies.js";
import {
  BEHIND_A_PROXY,
  forwardLines,
  sentTo,
  signedIn,
  signedInByHttps,
  verify,
  WANTED,
  withNext,
} from "../../support/forward.js";
import { ask, form } from "../../support/raw-request.js";
import { setUp } from "../../support/sign-in.js";
import { openWorld, sharedDataDir } from "../../support/world.js";

const GONE = /^latchkey_forward=; Domain=example\.org; Path=\/; Expires=Thu, 01 Jan 1970/;

describe("the forward cookie", () => {
  it("is for all of COOKIE_DOMAIN, ends with the browser, and is hidden from scripts", async () => {
    const { visitor } = await signedIn();
    expect(forwardLines(await visitor.get("/account"))).toEqual([
      expect.stringMatching(
        /^latchkey_forward=[\w-]{43}\.[\w-]{43}; Domain=example\.org; Path=\/; HttpOnly; SameSite=Lax$/,
      ),
    ]);
  });

  it("is Secure when BASE_URL is https, and the session cookie stays with its host", async () => {
    const { answer } = await signedInByHttps();
    expect(forwardLines(answer)).toEqual([
      expect.stringMatching(/; Domain=example\.org; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    const others = (answer.headers["set-cookie"] ?? []).filter(
      (line) => !line.startsWith("latchkey_forward"),
    );
    expect(others.length).toBeGreaterThan(0);
    for (const line of others) expect(line).toMatch(/^__Host-(?!.*Domain=)/);
  });

  it("is not sent again to a browser that holds the right one", async () => {
    const { world, host, forward } = await signedIn();
    const given = async (cookie: string) =>
      forwardLines(await ask(world, { path: "/account", headers: { cookie } })).map(
        (line) => line.split(";", 1)[0],
      );
    for (const held of [forward, `${forward}; ${forward}`, `latchkey_forward=x; ${forward}`]) {
      expect(await given(`${host}; ${held}`), held).toEqual([]);
    }
    for (const other of ["latchkey_forward=", "latchkey_forward=x", `${forward}x`]) {
      expect(await given(`${host}; ${other}`), other).toEqual([forward]);
    }
  });

  it("changes with each step-up, and is taken back by a pending login", async () => {
    const { world, visitor, secret, forward } = await signedIn();
    const [renewed = "", ...more] = forwardLines(await visitor.confirm("password", world.code(secret)));
    expect(renewed).toMatch(/^latchkey_forward=[\w-]{43}\./);
    expect(renewed.startsWith(`${forward};`)).toBe(false);
    expect(more).toEqual([]);
    const credentials = { username: "test", password: "password" };
    expect(forwardLines(await ask(world, { path: "/login", ...form(credentials) }))).toEqual([]);
    const holding = await ask(world, { path: "/login", ...form(credentials, { cookie: forward }) });
    expect(forwardLines(holding)).toEqual([expect.stringMatching(GONE)]);
  });

  it("is taken back when its session signs out or is revoked", async () => {
    const { world, visitor, secret, forward } = await signedIn();
    expect(forwardLines(await visitor.post("/logout"))).toEqual([expect.stringMatching(GONE)]);
    expect((await verify(world, { cookie: forward })).status).toBe(401);
    await visitor.password();
    await visitor.code(world.code(secret));
    const own = /\/account\/sessions\/[\w-]+\/end(?!-)/.exec((await visitor.get("/account")).text)?.[0] ?? "";
    expect(forwardLines(await visitor.post(own))).toEqual([expect.stringMatching(GONE)]);
  });
});

describe("the forward cookie without COOKIE_DOMAIN", () => {
  it("is not given, and apps on our own host name are reached without it", async () => {
    const world = await openWorld({ ...BEHIND_A_PROXY, COOKIE_DOMAIN: "" });
    const visitor = world.visitor();
    await setUp(world, visitor);
    expect(forwardLines(await visitor.get("/account"))).toEqual([]);
    expect(forwardLines(await visitor.post("/logout"))).toEqual([]);
    await visitor.password();
    expect((await verify(world, { cookie: heldBy(visitor) })).status).toBe(401);
    const onPort = "http://sign-in.example.org:81/";
    const login = "http://sign-in.example.org/login";
    expect(await sentTo(world, { wanted: onPort })).toBe(`${login}${withNext(onPort)}`);
    // No cookie would get there: after signing in the person would be sent back for ever.
    expect(await sentTo(world, { wanted: WANTED })).toBe(login);
  });

  it("opens nothing when it was given before", async () => {
    const DATA_DIR = sharedDataDir();
    const { world, forward } = await signedIn({ DATA_DIR });
    expect((await verify(world, { cookie: forward })).status).toBe(200);
    const without = await openWorld({ ...BEHIND_A_PROXY, DATA_DIR, COOKIE_DOMAIN: "" });
    expect((await verify(without, { cookie: forward })).status).toBe(401);
  });
});
