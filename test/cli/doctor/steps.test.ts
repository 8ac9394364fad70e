/** `latchkey doctor` on accepted time steps that lie in the future, because a clock was ahead. */
import { describe, expect, it } from "vitest";
import { findingsOf } from "../../support/doctor.js";
import { addAccountsWithoutPassword } from "../../support/members.js";
import { addAccount, setUp } from "../../support/sign-in.js";
import { HOUR, openWorld } from "../../support/world.js";

describe("the time-step check", () => {
  const DAY = 24 * HOUR;

  it.each([HOUR, 400 * DAY])(
    "finds a problem when the clock was %i ms ahead, until each account is unlocked",
    async (jump) => {
      const world = await openWorld({ DEMO: "off" });
      const before = (await findingsOf(world)).steps;
      for (const name of ["alice", "bob", "carol"]) {
        if (name === "carol") world.advance(-jump);
        await addAccount(world, name);
        if (name === "alice") world.advance(jump);
        await setUp(world, world.visitor(), name, "correct horse battery");
      }
      const { exit, steps } = await findingsOf(world);
      expect(exit).toBe(1);
      expect(steps).toMatch(
        /^problem {2}steps {8}A clock was ahead: 2 authenticators have accepted codes from the future, .* `latchkey account unlock NAME` for each of alice, bob\.$/,
      );
      await world.auth.unlockAccount("alice");
      expect((await findingsOf(world)).steps).toMatch(/^problem .* 1 authenticator has .* of bob\.$/);
      await world.auth.unlockAccount("bob");
      expect(await findingsOf(world)).toMatchObject({ exit: 0, steps: before });
    },
  );

  it("is ok when a node is at most a minute ahead", async () => {
    const world = await openWorld({ DEMO: "off" });
    await addAccount(world, "alice");
    world.advance(60_000);
    await setUp(world, world.visitor(), "alice", "correct horse battery");
    world.advance(-90_000);
    expect(await findingsOf(world)).toMatchObject({ exit: 0 });
  });

  it("names twenty accounts, and says when there are more", async () => {
    const world = await openWorld({ DEMO: "off" });
    for (const [n, accountId] of (await addAccountsWithoutPassword(world, 21)).entries()) {
      await world.store.authenticators.add({
        id: `app ${n}`,
        accountId,
        name: "app",
        number: 1,
        sealedSecret: "sealed",
        lastStep: world.now(),
        createdAt: 1,
        lastUsedAt: 1,
        driftSeconds: null,
        label: null,
      });
    }
    const { steps } = await findingsOf(world);
    expect(steps.match(/account-\d+/g)).toHaveLength(20);
    expect(steps).toMatch(/^problem .* 21 authenticators .*, then run this again\.$/);
  });
});
