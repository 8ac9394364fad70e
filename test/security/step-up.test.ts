/** Step-up: a session that was left open or taken over is used to change what decides who gets in. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_POLICY } from "../../src/auth/policy.js";
import { authenticatorsOf } from "../support/authenticators.js";
import { forgetWork, work } from "../support/code-checks.js";
import { heldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { ask, form, opensAccount } from "../support/raw-request.js";
import { setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { HOUR, MINUTE, openWorld, type World } from "../support/world.js";

// A code is evaluated when it is compared: that is what is counted.
vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});

let world: World;
let secret: string;
/** Signed in, and asked to confirm: the step-up of the sign-in has just run out. */
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  secret = await setUp(world, visitor);
  await visitor.get("/account/authenticators/new");
  world.advance(DEFAULT_POLICY.stepUp - 30_000);
  forgetWork();
});

/** What a sensitive change would change. */
function whatDecides(): string {
  const database = openDatabase(world);
  const queries = [
    "select username, password_hash, epoch, second_factor_since from accounts",
    "select id, name, number from authenticators",
    "select * from recovery_sheets",
    "select * from recovery_codes where ended_at is not null",
  ];
  return JSON.stringify(queries.map((query) => database.prepare(query).all()));
}

const authenticatorId = async () => (await authenticatorsOf(world))[0]?.id ?? "";

/** Every page and form that needs a step-up, with what it would take to succeed. */
async function sensitive(): Promise<[path: string, fields: Record<string, string>][]> {
  const id = await authenticatorId();
  return [
    ["/account/password", { current_password: "password", new_password: "quite another password" }],
    ["/account/authenticators/new", { otp: world.code(secret) }],
    [`/account/authenticators/new?replaces=${id}`, { otp: world.code(secret) }],
    [`/account/authenticators/${id}/remove`, {}],
    ["/account/recovery-codes", { sheet: "2" }],
  ];
}

const isSteppedUp = async (browser: Visitor) => (await browser.get("/account/password")).status === 200;

describe("a sensitive page or form", () => {
  it("has its guard in the URL table", () => {
    const rows = world.urls.pages;
    const guarded = rows.filter(([, , guards]) => guards.some(({ name }) => name === "requireStepUp"));
    const pages = ["password", "authenticators/new", "authenticators/:id/remove", "recovery-codes"];
    expect(guarded.map(([method, path]) => `${method} ${path}`)).toEqual(
      pages.flatMap((page) => [`GET /account/${page}`, `POST /account/${page}`]),
    );
  });

  it("leads to /confirm and changes nothing when there was no step-up", async () => {
    const before = whatDecides();
    for (const [path, fields] of await sensitive()) {
      const confirm = `/confirm?next=${encodeURIComponent(path)}`;
      expect((await visitor.get(path)).headers.location, path).toBe(confirm);
      const sent = await visitor.post(path, fields);
      expect([sent.status, sent.headers.location], path).toEqual([303, confirm]);
      expect((await visitor.get(confirm)).text).toMatch(/class="alert alert-\w+" role="(alert|status)"/);
    }
    expect(whatDecides()).toBe(before);
    expect(work.verified).toBe(0);
  });

  it("opens for exactly ten minutes after a step-up", async () => {
    const [first = ["", {}]] = await sensitive();
    const done = await visitor.confirm("password", world.code(secret), { next: first[0] });
    expect([done.status, done.headers.location]).toEqual([303, "/account/password"]);
    world.advance(10 * MINUTE - 1);
    for (const [path] of await sensitive()) expect((await visitor.get(path)).status, path).toBe(200);
    world.advance(1);
    for (const [path] of await sensitive()) expect((await visitor.get(path)).status, path).toBe(303);
  });

  it("opens for as long as STEP_UP says", async () => {
    const short = await openWorld({ STEP_UP: "90s" });
    const browser = short.visitor();
    await setUp(short, browser); // and 30 seconds have passed
    short.advance(60_000 - 1);
    expect(await isSteppedUp(browser)).toBe(true);
    short.advance(1);
    expect(await isSteppedUp(browser)).toBe(false);
  });
});

