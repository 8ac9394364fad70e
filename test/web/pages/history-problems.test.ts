/** The problems in a history: refusals, and right passwords without a second step, in a view of their own. */
import { beforeEach, describe, expect, it } from "vitest";
import { authenticatorIds } from "../../support/account-page.js";
import { addAccount, setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

const PROBLEMS = "/account/history?show=problems";

let world: World;
let alice: { username: string; password: string };
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  alice = await addAccount(world, "alice");
  visitor = world.visitor();
  await setUp(world, visitor, alice.username, alice.password);
});

const sessionOf = async () => {
  const signIn = await world.store.accounts.byUsername("alice");
  return { accountId: signIn?.id ?? "" } as Parameters<World["auth"]["historyOf"]>[0];
};

/** The types of the lines of one page. */
async function typesOn(page = 1, problems = true): Promise<{ types: string[]; more: boolean }> {
  const { lines, more } = await world.auth.historyOf(await sessionOf(), page, { problems });
  return { types: lines.map(({ type }) => type), more };
}

/** A wrong password, a right one without a second step, a wrong code. */
async function trouble(): Promise<void> {
  const stranger = world.visitor();
  await stranger.password("alice", "wrong");
  await stranger.password(alice.username, alice.password);
  await stranger.code("000000");
  world.advance(MINUTE);
}

const rowsOn = async (path: string) => (await visitor.get(path)).text.match(/<th scope="row">/g) ?? [];

describe("the problems of a history", () => {
  it("are its refusals and the passwords without a second step, and nothing else", async () => {
    await trouble();
    const types = ["code-refused", "password-accepted", "password-refused"];
    expect(await typesOn()).toEqual({ types, more: false });
    expect((await typesOn(1, false)).types).toEqual(expect.arrayContaining([...types, "signed-in"]));
    expect(await rowsOn(PROBLEMS)).toHaveLength(3);
    expect(await rowsOn("/account/history")).toHaveLength(7);
  });

  it("are none of another account", async () => {
    const bob = await addAccount(world, "bob");
    await world.visitor().password(bob.username, "wrong");
    expect((await typesOn()).types).toEqual([]);
    expect(await rowsOn(PROBLEMS)).toHaveLength(0);
  });

  it("come fifty a page, whatever stands between them, with links that keep to them", async () => {
    const [id] = await authenticatorIds(visitor);
    for (let n = 0; n < 60; n++) {
      await world.store.history.add({
        ...{ id: `refused ${n}`, accountId: (await sessionOf()).accountId, at: world.now() },
        ...{ type: "code-refused", reason: n % 2 ? "wrong" : "used", subject: null },
        ...{ byKind: null, byName: null, device: "", address: "" },
      });
      if (n % 5 === 0) await visitor.post(`/account/authenticators/${id}/rename`, { name: `phone ${n}` });
      world.advance(1_000);
    }
    expect((await typesOn(1)).types).toHaveLength(50);
    expect((await typesOn(1)).more).toBe(true);
    expect((await typesOn(2)).types).toHaveLength(10);
    expect(await typesOn(3)).toEqual({ types: [], more: false });
    expect((await visitor.get(PROBLEMS)).text).toMatch(/href="\?show=problems&(?:amp;)?page=2"/);
    expect((await visitor.get(`${PROBLEMS}&page=2`)).text).toMatch(/href="\?show=problems&(?:amp;)?page=1"/);
  });

  it.each(["?show=all", "?show=", "?show=problems&show=problems", "?show[]=problems"])(
    "are not shown alone at %s",
    async (query) => {
      expect(await rowsOn(`/account/history${query}`)).toHaveLength(4);
    },
  );
});
