/** How long a session lasts: its idle limit, and its greatest age. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../src/auth/policy.js";
import { setUp } from "../../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

describe("a session", () => {
  it("ends after the idle limit, and not before", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    for (let turn = 0; turn < 3; turn++) {
      world.advance(DEFAULT_POLICY.sessionIdle - 2 * MINUTE);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.advance(DEFAULT_POLICY.sessionIdle);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("stays awake by activity also when the idle limit is short", async () => {
    const short = await openWorld({ SESSION_IDLE: "40s" });
    const visitor = short.visitor();
    await setUp(short, visitor);
    for (let i = 0; i < 10; i++) {
      expect((await visitor.get("/account")).status).toBe(200);
      short.advance(15_000);
    }
    short.advance(30_000);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("ends a day after the sign-in, however busy it is", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    for (let half = 0; half < DEFAULT_POLICY.sessionMax / (30 * MINUTE) - 1; half++) {
      world.advance(30 * MINUTE);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.advance(30 * MINUTE);
    expect((await visitor.get("/account")).status).toBe(303);
  });
});
