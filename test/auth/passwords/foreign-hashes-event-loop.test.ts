/** Checks of other systems' hashes beside the event loop: requests are served meanwhile. */
import { describe, expect, it } from "vitest";
import {
  readForeignHash,
  storedForeignHash,
  verifyForeign,
} from "../../../src/auth/passwords/foreign-hashes.js";
import { FOREIGN_HASHES } from "../../support/foreign-hashes.js";

/** The longest time (ms) between two turns of the event loop while something is done. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const turn = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  };
  const turns = setInterval(turn, 1);
  await work();
  turn();
  clearInterval(turns);
  return longest;
}

describe("a check of another system's hash", () => {
  it.each(FOREIGN_HASHES)("does not hold up the event loop: %s", async (_from, _password, given) => {
    const read = readForeignHash(given);
    const stored = "problem" in read ? "" : await read.toStored();
    const hash = storedForeignHash(stored);
    if (!hash) throw new Error("This is none.");
    const password = "x".repeat(4_096);
    const check = () => verifyForeign(hash, { password, typed: password });
    // A busy machine holds it up by itself, now and then.
    const longest: number[] = [];
    for (let run = 0; run < 5 && !(Math.min(...longest) < 50); run++) longest.push(await longestHold(check));
    expect(Math.min(...longest)).toBeLessThan(50);
  });
});
