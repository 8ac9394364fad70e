/** After a reset of the second factor neither a leaked password nor the link alone sets anything up, and guesses are counted. */
import { beforeEach, describe, expect, it } from "vitest";
import { PASSWORD_RULE } from "../../src/auth/policy.js";
import { newLink, OPEN, stateOf, use } from "../support/links.js";
import { isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { reasonOn } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
let link: string;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  await newOwner(world);
  link = await newLink(world, "alice", "resetSecondFactor");
});

describe("a leaked password after a reset", () => {
  it("sets nothing up, however often it is first", async () => {
    for (let n = 0; n < 5; n++) {
      const thief = await pending(world);
      expect(reasonOn((await thief.get("/login/2fa")).text)).toBe("link-needed");
      expect((await thief.code("123456")).headers.location).toBe("/login/2fa");
      expect(await isSignedIn(thief)).toBe(false);
    }
    const owner = await world.store.accounts.byUsername("alice");
    expect(owner).toMatchObject({ secondFactorSince: null, needsLink: true });
    expect(await world.store.enrolments.live(owner?.id ?? "", world.now(), 0)).toEqual([]);
  });

  it("does not profit from the owner's use of the link: a login that waited for it has ended", async () => {
    const thief = await pending(world);
    await use(world.visitor(), link, { password: PASSWORD });
    const answer = await thief.get("/login/2fa");
    expect(answer.headers.location).toMatch(/^\/login/);
    expect(answer.text).not.toContain('id="key"');
  });

  it("counts no code as an attempt", async () => {
    const thief = await pending(world);
    for (let n = 0; n < 20; n++) await thief.code("123456");
    const owner = world.visitor();
    await use(owner, link, { password: PASSWORD });
    expect((await owner.code(world.code(await owner.secret()))).status).toBe(303);
  });
});

describe("guesses at the password by the link of a reset", () => {
  it("are delayed like those at sign-in, and in the same pool", async () => {
    for (let n = 0; n < PASSWORD_RULE.free; n++)
      expect((await world.visitor().post(link, { password: `wrong ${n}` })).status).toBe(401);
    const answer = await world.visitor().post(link, { password: PASSWORD });
    expect({ status: answer.status, reason: reasonOn(answer.text) }).toEqual({
      status: 429,
      reason: "delayed",
    });
    expect(answer.headers["retry-after"]).toBe("60");
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(429);
    world.advance(60_000);
    expect(await stateOf(world, link)).toEqual(OPEN);
    await use(world.visitor(), link, { password: PASSWORD });
  });

  it("are answered alike, right or wrong, during a delay", async () => {
    for (let n = 0; n < PASSWORD_RULE.free; n++) await world.visitor().password("alice", "wrong");
    const [right, wrong] = await Promise.all(
      [PASSWORD, "wrong again"].map((password) => world.visitor().post(link, { password })),
    );
    expect(right?.status).toBe(429);
    expect(right?.text).toBe(wrong?.text);
  });

  it("stand in the owner's history", async () => {
    await world.visitor().post(link, { password: "wrong" });
    const owner = await world.store.accounts.byUsername("alice");
    const [line] = await world.store.history.of(owner?.id ?? "", 1, 0);
    expect(line).toMatchObject({ type: "password-refused", address: "127.0.0.1" });
  });
});

describe("two resets", () => {
  it("leave one link, and --without-link lifts the need", async () => {
    await newLink(world, "alice", "resetSecondFactor");
    expect((await world.visitor().post(link, { password: PASSWORD })).status).toBe(410);
    await world.auth.resetSecondFactor("alice", { withoutLink: true });
    const visitor = await pending(world);
    await visitor.code(world.code(await visitor.secret()));
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it("need a link again after a password that the operator has set", async () => {
    await world.auth.setPassword("alice", "violet otter seven");
    const visitor = await pending(world, "alice", "violet otter seven");
    expect(reasonOn((await visitor.get("/login/2fa")).text)).toBe("link-needed");
  });
});
