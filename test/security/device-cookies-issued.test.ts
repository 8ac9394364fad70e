/** Device cookies, how they come about: after both factors only, closed to scripts and other sites, and never too many. */
import { describe, expect, it, vi } from "vitest";
import { allHeldBy, cookieFrom, heldBy } from "../support/cookies.js";
import { FREE_GUESS } from "../support/free-guess.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, pendingCookie, setUp, setUpWithSheet, trustedVisitor } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

vi.mock("@node-rs/argon2", async (original) => {
  const { withFreeGuesses } = await import("../support/free-guess.js");
  return withFreeGuesses(await original());
});

type Headers = { headers: Record<string, unknown> };

/** The whole Set-Cookie line of the device cookie; undefined where an answer sets none. */
function given({ headers }: Headers): string | undefined {
  const set = [headers["set-cookie"] ?? []].flat().map(String);
  return set.find((cookie) => /^(__Host-)?latchkey_browser=/.test(cookie));
}

const tokensIn = (cookie = "") => (/latchkey_browser=([^;]*)/.exec(cookie)?.[1] ?? "").split("~");

describe("a device cookie comes with", () => {
  it("every proof of both factors: set-up, code, recovery code, step-up", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    const setUpAnswer = await visitor.code(world.code(secret));
    expect(given(setUpAnswer)).toBeDefined();
    const codes = setUpAnswer.text.match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){2}-[0-9A-Z]{5}/g) ?? [];
    for (const prove of [
      (other: Visitor) => other.code(world.code(secret)),
      (other: Visitor) => other.recoveryCode(codes[0] ?? ""),
    ]) {
      world.wait(30_000);
      const other = world.visitor();
      await other.password();
      const answer = await prove(other);
      expect(answer.status).toBe(303);
      expect(given(answer)).toBeDefined();
    }
    // A browser that lost its own gets one at step-up, and one that has it keeps its name and its count.
    world.wait(30_000);
    const lost = await ask(world, {
      path: "/confirm",
      ...form({ password: "password", otp: world.code(secret) }, { cookie: heldBy(visitor) }),
    });
    expect(lost.status).toBe(303);
    expect(given(lost)).toBeDefined();
    expect(tokensIn(given(lost))[0]).not.toBe(tokensIn(given(setUpAnswer))[0]);
    world.wait(30_000);
    await visitor.password();
    expect(tokensIn(given(await visitor.code(world.code(secret))))).toEqual(tokensIn(given(setUpAnswer)));
  });

  it("nothing less: no page, no password, no wrong or used code, no code while setting up that is wrong", async () => {
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
    for (const answer of answers) expect(given(answer)).toBeUndefined();
    expect(allHeldBy(visitor)).not.toContain("latchkey_browser");
  });

  it("no sign-in by trusted device on a browser that has none", async () => {
    const world = await openWorld();
    const { visitor } = await trustedVisitor(world);
    const trusted = /latchkey_trusted=[^;]+/.exec(allHeldBy(visitor))?.[0] ?? "";
    const answer = await ask(world, {
      path: "/login",
      ...form({ username: "test", password: "password" }, { cookie: trusted }),
    });
    expect(answer.headers.location).toBe("/");
    expect(given(answer)).toBeUndefined();
    // Nor is it known by the token: a wrong password counts as a stranger's.
    for (let n = 0; n < 5; n++) await world.visitor().password("test", FREE_GUESS);
    const delayed = form({ username: "test", password: "password" }, { cookie: trusted });
    expect((await ask(world, { path: "/login", ...delayed })).status).toBe(429);
  });

  it("no refused step-up and no refused change", async () => {
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
      expect(given(await visitor.post(path, fields)), path).toBeUndefined();
    }
  });
});

describe("the cookie", () => {
  const ATTRIBUTES = /^[^=]+=[\w.~-]+; Max-Age=34560000; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/;

  it("is closed to scripts, other sites, other hosts and other paths", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const cookie = given(await visitor.code(world.code(await visitor.secret()))) ?? "";
    expect(cookie).toMatch(ATTRIBUTES);
    expect(cookie).toMatch(/^latchkey_browser=/);
  });

  it("is __Host- and Secure where BASE_URL is https", async () => {
    const world = await openWorld({ BASE_URL: "https://sign-in.example.org", TRUST_PROXY: "loopback" });
    const { username, password } = await addAccount(world, "someone");
    const https = { "x-forwarded-proto": "https" };
    const login = await ask(world, { path: "/login", ...form({ username, password }, https) });
    const cookie = cookieFrom(login);
    const page = await ask(world, { path: "/login/2fa", headers: { ...https, cookie } });
    const secret = (/<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? "").replaceAll(" ", "");
    const done = await ask(world, {
      path: "/login/2fa",
      ...form({ otp: world.code(secret) }, { ...https, cookie }),
    });
    expect(done.status).toBe(200);
    const line = given(done) ?? "";
    expect(line).toMatch(/^__Host-latchkey_browser=/);
    expect(line).toContain("; Secure");
    expect(line.replace("; Secure", "")).toMatch(ATTRIBUTES);
    // Under its bare name, which any host around could set, it is nobody's.
    const value = tokensIn(line)[0];
    for (let n = 0; n < 5; n++) await tryIn(world, FREE_GUESS, https);
    expect((await tryIn(world, password, { ...https, cookie: `latchkey_browser=${value}` })).status).toBe(
      429,
    );
    const known = await tryIn(world, password, { ...https, cookie: `__Host-latchkey_browser=${value}` });
    expect(known.status).toBe(303);
  });

  const tryIn = (world: World, password: string, headers: Record<string, string>) =>
    ask(world, { path: "/login", ...form({ username: "someone", password }, headers) });

  it("of a browser that ten accounts share holds the newest five, newest first, one for each", async () => {
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

  it("that a client has filled with anything is cut to as much", async () => {
    const world = await openWorld();
    const secret = await setUp(world, world.visitor());
    const cookie = `${await pendingCookie(world)}; latchkey_browser=${Array.from({ length: 100 }, (_, n) => `a${n}.b.c`).join("~")}`;
    const answer = await ask(world, { path: "/login/2fa", ...form({ otp: world.code(secret) }, { cookie }) });
    expect(answer.status).toBe(303);
    expect(tokensIn(given(answer))).toHaveLength(5);
    expect(tokensIn(given(answer)).slice(1)).toEqual(["a0.b.c", "a1.b.c", "a2.b.c", "a3.b.c"]);
  });
});
