/** Device cookies, when and how they are set: after both factors only, closed to scripts and other sites, and never too many. */
import { describe, expect, it, vi } from "vitest";
import { PASSWORD_RULE } from "../../src/auth/policy.js";
import { allHeldBy, cookieFrom, heldBy } from "../support/cookies.js";
import { deviceCookieLine } from "../support/device-cookies.js";
import { FREE_GUESS } from "../support/free-guess.js";
import { ask, form } from "../support/raw-request.js";
import {
  addAccount,
  CURRENT_CODES,
  currentCodes,
  pendingCookie,
  setUp,
  setUpWithSheet,
  trustedVisitor,
} from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { secretOn } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

vi.mock("@node-rs/argon2", async (original) => {
  const { withFreeGuesses } = await import("../support/free-guess.js");
  return withFreeGuesses(await original());
});

type Headers = { headers: Record<string, unknown> };

const tokensIn = (cookie = "") => (/latchkey_browser=([^;]*)/.exec(cookie)?.[1] ?? "").split("~");

describe("a device cookie", () => {
  it("is set by every proof of both factors: set-up, code, recovery code, step-up", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    const setUpAnswer = await visitor.code(world.code(secret));
    expect(deviceCookieLine(setUpAnswer)).toBeDefined();
    const codes = await currentCodes(visitor);
    for (const prove of [
      (other: Visitor) => other.code(world.code(secret)),
      (other: Visitor) => other.recoveryCode(codes[0] ?? ""),
    ]) {
      world.advance(30_000);
      const other = world.visitor();
      await other.password();
      const answer = await prove(other);
      expect(answer.status).toBe(303);
      expect(deviceCookieLine(answer)).toBeDefined();
    }
    // At step-up a browser without one gets a new one; a browser that has one keeps its name and its count.
    world.advance(30_000);
    const lost = await ask(world, {
      path: "/confirm",
      ...form({ password: "password", otp: world.code(secret) }, { cookie: heldBy(visitor) }),
    });
    expect(lost.status).toBe(303);
    expect(deviceCookieLine(lost)).toBeDefined();
    expect(tokensIn(deviceCookieLine(lost))[0]).not.toBe(tokensIn(deviceCookieLine(setUpAnswer))[0]);
    world.advance(30_000);
    await visitor.password();
    expect(tokensIn(deviceCookieLine(await visitor.code(world.code(secret))))).toEqual(
      tokensIn(deviceCookieLine(setUpAnswer)),
    );
  });

  it("is set by nothing less: no page, no password, no wrong or used code, no wrong set-up code", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const answers: Headers[] = [await visitor.get("/"), await visitor.get("/login")];
    answers.push(await visitor.password("test", "wrong"), await visitor.password());
    answers.push(await visitor.get("/login/2fa"), await visitor.code("12345"), await visitor.code("000000"));
    const { secret, codes } = await setUpWithSheet(world, world.visitor());
    await visitor.password();
    for (const otp of [world.code(secret, -1), "12345", "000000"]) answers.push(await visitor.code(otp));
    answers.push(
      await visitor.recoveryCode("x"),
      await visitor.recoveryCode(codes[0]?.replace(/^./, (c) => (c === "0" ? "1" : "0")) ?? ""),
    );
    answers.push(await visitor.get("/login/recovery-code"), await visitor.get("/account"));
    answers.push(await visitor.post("/logout"));
    for (const answer of answers) expect(deviceCookieLine(answer)).toBeUndefined();
    expect(allHeldBy(visitor)).not.toContain("latchkey_browser");
  });

  it("is not set when a trusted browser without one signs in", async () => {
    const world = await openWorld();
    const { visitor } = await trustedVisitor(world);
    const trusted = /latchkey_trusted=[^;]+/.exec(allHeldBy(visitor))?.[0] ?? "";
    const answer = await ask(world, {
      path: "/login",
      ...form({ username: "test", password: "password" }, { cookie: trusted }),
    });
    expect(answer.headers.location).toBe("/");
    expect(deviceCookieLine(answer)).toBeUndefined();
    // Nor does the token make the browser known: it shares the strangers' delay.
    for (let n = 0; n < PASSWORD_RULE.free; n++) await world.visitor().password("test", FREE_GUESS);
    const delayed = form({ username: "test", password: "password" }, { cookie: trusted });
    expect((await ask(world, { path: "/login", ...delayed })).status).toBe(429);
  });

  it("is not set when a step-up or a change is refused", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    for (const [path, fields] of [
      ["/confirm", { password: "wrong", otp: "123456" }],
      ["/confirm", { password: "password", otp: "000000" }],
      ["/account/password", { current_password: "wrong", new_password: "a quiet orange harbour" }],
      ["/account/password", { current_password: "password", new_password: "short" }],
      ["/account/authenticators/new", { otp: "000000" }],
    ] as const) {
      expect(deviceCookieLine(await visitor.post(path, fields)), path).toBeUndefined();
    }
  });
});

