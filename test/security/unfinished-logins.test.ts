/** Unfinished logins: someone who knows the password and stops at the code leaves a trace for the owner, and cannot flush the history. */
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_HISTORY, MAX_UNFINISHED, UNFINISHED_INTERVAL } from "../../src/auth/policy.js";
import { sqlOn } from "../support/other-program.js";
import { setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { HOUR, MINUTE, openWorld, type World } from "../support/world.js";

const TOLD = /data-message="password-known">.*?(once|\d+ times) on (?:a )?new browser/s;

let world: World;
let owner: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld({ TRUST_PROXY: "loopback", DEMO: "on" });
  owner = world.visitor({ "User-Agent": "the owner's" });
  secret = await setUp(world, owner);
});

/** A browser that types the right password and nothing more. */
async function stopsAtTheCode(device = "a stranger's", address = "203.0.113.7"): Promise<Visitor> {
  const visitor = world.visitor({ "User-Agent": device, "X-Forwarded-For": address });
  await visitor.password();
  return visitor;
}

async function lines(): Promise<number> {
  const [{ total = 0 } = {}] = await sqlOn<{ total: number }>(
    world,
    "select cast(count(*) as integer) as total from history where type = 'password-accepted'",
  );
  return total;
}

describe("a right password from a new browser", () => {
  it("is a history line, and is mentioned at the owner's next sign-in alone", async () => {
    await owner.post("/logout");
    await stopsAtTheCode();
    world.advance(MINUTE);
    await signIn(world, owner, secret);
    expect((await owner.get("/")).text).toMatch(TOLD);
    expect(await lines()).toBe(1);
    expect((await owner.get("/account/history")).text).toContain("203.0.113.7");
    await owner.post("/logout");
    world.advance(MINUTE);
    await signIn(world, owner, secret);
    expect((await owner.get("/")).text).not.toMatch(TOLD);
  });

  it("is mentioned on a trusted browser too", async () => {
    await owner.post("/logout");
    await owner.password();
    await owner.code(world.code(secret), { trust_device: "on" });
    world.advance(MINUTE);
    await owner.post("/logout");
    await stopsAtTheCode();
    world.advance(MINUTE);
    expect((await owner.password()).headers.location).toBe("/");
    expect((await owner.get("/")).text).toMatch(TOLD);
  });

  it("is one line an hour for each browser", async () => {
    for (let n = 0; n < 5; n++) await stopsAtTheCode();
    expect(await lines()).toBe(1);
    await stopsAtTheCode("another");
    await stopsAtTheCode("a stranger's", "203.0.113.8");
    expect(await lines()).toBe(3);
    world.advance(UNFINISHED_INTERVAL);
    await stopsAtTheCode();
    expect(await lines()).toBe(4);
  });

  it("is at most twenty lines an hour, whatever browsers are invented", async () => {
    for (let n = 0; n < 2 * MAX_UNFINISHED; n++) await stopsAtTheCode(`made up ${n}`, `203.0.113.${n}`);
    expect(await lines()).toBe(MAX_UNFINISHED);
  });

  it("replaces the oldest line when the history is full", async () => {
    const [{ id: accountId = "" } = {}] = await sqlOn<{ id: string }>(world, "select id from accounts");
    for (let n = 0; n < MAX_HISTORY; n++) {
      await world.store.history.add({
        id: `old ${n}`,
        accountId,
        at: world.now() - 2 * HOUR + n,
        type: "signed-in",
        reason: "password",
        subject: null,
        byKind: null,
        byName: null,
        device: "",
        address: "",
      });
    }
    for (let n = 0; n < 5; n++) await stopsAtTheCode(`made up ${n}`);
    const kept = await world.store.history.of(accountId, 2 * MAX_HISTORY, 0);
    expect(kept).toHaveLength(MAX_HISTORY);
    expect(kept.slice(0, 5).map(({ type }) => type)).toEqual(Array(5).fill("password-accepted"));
  });

  it("leaves no line when its second step is done", async () => {
    const visitor = await stopsAtTheCode();
    expect(await lines()).toBe(1);
    expect((await visitor.code(world.code(secret))).headers.location).toBe("/");
    expect(await lines()).toBe(0);
    expect((await visitor.get("/")).text).not.toMatch(TOLD);
  });

  it("leaves no line when it sets up the first authenticator", async () => {
    const fresh = await openWorld();
    const visitor = fresh.visitor();
    await setUp(fresh, visitor);
    const found = await sqlOn(fresh, "select id from history where type = 'password-accepted'");
    expect(found).toEqual([]);
  });

  it("keeps its line when another login is finished", async () => {
    await stopsAtTheCode("somebody's");
    const visitor = await stopsAtTheCode("the owner's new one");
    await visitor.code(world.code(secret));
    expect(await lines()).toBe(1);
    expect((await visitor.get("/")).text).toMatch(TOLD);
  });
});

describe("a right password from a known browser", () => {
  it("leaves no line and is not mentioned", async () => {
    await owner.post("/logout");
    await owner.password();
    await owner.post("/logout");
    expect(await lines()).toBe(0);
    await signIn(world, owner, secret);
    expect((await owner.get("/")).text).not.toMatch(TOLD);
  });
});

describe("a wrong password", () => {
  it("leaves no such line", async () => {
    await world.visitor().password("test", "wrong");
    expect(await lines()).toBe(0);
  });
});