describe("a step-up", () => {
  it("counts for its own session alone", async () => {
    const other = world.visitor();
    await signIn(world, other, secret);
    world.advance(10 * MINUTE);
    await visitor.confirm("password", world.code(secret));
    expect(await isSteppedUp(visitor)).toBe(true);
    expect(await isSteppedUp(other)).toBe(false);
    const before = whatDecides();
    await other.post("/account/recovery-codes", { sheet: "2" });
    expect(whatDecides()).toBe(before);
  });

  it("gives the session a new id: the old cookie opens nothing, and can still sign out", async () => {
    const old = heldBy(visitor);
    await visitor.confirm("password", world.code(secret));
    const now = heldBy(visitor);
    expect(now).not.toBe(old);
    expect(await opensAccount(world, old)).toBe(false);
    const confirm = form({ password: "password", otp: world.code(secret, 1) }, { cookie: old });
    const again = await ask(world, { path: "/confirm", ...confirm });
    expect(again.headers.location).toBe("/login?notice=signed-out-here");
    expect(await opensAccount(world, now)).toBe(true);
    await ask(world, { path: "/logout", ...form({}, { cookie: old }) });
    expect(await opensAccount(world, now)).toBe(false);
  });

  it("ends when any cookie of its sign-in signs out, from the pending login on", async () => {
    for (const which of [0, 1, 2, 3]) {
      const browser = world.visitor();
      await browser.password();
      const held = [heldBy(browser)];
      const steps = [(otp: string) => browser.code(otp), (otp: string) => browser.confirm("password", otp)];
      for (const step of [...steps, ...steps.slice(1)]) {
        expect((await step(world.code(secret))).status).toBe(303);
        held.push(heldBy(browser));
        world.advance(30_000);
      }
      expect(await opensAccount(world, held[3] ?? "")).toBe(true);
      await ask(world, { path: "/logout", ...form({}, { cookie: held[which] ?? "" }) });
      expect(await opensAccount(world, held[3] ?? ""), `cookie ${which}`).toBe(false);
    }
    // Another sign-in of the same account is not touched by that.
    expect(await opensAccount(world, heldBy(visitor))).toBe(true);
  });

  it("extends no session", async () => {
    world.advance(30_000);
    for (let waited = 0; waited < 24 * HOUR - 11 * MINUTE; waited += 50 * MINUTE) {
      expect((await visitor.confirm("password", world.code(secret))).status).toBe(303);
      world.advance(50 * MINUTE);
    }
    expect((await visitor.get("/account")).headers.location).toBe("/login?notice=sign-in&next=%2Faccount");
  });

  it("is refused to a pending login and to an anonymous browser", async () => {
    const pending = world.visitor();
    await pending.password();
    const sent = { password: "password", otp: world.code(secret) };
    expect((await pending.post("/confirm", sent)).headers.location).toBe("/login/2fa");
    expect((await pending.get("/account")).headers.location).toBe("/login/2fa");
    expect((await world.visitor().post("/confirm", sent)).headers.location).toBe(
      "/login?notice=signed-out-here",
    );
    expect(work.verified).toBe(0);
    expect((await pending.code(sent.otp)).status).toBe(303);
  });

  it("leads to no other site", async () => {
    const elsewhere = ["//evil.example", "https://evil.example", "/\\evil.example", "/.//evil.example", "x"];
    for (const next of elsewhere) {
      const page = await visitor.get(`/confirm?next=${encodeURIComponent(next)}`);
      expect(page.text, next).not.toMatch(/name="next"|evil/);
      expect((await visitor.confirm("wrong", "123456", { next })).text, next).not.toMatch(/name="next"|evil/);
      const done = await visitor.confirm("password", world.code(secret), { next });
      expect([done.status, done.headers.location], next).toEqual([303, "/account"]);
      world.advance(MINUTE);
    }
  });
});
