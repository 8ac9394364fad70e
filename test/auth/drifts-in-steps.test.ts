/** Saving the clock drifts of a busy minute on the embedded database does not stall other requests. */
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createDrifts } from "../../src/auth/drifts.js";
import { keepDrifts } from "../../src/auth/server-clock.js";
import { createWorld } from "../support/world.js";

const ACCOUNTS = 1_000;

describe("a thousand clock drifts", () => {
  it("are saved in batches, with requests served in between", async () => {
    const world = await createWorld();
    const { store } = world;
    const drifts = createDrifts();
    await store.transaction(async (tx) => {
      for (let n = 0; n < ACCOUNTS; n++) {
        await tx.accounts.add({
          id: `account ${n}`,
          username: `account-${n}`,
          passwordHash: "none",
          isDemo: false,
          createdAt: world.now(),
          secondFactorSince: null,
          epoch: 0,
          disabledAt: null,
          lastSignInAt: null,
        });
        drifts.note(`account ${n}`, 3);
      }
    });
    let turns = 0;
    let isOver = false;
    const counting = (async () => {
      while (!isOver) {
        await turn();
        turns += 1;
      }
    })();
    await keepDrifts({ store, drifts, clock: world.now });
    isOver = true;
    await counting;
    // A batch takes 3 ms and all of them some hundreds. A loop without pauses would give others one turn, or none.
    expect(turns).toBeGreaterThan(20);
    const [bin] = await store.drifts.since(0);
    expect(bin?.accounts).toBe(ACCOUNTS);
    await world.close();
  });
});
