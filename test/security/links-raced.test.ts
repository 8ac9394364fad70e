/** One-time links at the same moment: one use wins, at one node or two, and no change of the account leaves half a state. */
import { beforeEach, describe, expect, it } from "vitest";
import { CHOSEN, ENDED, invited, newLink, stateOf, USED } from "../support/links.js";
import { idOf } from "../support/operator.js";
import { newOwner, PASSWORD } from "../support/owner.js";
import { form, ask as send } from "../support/raw-request.js";
import { startTwoNodes } from "../support/two-nodes.js";
import { openTwoWorlds, type World } from "../support/world.js";

const OTHER = "violet otter seven";

/** The statuses of the same form, sent twenty times at once to two nodes. */
async function sendToBoth(
  nodes: readonly { port: number }[],
  path: string,
  fields: Record<string, string>,
): Promise<number[]> {
  const answers = Array.from({ length: 20 }, (_, n) =>
    send({ port: nodes[n % 2]?.port ?? 0 }, { path, ...form(fields) }),
  );
  return (await Promise.all(answers)).map(({ status }) => status).sort();
}

/** One use, and a 410, a 429 or a 503 for everyone else. */
function expectOneUse(statuses: number[]): void {
  expect(statuses.filter((status) => status === 303)).toHaveLength(1);
  for (const status of statuses) expect([303, 410, 429, 503]).toContain(status);
}

describe("the same link at two processes", () => {
  it("is used once", async () => {
    const { operator, nodes, newcomer } = await startTwoNodes().then((two) => ({
      operator: two.operator,
      nodes: two.nodes,
      newcomer: () => two.newcomer(),
    }));
    operator.advance(Date.now() - operator.now());
    for (let n = 0; n < 3; n++) {
      const { username } = await newcomer();
      const path = await newLink(operator, username, "passwordLink");
      expectOneUse(await sendToBoth(nodes, path, { new_password: CHOSEN }));
    }
  });
});

describe("a link at two nodes", () => {
  let worlds: [World, World];
  let world: World;
  beforeEach(async () => {
    worlds = await openTwoWorlds({ DEMO: "off" });
    [world] = worlds;
  });

  it("is used once when it is an invitation", async () => {
    const path = await invited(world);
    expectOneUse(await sendToBoth(worlds, path, { new_password: CHOSEN }));
    const types = (await world.store.history.of(await idOf(world, "anna"), 20, 0)).map(({ type }) => type);
    expect(types).toEqual(["password-changed", "link-used", "link-made"]);
  });

  it("is used once when it is for a reset", async () => {
    const { id } = await newOwner(world);
    const path = await newLink(world, "alice", "resetSecondFactor");
    expectOneUse(await sendToBoth(worlds, path, { password: PASSWORD }));
    const used = (await world.store.history.of(id, 50, 0)).filter(({ type }) => type === "link-used");
    expect(used).toHaveLength(1);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ["the operator disables the account", (id) => worlds[1].auth.disableAccount(id)],
    ["the operator sets a password", (id) => worlds[1].auth.setPassword(id, OTHER)],
    ["a newer link is made", (id) => worlds[1].auth.passwordLink(id)],
    ["the operator resets the second factor", (id) => worlds[1].auth.resetSecondFactor(id)],
    ["the operator removes the account", (id) => worlds[1].auth.removeAccount(id)],
  ])("is either used or ended, never half, while %s", async (_what, change) => {
    for (let round = 0; round < 5; round++) {
      const name = `anna-${round}`;
      const path = await invited(world, name);
      const id = await idOf(world, name);
      const [used] = await Promise.all([world.visitor().post(path, { new_password: CHOSEN }), change(id)]);
      expect([303, 404, 410]).toContain(used.status);
      const account = await world.store.accounts.byId(id);
      if (!account) continue;
      const lines = (await world.store.history.of(id, 20, 0)).map(({ type }) => type);
      expect(lines.includes("link-used")).toBe(used.status === 303);
      expect([USED, ENDED]).toContainEqual(await stateOf(world, path));
      if (used.status === 410) expect(await stateOf(world, path)).toEqual(ENDED);
      // A closed account keeps no pending login, whichever came first.
      if (account.disabledAt !== null)
        expect(await world.visitor().password(name, CHOSEN)).toMatchObject({ status: 401 });
    }
  });
});
