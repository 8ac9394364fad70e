/** Races of a host's people: two first sign-ins at once, names that change hands, on two nodes. */
import { describe, expect, it } from "vitest";
import { openTwoHostWorlds } from "../support/host-world.js";
import { range } from "../support/range.js";

describe("two first sign-ins of one person at once", () => {
  it("make one account", async () => {
    const worlds = await openTwoHostWorlds();
    const answers = await Promise.all(
      range(0, 11).map((n) => worlds[n % 2 === 0 ? 0 : 1].visitor().get("/host-login")),
    );
    expect(answers.map(({ status }) => status)).toEqual(range(0, 11).map(() => 303));
    const { accounts } = await worlds[0].auth.pageOfAccounts();
    expect(accounts.map(({ externalId, username }) => [externalId, username])).toEqual([["7", "Anna Å."]]);
    const added = worlds.flatMap(({ events }) => events).filter(({ type }) => type === "account-added");
    expect(added).toHaveLength(1);
  });
});

describe("two people who swap their names at once", () => {
  it("both sign in, and each is called something that is theirs alone", async () => {
    const [one, two] = await openTwoHostWorlds();
    one.said.user = { id: "a", username: "Ada" };
    two.said.user = { id: "b", username: "Ben" };
    await one.visitor().get("/host-login");
    await two.visitor().get("/host-login");
    one.said.user = { id: "a", username: "Ben" };
    two.said.user = { id: "b", username: "Ada" };
    const answers = await Promise.all([one, two].map((world) => world.visitor().get("/host-login")));
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    for (const world of [one, two]) expect((await world.visitor().get("/host-login")).status).toBe(303);
    expect(await one.auth.findAccount({ externalId: "a" })).toMatchObject({ username: "Ben" });
    expect(await one.auth.findAccount({ externalId: "b" })).toMatchObject({ username: "Ada" });
  });

  it("never wait for each other for ever, however many claim one name", async () => {
    const [one, two] = await openTwoHostWorlds();
    const statuses: number[] = [];
    for (let round = 0; round < 3; round++) {
      one.said.user = { id: `one-${round}`, username: "Same" };
      two.said.user = { id: `two-${round}`, username: "Same" };
      const answers = await Promise.all([one, two].map((world) => world.visitor().get("/host-login")));
      statuses.push(...answers.map(({ status }) => status));
    }
    expect(new Set(statuses)).toEqual(new Set([303]));
    const { accounts } = await one.auth.pageOfAccounts();
    expect(accounts).toHaveLength(6);
    expect(accounts.filter(({ username }) => username === "Same")).toHaveLength(1);
    for (const { id, username } of accounts) expect(["Same", id]).toContain(username);
  });
});
