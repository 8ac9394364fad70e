/** Malformed input: whatever is sent, the answer is a refusal and never a 5xx. */
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { expectErrorPage } from "../support/error-page.js";
import { ask, form, type RawRequest } from "../support/raw-request.js";
import { enrolled, pendingCookie, setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const FORM = "application/x-www-form-urlencoded";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

const post = (path: string, body: string | Buffer, type = FORM, headers: RawRequest["headers"] = {}) =>
  ask(world, { method: "POST", path, body, headers: { "content-type": type, ...headers } });

describe("a field of the login form", () => {
  it.each(["", "username=", "password=", "username=&password=", "other=1", "&&&", "=", "%"])(
    "gets an ordinary refusal when it is missing or empty: %j",
    async (body) => expect((await post("/login", body)).status).toBe(401),
  );

  it.each(["username=a&username=b", "username=a&password=b&password=c", "next=/&next=/account"])(
    "is refused when it comes twice: %s",
    async (body) => expectErrorPage(await post("/login", body), 400),
  );

  it("is read by its exact name only", async () => {
    for (const body of [
      "username[]=test&password[]=password",
      "username[x]=test",
      "__proto__=x&constructor=y",
    ]) {
      expect((await post("/login", body)).status).toBe(401);
    }
  });

  it.each([
    "username=te%00st",
    "username=test%00&password=password",
    "next=/%00&username=test&password=password",
  ])("is refused when it holds a NUL: %s", async (body) => expectErrorPage(await post("/login", body), 400));

  it.each([
    "%ff%fe",
    "%zz",
    "%",
    "%E2%82",
    "%F0%9F%98%80",
    "%ED%A0%80",
    "a%0d%0aSet-Cookie:x=y",
    "%1b[31m",
    "\u{1f600}",
  ])("may hold any bytes: %s", async (bytes) => {
    expect((await post("/login", `username=${bytes}&password=${bytes}`)).status).toBe(401);
    expect((await post("/login", Buffer.from(`username=${bytes}`, "utf16le"))).status).toBeLessThan(500);
  });
});

describe("a body", () => {
  it.each([
    ["application/json", '{"username":"test","password":"password"}'],
    ["text/plain", "username=test&password=password"],
    [
      "multipart/form-data; boundary=x",
      '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\ntest\r\n--x--',
    ],
    ["application/x-www-form-urlencoded-not", "username=test"],
    [`${FORM}; charset=utf-7`, "username=test"],
    ["", "username=test"],
    ["x", "username=test"],
    ["\u00e9/\u00e9", "username=test"],
  ])("is refused with 415 when it is of another kind: %s", async (type, body) => {
    expectErrorPage(await post("/login", body, type), 415);
  });

  it("is refused with 413 when it is larger than 60 KB, unpacked too", async () => {
    const large = `username=test&password=${"x".repeat(61_500)}`;
    expectErrorPage(await post("/login", large), 413);
    expectErrorPage(await post("/login", large, FORM, { "transfer-encoding": "chunked" }), 413);
    expect((await post("/login", `username=test&password=${"x".repeat(61_000)}`)).status).toBe(401);
    const bomb = gzipSync(Buffer.alloc(10_000_000, "x"));
    expect(bomb.length).toBeLessThan(16_000);
    expectErrorPage(await post("/login", bomb, FORM, { "content-encoding": "gzip" }), 413);
  });

  it("is refused when its encoding is unknown or broken", async () => {
    expectErrorPage(await post("/login", "x", FORM, { "content-encoding": "zstd-not" }), 415);
    expectErrorPage(await post("/login", "no gzip", FORM, { "content-encoding": "gzip" }), 400);
  });

  it("is refused with 413 when it has more fields than any form", async () => {
    expectErrorPage(await post("/login", "a=1&".repeat(60)), 413);
  });
});

describe("a code", () => {
  it.each(["otp=1&otp=2", "otp=12%003456"])(
    "gets a 400 when it comes twice or holds a NUL: %s",
    async (body) => {
      const secret = await enrolled(world);
      const cookie = await pendingCookie(world);
      expectErrorPage(await post("/login/2fa", body, FORM, { cookie }), 400);
      const right = form({ otp: world.code(secret) }, { cookie });
      expect((await ask(world, { path: "/login/2fa", ...right })).status).toBe(303);
    },
  );

  it("is refused without being counted when it has another shape", async () => {
    const cookie = await pendingCookie(world);
    const odd = [
      "",
      "otp=",
      "otp[]=123456",
      `otp=${"1".repeat(10_000)}`,
      "otp=%EF%BC%91%EF%BC%92",
      "otp=%ff",
      "otp=-12345",
    ];
    for (const body of odd) expect((await post("/login/2fa", body, FORM, { cookie })).status, body).toBe(401);
    expect(world.events.map(({ type }) => type)).not.toContain("code-refused");
  });
});

describe("an address", () => {
  it.each([
    "/%",
    "/%zz",
    "/%E0%A4%A",
    "/login/%ff",
    "/login?notice=%",
    "/login?next=%ff",
    "/?notice=__proto__",
  ])("gets an answer below 500 when its encoding is broken: %s", async (path) =>
    expect((await ask(world, { path })).status).toBeLessThan(500),
  );

  it("shows no notice when its key is not in the list", async () => {
    for (const notice of ["__proto__", "constructor", "toString", "<script>", "signed-out&notice=expired"]) {
      const page = await ask(world, { path: `/login?notice=${notice}` });
      expect(page.status).toBe(200);
      expect(page.text).not.toMatch(/role="status"|signed out|ran out|function|<script>/);
    }
  });

  it("gets an answer at the longest allowed, with a redirect that proxies take", async () => {
    for (const path of [
      `/${"x".repeat(14_000)}`,
      `/login?next=/${"x".repeat(14_000)}`,
      `/account?${"%C3".repeat(4_000)}`,
    ]) {
      const answer = await ask(world, { path });
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers.location?.length ?? 0).toBeLessThan(4_096);
    }
    expect((await ask(world, { path: `/${"x".repeat(40_000)}` })).status).toBe(431);
  });
});

describe("a cookie", () => {
  it.each([
    "latchkey",
    "latchkey=",
    "latchkey=%",
    "latchkey=s:%ff",
    "latchkey=s%3A.%2F",
    "latchkey=j:{",
    `latchkey=${"x".repeat(10_000)}`,
    "latchkey=\u00ff\u00fe",
    "=;;=;",
    "__proto__=x; latchkey=__proto__",
  ])("stands for nobody, whatever its shape: %j", async (cookie) => {
    for (const path of ["/", "/login", "/login/2fa", "/account"]) {
      const answer = await ask(world, { path, headers: { cookie } });
      expect(answer.status).toBeLessThan(400);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });
});

describe("a browser with a very long User-Agent", () => {
  it("signs in all the same", async () => {
    const visitor = world.visitor({ "User-Agent": "\u00e9".repeat(8_000) });
    await setUp(world, visitor);
    expect(heldBy(visitor)).not.toBe("");
  });
});