describe("the Set-Cookie line of a device cookie", () => {
  const ATTRIBUTES = /^[^=]+=[\w.~-]+; Max-Age=34560000; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/;

  it("keeps it from scripts, other sites, other hosts and other paths", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const cookie = deviceCookieLine(await visitor.code(world.code(await visitor.secret()))) ?? "";
    expect(cookie).toMatch(ATTRIBUTES);
    expect(cookie).toMatch(/^latchkey_browser=/);
  });

  it("has the prefix __Host- and Secure when BASE_URL is https", async () => {
    const world = await openWorld({ BASE_URL: "https://sign-in.example.org", TRUST_PROXY: "loopback" });
    const { username, password } = await addAccount(world, "someone");
    const https = { "x-forwarded-proto": "https" };
    const login = await ask(world, { path: "/login", ...form({ username, password }, https) });
    const cookie = cookieFrom(login);
    const page = await ask(world, { path: "/login/2fa", headers: { ...https, cookie } });
    const secret = secretOn(page.text);
    const done = await ask(world, {
      path: "/login/2fa",
      ...form({ otp: world.code(secret) }, { ...https, cookie }),
    });
    expect(done.headers.location).toBe(CURRENT_CODES);
    const line = deviceCookieLine(done) ?? "";
    expect(line).toMatch(/^__Host-latchkey_browser=/);
    expect(line).toContain("; Secure");
    expect(line.replace("; Secure", "")).toMatch(ATTRIBUTES);
    // Without the prefix another host of the domain could set it: it counts for nothing.
    const value = tokensIn(line)[0];
    for (let n = 0; n < PASSWORD_RULE.free; n++) await tryIn(world, FREE_GUESS, https);
    expect((await tryIn(world, password, { ...https, cookie: `latchkey_browser=${value}` })).status).toBe(
      429,
    );
    const known = await tryIn(world, password, { ...https, cookie: `__Host-latchkey_browser=${value}` });
    expect(known.status).toBe(303);
  });

  const tryIn = (world: World, password: string, headers: Record<string, string>) =>
    ask(world, { path: "/login", ...form({ username: "someone", password }, headers) });

  it("holds a token for each of the newest five accounts when ten share the browser", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) {
      const { username, password } = await addAccount(world, `member-${n}`);
      await setUp(world, visitor, username, password);
      await visitor.post("/logout");
      ids.unshift((await world.store.accounts.byUsername(username))?.id ?? "");
      const held = tokensIn(allHeldBy(visitor));
      expect(held.map((token) => token.split(".")[0])).toEqual(ids.slice(0, 5));
    }
    expect(allHeldBy(visitor).length).toBeLessThan(1_000);
  });

  it("holds five tokens at most when a client has filled the cookie with anything", async () => {
    const world = await openWorld();
    const secret = await setUp(world, world.visitor());
    const cookie = `${await pendingCookie(world)}; latchkey_browser=${Array.from({ length: 100 }, (_, n) => `a${n}.b.c`).join("~")}`;
    const answer = await ask(world, { path: "/login/2fa", ...form({ otp: world.code(secret) }, { cookie }) });
    expect(answer.status).toBe(303);
    expect(tokensIn(deviceCookieLine(answer))).toHaveLength(5);
    expect(tokensIn(deviceCookieLine(answer)).slice(1)).toEqual(["a0.b.c", "a1.b.c", "a2.b.c", "a3.b.c"]);
  });
});
