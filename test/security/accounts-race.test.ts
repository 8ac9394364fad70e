/** Two nodes that want the same name, or the same id of the host's, at the same moment: one gets it, the other is refused. */
import { beforeEach, describe, expect, it } from "vitest";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { openTwoWorlds, type World } from "../support/world.js";

let nodes: readonly World[];
beforeEach(async () => {
  nodes = await openTwoWorlds({ DEMO: "off" });
});

const both = () => nodes.map((world) => accountsOf(world));

/** The outcomes of calls that begin together, on one node and the other in turn. */
const outcomes = async (calls: Promise<{ outcome: string }>[]) =>
  (await Promise.all(calls)).map(({ outcome }) => outcome).toSorted();

const once = (outcome: string, calls: number) => [outcome, ...Array(calls - 1).fill("taken")].toSorted();

describe("one name, wanted at the same time", () => {
  it("is created once", async () => {
    const calls = both().flatMap((accounts) =>
      Array.from({ length: 5 }, () => accounts.create({ username: "anna" })),
    );
    expect(await outcomes(calls)).toEqual(once("created", 10));
    expect((await both()[0]?.list())?.accounts).toHaveLength(1);
  });

  it("is created once for one of the host's ids, under different names", async () => {
    const calls = both().flatMap((accounts, node) =>
      Array.from({ length: 5 }, (_, n) => accounts.create({ username: `p${node}${n}`, externalId: "42" })),
    );
    const results = await Promise.all(calls);
    expect(results.filter(({ outcome }) => outcome === "created")).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === "taken")).toEqual(
      Array(9).fill({ outcome: "taken", field: "externalId" }),
    );
  });

  it("goes to one of two accounts that are renamed", async () => {
    for (let round = 0; round < 5; round++) {
      const calls = await Promise.all(
        both().map(async (accounts, n) => {
          const { id } = await created(accounts, { username: `from-${round}-${n}` });
          return () => accounts.update(id, { username: `to-${round}` });
        }),
      );
      expect(await outcomes(calls.map((call) => call()))).toEqual(once("done", 2));
    }
  });

  it("goes to the account that is created, or to the one that is renamed", async () => {
    const [here, there] = both();
    if (!here || !there) throw new Error("There are two nodes.");
    for (let round = 0; round < 5; round++) {
      const { id } = await created(here, { username: `from-${round}` });
      const [renamed, made] = await Promise.all([
        here.update(id, { username: `to-${round}` }),
        there.create({ username: `to-${round}` }),
      ]);
      expect([
        ["done", "taken"],
        ["taken", "created"],
      ]).toContainEqual([renamed.outcome, made.outcome]);
      expect(await here.find({ username: `to-${round}` })).toBeDefined();
    }
  });

  it("is swapped by nobody: two accounts that want each other's name keep their own", async () => {
    const [here, there] = both();
    if (!here || !there) throw new Error("There are two nodes.");
    const anna = await created(here, { username: "anna" });
    const bert = await created(here, { username: "bert" });
    expect(
      await outcomes([
        here.update(anna.id, { username: "bert" }),
        there.update(bert.id, { username: "anna" }),
      ]),
    ).toEqual(["taken", "taken"]);
    expect(await here.find({ username: "anna" })).toEqual(anna);
  });
});

describe("changes of one account at the same time", () => {
  it("are all made, one after the other", async () => {
    const [here, there] = both();
    if (!here || !there) throw new Error("There are two nodes.");
    const { id } = await created(here, { username: "anna" });
    await Promise.all([
      here.update(id, { name: "Anna" }),
      there.update(id, { email: "anna@example.org" }),
      here.update(id, { groups: ["staff"] }),
      there.update(id, { username: "ann" }),
      here.disable(id),
    ]);
    expect(await there.find({ id })).toMatchObject({
      name: "Anna",
      email: "anna@example.org",
      groups: ["staff"],
      username: "ann",
      disabled: true,
    });
  });

  it("end with the account: what comes after its removal is unknown", async () => {
    const [here, there] = both();
    if (!here || !there) throw new Error("There are two nodes.");
    const { id } = await created(here, { username: "anna" });
    const results = await outcomes([
      here.remove(id),
      there.remove(id),
      there.update(id, { name: "Anna" }),
      here.setPassword(id, PASSWORD),
    ]);
    expect(results.filter((outcome) => outcome === "unknown").length).toBeGreaterThanOrEqual(1);
    expect(results).toContain("done");
    expect(await here.find({ id })).toBeUndefined();
  });
});
