/** `latchkey doctor` on the server's clock, judged by the authenticators of many accounts. */
import { describe, expect, it } from "vitest";
import { CHECKS, doctor, findingsOf } from "../../support/doctor.js";
import { addAccountsWithoutPassword } from "../../support/members.js";
import { HOUR, openWorld, type World } from "../../support/world.js";

/** Accounts whose phones all seem to be this many seconds ahead. */
async function phonesAhead(world: World, accounts: number, seconds: number): Promise<void> {
  const window = Math.floor(world.now() / (4 * HOUR));
  for (const id of await addAccountsWithoutPassword(world, accounts)) {
    await world.store.drifts.note(id, window, Math.floor(seconds / 5));
  }
}

describe("the clock check", () => {
  it.each([
    [-98, "The server is about 90 s ahead", 90],
    [82, "The server is about 90 s behind", -90],
  ])("finds a problem when every phone seems to be %i s ahead", async (drift, says, seconds) => {
    const world = await openWorld({ DEMO: "off" });
    await phonesAhead(world, 12, drift);
    const found = await findingsOf(world);
    expect(found.exit).toBe(1);
    expect(found.clock).toContain(
      `${says}, by the authenticators of 12 accounts since 2026-11-24T12:00Z. Set it`,
    );
    const { out } = await doctor({ DATA_DIR: world.dataDir }, ["--json"], world.now());
    expect(JSON.parse(out)[CHECKS.indexOf("clock")]).toMatchObject({
      state: "problem",
      facts: { accounts: 12, seconds, since: "2026-11-24T12:00:00.000Z" },
    });
  });

  it("is ok when the phones agree, apart from the time that typing takes", async () => {
    const world = await openWorld({ DEMO: "off" });
    await phonesAhead(world, 12, -8);
    expect(await findingsOf(world)).toMatchObject({
      exit: 0,
      clock: expect.stringMatching(/^ok .*It is right, by the authenticators of 12 accounts/),
    });
  });

  it("tells nothing when fewer than ten accounts have typed a code", async () => {
    const world = await openWorld({ DEMO: "off" });
    await phonesAhead(world, 9, -98);
    expect(await findingsOf(world)).toMatchObject({
      exit: 0,
      clock: "unknown  clock        Not known yet: 9 of 10 accounts have typed a code in the last hours.",
    });
  });
});
