/** Open redirect: a link to our login page that ends on a page of the attacker's (CWE-601). */
import { beforeEach, describe, expect, it } from "vitest";
import { ask } from "../support/raw-request.js";
import { enrolled } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const ELSEWHERE = [
  "//evil.example",
  "///evil.example",
  "////evil.example",
  "/\\evil.example",
  "\\/evil.example",
  "\\\\evil.example",
  "/\\/evil.example",
  "https://evil.example",
  "https:evil.example",
  "https:/evil.example",
  "HTTPS://evil.example",
  "http://127.0.0.1@evil.example",
  "//127.0.0.1",
  "ftp://evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  " //evil.example",
  "\t//evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r/evil.example",
  "/\r\n/evil.example",
  "\n/\n/evil.example",
  "/.//evil.example",
  "/..//evil.example",
  "/x/..//evil.example",
  "/x/../..//evil.example",
  "/%2e//evil.example",
  "/%2E%2e//evil.example",
  "/x/%2e%2e//evil.example",
  "/.\\/evil.example",
  "/.\t/\t/evil.example",
  "\u2028//evil.example",
  "\u3000//evil.example",
  "\u00a0//evil.example",
  "evil.example",
  ".evil.example",
  "@evil.example",
  "?//evil.example",
  "#//evil.example",
  "",
  " ",
  `/${"x".repeat(4_000)}`,
  `/${"\u20ac".repeat(1_000)}`,
];

/** What a browser at `base` makes of a Location. */
const landsOn = (location = "", base = "https://here.example/login/2fa") => new URL(location, base);

let world: World;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  secret = await enrolled(world);
});

/** Signs in with `next` in the form, and answers with where that leads. */
async function signInWith(next: string): Promise<string> {
  const visitor = world.visitor();
  expect((await visitor.password("test", "password", { next })).headers.location).toBe("/login/2fa");
  const done = await visitor.code(world.code(secret));
  expect(done.status).toBe(303);
  world.advance(30_000);
  return done.headers.location ?? "";
}

describe("`next`", () => {
  it("leads to the start page after signing in when it could lead elsewhere", async () => {
    for (const next of ELSEWHERE) expect(await signInWith(next), JSON.stringify(next)).toBe("/");
  });

  it("stays out of the form, refused or not, when it could lead elsewhere", async () => {
    for (const next of ELSEWHERE) {
      const shown = await ask(world, { path: `/login?next=${encodeURIComponent(next)}` });
      expect(shown.text, JSON.stringify(next)).not.toMatch(/name="next"|evil/);
      const refused = await world.visitor().password(`nobody ${next.length}`, "wrong", { next });
      expect(refused.text, JSON.stringify(next)).not.toMatch(/name="next"|evil\.example/);
      world.advance(15 * 60_000);
    }
  });

  it("leads to the start page from a session too when it could lead elsewhere", async () => {
    const visitor = world.visitor();
    await visitor.password();
    await visitor.code(world.code(secret));
    for (const next of ELSEWHERE) {
      const answer = await visitor.get(`/login?next=${encodeURIComponent(next)}`);
      expect(answer.headers.location, JSON.stringify(next)).toBe("/");
    }
    const doubled = await visitor.get("/login?next=/account&next=//evil.example");
    expect(doubled.headers.location).toBe("/");
  });

  it.each([
    "/account",
    "/account?x=//evil.example",
    "/account?u=https%3A%2F%2Fevil.example",
    "/%2f/evil.example",
    "/a#b",
  ])("leads to a page of ours: %s", async (next) => {
    const location = await signInWith(next);
    expect(location).toBe(next);
    expect(landsOn(location).origin).toBe("https://here.example");
  });

  it("stays on this site when it comes from an address that names another", async () => {
    const asked = await ask(world, {
      path: "http://evil.example/account",
      headers: { host: "evil.example" },
    });
    expect(landsOn(asked.headers.location).origin).toBe("https://here.example");
    expect(landsOn(asked.headers.location).searchParams.get("next") ?? "/").toMatch(/^\/(?!\/)/);
    const twisted = await ask(world, { path: "/account/..//evil.example" });
    expect(twisted.status).toBe(404);
  });
});
