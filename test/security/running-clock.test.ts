/** A running clock: no decision compares two readings of it, so no result depends on a millisecond. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY, RECOVERY_CODES } from "../../src/auth/policy.js";
import { openDatabase } from "../support/other-program.js";
import { currentCodes, setUpWithSheet, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { secretOn } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

const SEEDS = [1, 2, 3];

/** The times that a query finds. */
function times(world: World, sql: string): number[] {
  return openDatabase(world)
    .prepare(sql)
    .all()
    .map((row) => Number(Object.values(row)[0]));
}

/** Where the home page leads to replace the app; undefined where it does not. */
async function replacingPage(visitor: Visitor): Promise<string | undefined> {
  const { text } = await visitor.get("/");
  return /href="(\/account\/authenticators\/new\?replaces=[^"]*)"/.exec(text)?.[1];
}

async function replaceApp(world: World, visitor: Visitor): Promise<void> {
  const page = (await replacingPage(visitor)) ?? "";
  const otp = world.code(secretOn((await visitor.get(page)).text));
  expect((await visitor.post(page, { name: "New phone", otp })).headers.location).toBe("/account");
}

describe.each(SEEDS)("a running clock, seed %i", (seed) => {
  it("stores one time for everything that a set-up writes, and knows its form when it is sent again", async () => {
    const world = await openWorld({}, seed);
    const visitor = world.visitor();
    await visitor.password();
    const otp = world.code(await visitor.secret());
    const current = "/account/recovery-codes/current";
    for (let n = 0; n < 2; n++) expect((await visitor.code(otp)).headers.location).toBe(current);
    expect(await currentCodes(visitor)).toHaveLength(RECOVERY_CODES);
    const made = [
      "select created_at from recovery_sheets",
      "select created_at from sessions where kind = 'session'",
      "select stepped_up_at from sessions where kind = 'session'",
      "select created_at from authenticators",
      "select last_sign_in_at from accounts where username = 'test'",
      "select distinct at from history",
    ].flatMap((sql) => times(world, sql));
    expect(made).toHaveLength(6);
    expect(new Set(made).size).toBe(1);
  });

  it("takes no later sign-in for that form", async () => {
    const world = await openWorld({}, seed);
    const { secret } = await setUpWithSheet(world, world.visitor());
    const visitor = world.visitor();
    await signIn(world, visitor, secret);
    await visitor.code(world.code(secret));
    const account = (await visitor.get("/account")).text;
    expect(account).toContain("You are signed in.");
    expect(account).not.toContain("shown only once");
  });

  it("gives a step-up one time, from which it is valid", async () => {
    const world = await openWorld({}, seed);
    const visitor = world.visitor();
    const { secret } = await setUpWithSheet(world, visitor);
    world.advance(2 * DEFAULT_POLICY.stepUp);
    expect((await visitor.get("/account/recovery-codes")).headers.location).toContain("/confirm");
    await visitor.confirm("password", world.code(secret));
    const [steppedUp] = times(world, "select max(stepped_up_at) from sessions");
    const ended = times(
      world,
      "select ended_at from sessions where kind = 'session' and ended_at is not null",
    );
    expect(ended).toEqual([steppedUp]);
    expect(times(world, "select at from history where type = 'stepped-up'")).toEqual([steppedUp]);
    expect((await visitor.get("/account/recovery-codes")).status).toBe(200);
    expect((await visitor.post("/account/recovery-codes", { sheet: "2" })).status).toBe(303);
  });

  it("leads a sign-in by recovery code to a new app until there is one", async () => {
    const world = await openWorld({}, seed);
    const { codes } = await setUpWithSheet(world, world.visitor());
    const visitor = world.visitor();
    await visitor.password();
    await visitor.recoveryCode(codes[0] ?? "");
    expect(await replacingPage(visitor)).toBeDefined();
    await replaceApp(world, visitor);
    expect(await replacingPage(visitor)).toBeUndefined();
    const used = times(world, "select used_at from recovery_codes where used_at is not null");
    expect(times(world, "select proved_at from recovery_sheets")).toEqual(used);
  });

  it("lets each refused attempt be mentioned once, at the next sign-in", async () => {
    const world = await openWorld({}, seed);
    const { secret } = await setUpWithSheet(world, world.visitor());
    for (const refused of [2, 0, 1, 3, 0]) {
      const stranger = world.visitor();
      for (let n = 0; n < refused; n++) await stranger.password("test", `wrong ${n}`);
      const visitor = world.visitor();
      await signIn(world, visitor, secret);
      const home = (await visitor.get("/")).text;
      const said = refused === 0 ? "No failed attempts since then" : `${refused} failed attempt`;
      expect(home).toContain(said);
    }
  });

  it("gives the sign-in of a trusted browser one time", async () => {
    const world = await openWorld({}, seed);
    const { secret } = await setUpWithSheet(world, world.visitor());
    const visitor = world.visitor();
    await visitor.password();
    await visitor.code(world.code(secret), { trust_device: "on" });
    await visitor.post("/logout");
    world.advance(30_000);
    expect((await visitor.password()).headers.location).toBe("/");
    const [used] = times(world, "select last_used_at from trusted_devices");
    expect(times(world, "select max(created_at) from sessions")).toEqual([used]);
    expect(times(world, "select last_sign_in_at from accounts where username = 'test'")).toEqual([used]);
  });
});
