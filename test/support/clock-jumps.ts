/** What tests of jumping clocks share: the longest delay, and a walk over the pages. */
import { expect } from "vitest";
import { SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import type { Visitor } from "./visitor.js";
import { MINUTE, type World } from "./world.js";
import { nextWrongCode } from "./wrong-codes.js";

/** A time step. */
export const STEP = 30_000;

export const JUMP = 10 * MINUTE;

/** The last delay of both throttles, in milliseconds. */
export const MAX_DELAY = SECOND_FACTOR_RULE.delays.at(-1) ?? 0;

/** Types wrong codes until the longest delay runs. */
export async function untilLongestDelay(world: World, secret: string): Promise<void> {
  const guesser = world.visitor();
  const tries = SECOND_FACTOR_RULE.free + SECOND_FACTOR_RULE.delays.length - 1;
  for (let n = 1; n <= tries; n++) {
    await guesser.password();
    expect((await guesser.code(nextWrongCode(world, secret))).status).toBe(401);
    const page = await guesser.get("/login/2fa");
    if (n < tries) world.advance(Number(page.headers["retry-after"] ?? 0) * 1_000);
    else expect(page.headers["retry-after"]).toBe(String(MAX_DELAY / 1_000));
  }
}

/** Opens the pages that a session sees, in this browser and in an anonymous one: none answers with a 5xx. */
export async function walk(world: World, visitor: Visitor): Promise<void> {
  const paths = [
    "/",
    "/account",
    "/account/history",
    "/account/authenticators/new",
    "/account/recovery-codes",
  ];
  for (const path of [...paths, "/confirm", "/login", "/readyz"]) {
    for (const who of [visitor, world.visitor()]) {
      expect((await who.get(path)).status, path).toBeLessThan(500);
    }
  }
}
