/** An import inside a running app: it takes seconds, and requests do not wait for it. */
import { setTimeout as sleep } from "node:timers/promises";
import { hashSync } from "@node-rs/bcrypt";
import { describe, expect, it } from "vitest";
import { toBase32 } from "../../src/otp/index.js";
import { accountsOf } from "../support/accounts.js";
import { openWorld } from "../support/world.js";

const HASH = hashSync("correct horse battery", 4);
const SHA = "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=";

/** The longest that a timer of 5 ms came late while `work` ran, in ms. */
async function stalledBy(work: Promise<unknown>): Promise<number> {
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  let worst = 0;
  while (!done) {
    const began = performance.now();
    await sleep(5);
    worst = Math.max(worst, performance.now() - began - 5);
  }
  await end;
  return worst;
}

describe("an import in a running app", () => {
  it("of 1,000 people with apps takes seconds and holds up nobody", async () => {
    const world = await openWorld();
    const rows = Array.from({ length: 1_000 }, (_, n) => ({
      username: `user${n}`,
      passwordHash: HASH,
      totp: toBase32(new Uint8Array(20).fill(n % 256)),
    }));
    const began = performance.now();
    const importing = accountsOf(world).import(rows);
    const worst = await stalledBy(importing);
    expect(await importing).toMatchObject({ imported: 1_000, refused: [] });
    expect(performance.now() - began).toBeLessThan(20_000);
    // A stall of its own would be there each time; a busy machine stalls now and then.
    expect(worst).toBeLessThan(250);
  });

  it("of fast hashes computes one argon2id at a time", async () => {
    const world = await openWorld();
    const rows = Array.from({ length: 20 }, (_, n) => ({ username: `user${n}`, passwordHash: SHA }));
    const importing = accountsOf(world).import(rows);
    const worst = await stalledBy(importing);
    expect(await importing).toMatchObject({ imported: 20 });
    expect(worst).toBeLessThan(250);
    const account = await world.store.accounts.byUsername("user0");
    expect(account?.passwordHash).toMatch(/^\{SHA\}\$argon2id\$/);
    expect(account?.passwordHash).not.toContain(SHA.slice(5));
  });
});
