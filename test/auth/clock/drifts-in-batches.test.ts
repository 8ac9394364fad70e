/** Saving the clock drifts of a busy minute on SQLite does not stall other requests. */
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createDrifts } from "../../../src/auth/clock/drifts.js";
import { flushDrifts } from "../../../src/auth/clock/server-clock.js";
import { addAccountsWithoutPassword } from "../../support/members.js";
import { openWorld } from "../../support/world.js";

const ACCOUNTS = 1_000;

describe("the saving of a thousand clock drifts", () => {
  it("serves requests between two batches", async () => {
    const world = await openWorld();
    const { store } = world;
    const drifts = createDrifts();
    for (const id of await addAccountsWithoutPassword(world, ACCOUNTS)) drifts.note(id, 3);
    let turns = 0;
    let isOver = false;
    const counting = (async () => {
      while (!isOver) {
        await turn();
        turns += 1;
      }
    })();
    await flushDrifts({ store, drifts, clock: world.now });
    isOver = true;
    await counting;
    // A batch takes 3 ms and all of them some hundreds. A loop without pauses would give others one turn, or none.
    expect(turns).toBeGreaterThan(20);
    const [bin] = await store.drifts.since(0);
    expect(bin?.accounts).toBe(ACCOUNTS);
  });
});
