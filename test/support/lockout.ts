/** The lockout after many refused codes: ways to bring it about, and how an answer shows it. */
import { expect } from "vitest";
import { LOCKOUT_AFTER, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { reasonOn } from "./visitor.js";
import type { World } from "./world.js";

const LONGEST_DELAY = Math.max(...SECOND_FACTOR_RULE.delays);

/** Sends wrong codes, each after the delay before it, until the account is locked. */
export async function failUntilLockout(
  world: World,
  sendWrongCode: (n: number) => PromiseLike<{ status: number }>,
): Promise<void> {
  for (let n = 0; n < LOCKOUT_AFTER; n++) {
    if (n >= SECOND_FACTOR_RULE.free) world.advance(LONGEST_DELAY);
    expect((await sendWrongCode(n)).status).toBe(401);
  }
}

/** A refusal until the operator unlocks the account: during a delay there would be a Retry-After. */
export function expectLockout(
  answer: { status: number; text: string; headers: Record<string, unknown> },
  what?: string,
): void {
  expect([answer.status, reasonOn(answer.text)], what).toEqual([429, "locked"]);
  expect(answer.headers["retry-after"], what).toBeUndefined();
}

/** Counts so many wrong codes, each from another browser, that the account is locked until the operator unlocks it. */
export async function lockUntilUnlocked(world: World, username = "test"): Promise<void> {
  const account = await world.store.accounts.byUsername(username);
  for (let i = 0; i < LOCKOUT_AFTER; i++) {
    const rule = { free: 1_000, delays: [1], window: null };
    await world.store.throttle.count(`second-factor ${account?.id} x${i}`, rule, world.now(), account?.id);
  }
}
