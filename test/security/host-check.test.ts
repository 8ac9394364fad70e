/** Guessing through `users.checkPassword`: who is told what, who is delayed, and whose browser has guesses of its own. */
import { describe, expect, it } from "vitest";
import { type HostWorld, openHostWorld, setUpApp, usersOf } from "../support/host-world.js";
import type { Visitor } from "../support/visitor.js";

const TABLE = {
  "anna@example.org": { id: 7, username: "Anna", password: "right" },
  bob: { id: 8, username: "bob", password: "right" },
};

async function knownBrowserOf(world: HostWorld, name: string): Promise<Visitor> {
  const visitor = world.visitor();
  await visitor.password(name, "right");
  await setUpApp(world, visitor);
  await visitor.post("/logout");
  return visitor;
}

const guess = async (visitor: Visitor, name: string, times: number) => {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) statuses.push((await visitor.password(name, `wrong ${n}`)).status);
  return statuses;
};

describe("guesses at a name that only the host knows", () => {
  it("are answered and delayed alike, whether it knows the name or not, and add the same rows", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    await knownBrowserOf(world, "bob");
    const seen: Record<string, unknown[]> = {};
    for (const name of ["bob", "nob"]) {
      const answers = [];
      for (let n = 0; n < 7; n++) answers.push(await world.visitor().password(name, "wrong"));
      seen[name] = answers.map(({ status, text, headers }) => [
        status,
        text.replaceAll(name, "NAME"),
        headers["retry-after"],
        headers["set-cookie"],
      ]);
    }
    expect(seen.nob).toEqual(seen.bob);
    expect(seen.bob?.at(-1)).toMatchObject([429, expect.any(String), expect.any(String), undefined]);
  });

  it("are not evaluated during a delay, also with the right password", async () => {
    const users = usersOf(TABLE);
    const world = await openHostWorld({ users });
    await guess(world.visitor(), "bob", 5);
    const asked = users.asked.length;
    expect((await world.visitor().password("bob", "right")).status).toBe(429);
    expect(users.asked).toHaveLength(asked);
  });

  it("add no account and no row of an account for a name that the host refuses", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    await guess(world.visitor(), "nobody", 3);
    expect(await world.auth.hasAccounts()).toBe(false);
  });
});

describe("a known browser of one of the host's people", () => {
  it("lets its owner in while strangers have the name delayed, by the name that was typed and not by the label", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    const owner = await knownBrowserOf(world, "anna@example.org");
    expect((await guess(world.visitor(), "anna@example.org", 6)).at(-1)).toBe(429);
    expect((await owner.password(" Anna@Example.org", "right")).status).toBe(429 - 28);
    expect((await owner.password("anna@example.org", "right")).status).toBe(303);
  });

  it("has no guesses of its own at anybody else's name", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    const owner = await knownBrowserOf(world, "bob");
    await guess(world.visitor(), "anna@example.org", 5);
    expect((await owner.password("anna@example.org", "right")).status).toBe(429);
    expect((await owner.password("bob", "right")).status).toBe(303);
  });

  it("has five guesses at its owner's name, and is then delayed alone", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    const owner = await knownBrowserOf(world, "bob");
    expect(await guess(owner, "bob", 6)).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await world.visitor().password("bob", "right")).status).toBe(303);
  });

  it("has no guesses at a name that is somebody else's by now, who is told of them", async () => {
    const table: Record<string, (typeof TABLE)["bob"]> = structuredClone(TABLE);
    const world = await openHostWorld({ users: usersOf(table) });
    const former = await knownBrowserOf(world, "bob");
    table.bob = { id: 9, username: "bob", password: "right" };
    await world.visitor().password("bob", "right");
    await guess(world.visitor(), "bob", 5);
    expect((await former.password("bob", "wrong")).status).toBe(429);
    const now = await world.auth.findAccount({ externalId: "9" });
    const refused = world.events.filter(({ type }) => type === "password-refused");
    expect(new Set(refused.map(({ accountId }) => accountId))).toEqual(new Set([now?.id]));
  });

  it("is a stranger again to somebody else whom the host gives the same name", async () => {
    const table: Record<string, (typeof TABLE)["bob"]> = structuredClone(TABLE);
    const world = await openHostWorld({ users: usersOf(table) });
    const owner = await knownBrowserOf(world, "bob");
    table.bob = { id: 9, username: "bob", password: "right" };
    expect((await owner.password("bob", "right")).headers.location).toBe("/login/2fa");
    expect((await owner.get("/login/2fa")).text).toContain('id="key"');
    expect(await world.auth.findAccount({ externalId: "9" })).toMatchObject({ username: "bob" });
  });
});
