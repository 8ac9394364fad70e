/**
 * `startSecondFactor` under attack. Anyone who reaches it with an id of their choice gets as far as that person's second step, and no
 * further: the app must call it only once it has proved who is there.
 */
import { describe, expect, it } from "vitest";
import { ANNA, BOB, openHostWorld, setUpApp } from "../support/host-world.js";
import { messagesOn } from "../support/visitor.js";

const cookieOf = (visitor: {
  agent: { jar: { getCookie(name: string, at: never): { value: string } | undefined } };
}) =>
  visitor.agent.jar.getCookie("latchkey", {
    domain: "127.0.0.1",
    path: "/",
    secure: false,
    script: false,
  } as never)?.value;

describe("an open route that calls startSecondFactor with an id of the visitor's choice", () => {
  it("opens no page, API or proxy of the person without their second factor, and they are told", async () => {
    const world = await openHostWorld();
    const owner = world.visitor();
    await owner.get("/host-login");
    const secret = await setUpApp(world, owner);
    const attacker = world.visitor({ "User-Agent": "attacker" });
    await attacker.get("/host-login");
    for (const page of ["/account", "/account/history", "/account/recovery-codes", "/confirm"]) {
      expect((await attacker.get(page)).headers.location).toBe("/login/2fa");
    }
    expect((await attacker.get("/auth/verify")).status).toBe(401);
    expect((await attacker.get("/login/2fa")).text).not.toContain(secret);
    await owner.get("/host-login");
    await owner.code(world.code(secret));
    expect(messagesOn((await owner.get("/account")).text)).toContain("site-sign-in-known");
  });

  it("keeps guesses at codes throttled as ever, and pending logins capped", async () => {
    const world = await openHostWorld();
    const owner = world.visitor();
    await owner.get("/host-login");
    const secret = await setUpApp(world, owner);
    const wrong = ["000000", "111111", "222222", "333333", "444444", "555555"].filter(
      (code) => ![-1, 0, 1].some((step) => world.code(secret, step) === code),
    );
    const statuses: number[] = [];
    for (let n = 0; n < 25; n++) {
      const attacker = world.visitor();
      await attacker.get("/host-login");
      statuses.push((await attacker.code(wrong[n % wrong.length] ?? "")).status);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.at(-1)).toBe(429);
    expect((await owner.get("/account")).status).toBe(200);
    await owner.get("/host-login");
    expect((await owner.code(world.code(secret))).status).toBe(303);
  });
});

describe("session fixation by startSecondFactor", () => {
  it("gives each sign-in an id of its own, and revokes what the browser brought", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    const ids = new Set<string | undefined>();
    await visitor.get("/host-login");
    ids.add(cookieOf(visitor));
    const planted = cookieOf(visitor);
    await visitor.get("/host-login");
    ids.add(cookieOf(visitor));
    const secret = await setUpApp(world, visitor);
    ids.add(cookieOf(visitor));
    const before = cookieOf(visitor);
    await visitor.get("/host-login");
    ids.add(cookieOf(visitor));
    expect(ids.size).toBe(4);
    for (const old of [planted, before]) {
      const thief = world.visitor({ Cookie: `latchkey=${old}` });
      expect((await thief.get("/login/2fa")).headers.location).toMatch(/^\/login\?/);
      expect((await thief.get("/account")).headers.location).toMatch(/^\/login\?/);
    }
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });

  it("mixes no two people up who use one browser, one after the other", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    const secretOfAnna = await setUpApp(world, visitor);
    await visitor.get("/host-login?next=/anna");
    world.said.user = BOB;
    await visitor.get("/host-login?next=/bob");
    await visitor.get("/login/2fa");
    expect((await visitor.code(world.code(secretOfAnna))).status).toBe(401);
    const secretOfBob = await setUpApp(world, visitor);
    expect((await visitor.get("/account")).text).toContain("bob");
    world.said.user = ANNA;
    await visitor.get("/host-login?next=/anna");
    expect((await visitor.code(world.code(secretOfBob))).status).toBe(401);
    expect((await visitor.code(world.code(secretOfAnna))).headers.location).toBe("/anna");
    expect((await visitor.get("/account")).text).toContain("Anna Å.");
  });
});

describe("a host's person", () => {
  it("comes to an account by the id alone, never by a name", async () => {
    const world = await openHostWorld();
    const anna = world.visitor();
    await anna.get("/host-login");
    await setUpApp(world, anna);
    world.said.user = { id: "attacker", username: ANNA.username };
    const attacker = world.visitor();
    await attacker.get("/host-login");
    await setUpApp(world, attacker);
    const mine = await world.auth.findAccount({ externalId: "attacker" });
    const hers = await world.auth.findAccount({ externalId: "7" });
    expect(mine?.id).not.toBe(hers?.id);
    expect([mine?.username, hers?.username]).toEqual([ANNA.username, hers?.id]);
    world.said.user = ANNA;
    await anna.get("/host-login");
    expect(await world.auth.findAccount({ externalId: "7" })).toMatchObject({ username: ANNA.username });
  });

  it.each(["7", "07", "7 ", "７"])(
    "with the id %j is not the one with the number 7, unless it is the same text",
    async (id) => {
      const world = await openHostWorld();
      await world.visitor().get("/host-login");
      world.said.user = { id, username: "other" };
      await world.visitor().get("/host-login");
      const { accounts } = await world.auth.pageOfAccounts();
      expect(accounts).toHaveLength(id === "7" ? 1 : 2);
    },
  );

  it("cannot take another account's id for a name", async () => {
    const world = await openHostWorld();
    await world.visitor().get("/host-login");
    const hers = await world.auth.findAccount({ externalId: "7" });
    world.said.user = { id: "attacker", username: hers?.id ?? "" };
    expect((await world.visitor().get("/host-login")).status).toBe(303);
    const mine = await world.auth.findAccount({ externalId: "attacker" });
    expect(mine?.username).toBe(mine?.id);
    world.said.user = { id: "another", username: ANNA.username };
    expect((await world.visitor().get("/host-login")).status).toBe(303);
    expect((await world.auth.findAccount({ externalId: "7" }))?.username).toBe(hers?.id);
  });

  it("opens no account of Latchkey's own, the demo account included, by name or in another case", async () => {
    const world = await openHostWorld({ env: { DEMO: "on" } });
    await world.auth.createAccount({ username: "carl", password: "correct horse battery" });
    for (const username of ["test", "carl"]) {
      world.said.user = { id: username, username };
      expect((await world.visitor().get("/host-login")).status).toBe(403);
    }
    world.said.user = { id: "Carl", username: "Carl" };
    expect((await world.visitor().get("/host-login")).status).toBe(303);
    const found = await world.auth.findAccount({ externalId: "Carl" });
    expect(found).toMatchObject({ username: "Carl", hasPassword: false });
  });
});
