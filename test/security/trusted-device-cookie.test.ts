/** The cookie of a trusted browser: read by a script, sent to another host, filled until requests fail. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../src/auth/policy.js";
import { cookieHeldBy } from "../support/cookies.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { secretOn } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

const TRUSTED = "latchkey_trusted";

let world: World;
let secret: string;
/** The trusted browser, signed out. */
let trusting: Visitor;
beforeEach(async () => {
  world = await openWorld();
  trusting = world.visitor();
  secret = await setUp(world, trusting);
  await trusting.post("/logout");
  await trust(trusting, secret);
});

/** Signs in with the box ticked, and out again; answers with the sign-in. */
async function trust(visitor: Visitor, secret: string, username = "test", password = "password") {
  await visitor.password(username, password);
  const answer = await visitor.code(world.code(secret), { trust_device: "on" });
  expect(answer.status).toBe(303);
  world.advance(30_000);
  await visitor.post("/logout");
  return answer;
}

const cookiesSet = (answer: { headers: Record<string, unknown> }) =>
  [answer.headers["set-cookie"] ?? []].flat().map(String);

describe("the cookie of a trusted browser", () => {
  const flagsOf = (answer: { headers: Record<string, unknown> }, name: string) =>
    cookiesSet(answer)
      .find((cookie) => cookie.startsWith(`${name}=`))
      ?.split("; ")
      .slice(1)
      .filter((flag) => !flag.startsWith("Expires="))
      .sort();

  it("is for this host and no script, and lasts as long as its token", async () => {
    const answer = await trust(world.visitor(), secret);
    const flags = ["HttpOnly", `Max-Age=${DEFAULT_POLICY.trustedDevice / 1_000}`, "Path=/", "SameSite=Lax"];
    expect(flagsOf(answer, TRUSTED)).toEqual(flags);
    expect(flagsOf(answer, "latchkey_browser")).toEqual(flags.with(1, "Max-Age=34560000"));
  });

  it("is Secure and bound to the host by its name when BASE_URL is https", async () => {
    const https = await openWorld({
      BASE_URL: "https://sign-in.example.org",
      TRUST_PROXY: "loopback",
      DEMO: "on",
      TRUSTED_DEVICE: "7d",
    });
    const send = (path: string, cookie: string, fields?: Record<string, string>) => {
      const sent = fields ? form(fields) : { headers: {} };
      return ask(https, {
        path,
        ...sent,
        headers: { ...sent.headers, cookie, "x-forwarded-proto": "https" },
      });
    };
    const login = await send("/login", "", { username: "test", password: "password" });
    const pending = cookiesSet(login)[0]?.split(";", 1)[0] ?? "";
    const page = await send("/login/2fa", pending);
    const key = secretOn(page.text);
    const done = await send("/login/2fa", pending, { otp: https.code(key), trust_device: "on" });
    expect(done.status).toBe(303);
    const flags = ["HttpOnly", `Max-Age=${7 * 24 * 60 * 60}`, "Path=/", "SameSite=Lax", "Secure"];
    expect(flagsOf(done, "__Host-latchkey_trusted")).toEqual(flags);
    expect(flagsOf(done, "__Host-latchkey_browser")).toEqual(flags.with(1, "Max-Age=34560000"));
    expect(cookiesSet(done).filter((cookie) => !cookie.startsWith("__Host-latchkey"))).toEqual([]);
    // Under the name of a plain site's cookie it is not read.
    const token = /__Host-latchkey_trusted=([^;]+)/.exec(String(done.headers["set-cookie"]))?.[1];
    for (const [name, leads] of Object.entries({
      latchkey_trusted: "/login/2fa",
      "__Host-latchkey_trusted": "/",
    })) {
      const again = await send("/login", `${name}=${token}`, { username: "test", password: "password" });
      expect(again.headers.location, name).toBe(leads);
    }
  });

  it("holds a token for each of the last five accounts, and no more", async () => {
    for (let n = 1; n <= 5; n++) {
      const { username, password } = await addAccount(world, `person-${n}`);
      const key = await setUp(world, trusting, username, password);
      await trusting.post("/logout");
      await trust(trusting, key, username, password);
      if (n === 1) {
        expect((await trusting.password()).headers.location).toBe("/");
        await trusting.post("/logout");
      }
    }
    for (const name of [TRUSTED, "latchkey_browser"]) {
      expect(cookieHeldBy(trusting, name).split("~"), name).toHaveLength(5);
      expect(cookieHeldBy(trusting, name).length, name).toBeLessThan(1_000);
    }
    for (let n = 1; n <= 5; n++) {
      const answer = await trusting.password(`person-${n}`, "correct horse battery");
      expect(answer.headers.location).toBe("/");
      await trusting.post("/logout");
    }
    // The oldest was the first account's: it is asked for a code again, no more.
    expect((await trusting.password()).headers.location).toBe("/login/2fa");
  });

  it("is read no farther than its greatest length", async () => {
    const token = cookieHeldBy(trusting, TRUSTED).slice(TRUSTED.length + 1);
    const many = Array.from(
      { length: 60 },
      (_, n) => `${token.split(".")[0]}.${String(n).padStart(43, "A")}`,
    );
    const sent = (tokens: string[]) =>
      form({ username: "test", password: "password" }, { cookie: `${TRUSTED}=${tokens.join("~")}` });
    expect((await ask(world, { path: "/login", ...sent([...many, token]) })).headers.location).toBe(
      "/login/2fa",
    );
    expect((await ask(world, { path: "/login", ...sent([token, ...many]) })).headers.location).toBe("/");
  });
});
