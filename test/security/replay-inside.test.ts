/** Replay inside a session: a code that was typed on one form is used on another, later or at the same moment. */
import { beforeEach, describe, expect, it } from "vitest";
import { SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { beginAuthenticator } from "../support/authenticators.js";
import { heldBy } from "../support/cookies.js";
import { ask, form, statuses } from "../support/raw-request.js";
import { pendingVisitors, setUp, signIn } from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld, type World } from "../support/world.js";

let world: World;
let secret: string;
/** Signed in. */
let visitor: Visitor;
/** Behind the password. */
let pending: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  secret = await setUp(world, visitor);
  pending = world.visitor();
  await pending.password();
});

function expectUsed({ status, text }: { status: number; text: string }): void {
  expect([status, reasonOn(text)]).toEqual([401, "used"]);
}

describe("a code that was accepted on one form", () => {
  it("is refused at step-up after sign-in, as all older ones are", async () => {
    const code = world.code(secret, 1);
    expect((await pending.code(code)).status).toBe(303);
    expectUsed(await visitor.confirm("password", code));
    for (const steps of [0, -1]) {
      expect((await pending.confirm("password", world.code(secret, steps))).status).toBe(401);
    }
    world.advance(MINUTE);
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(303);
  });

  it("is refused at sign-in and step-up after step-up", async () => {
    const code = world.code(secret);
    expect((await visitor.confirm("password", code)).status).toBe(303);
    expectUsed(await pending.code(code));
    expectUsed(await visitor.confirm("password", code));
    expect((await pending.code(world.code(secret, -1))).status).toBe(401);
  });

  it("is refused at sign-in and step-up when it added another authenticator", async () => {
    const key = await beginAuthenticator(visitor);
    const code = world.code(key);
    const added = await visitor.post("/account/authenticators/new", { name: "Second", otp: code });
    expect(added.headers.location).toBe("/account");
    const again = world.visitor();
    await again.password();
    expectUsed(await again.code(code));
    expect((await again.code(world.code(key, -1))).status).toBe(401);
    expectUsed(await visitor.confirm("password", code));
    world.advance(30_000);
    expect((await again.code(world.code(key))).status).toBe(303);
  });

  it("leaves the other authenticator's code of the same moment valid", async () => {
    const key = await beginAuthenticator(visitor);
    await visitor.post("/account/authenticators/new", { name: "Second", otp: world.code(key) });
    world.advance(30_000);
    expect((await visitor.confirm("password", world.code(key))).status).toBe(303);
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(303);
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(401);
  });
});

describe("one code on many forms at once", () => {
  /** Sessions and pending logins to send it from, on the Latchkey where each was opened; few hash at once. */
  async function formsOf(worlds: World[], secret: string) {
    const [here = world] = worlds;
    const browsers: { world: World; path: string; visitor: Visitor }[] = [];
    for (const world of worlds) {
      for (let n = 0; n < 4 / worlds.length; n++) {
        const inside = world.visitor();
        await signIn(here, inside, secret);
        for (const other of worlds.slice(1)) other.advance(30_000);
        browsers.push({ world, path: "/confirm", visitor: inside });
      }
      for (const visitor of await pendingVisitors(world, 12 / worlds.length)) {
        browsers.push({ world, path: "/login/2fa", visitor });
      }
    }
    const otp = here.code(secret);
    return browsers.map(({ world, path, visitor }) => () => {
      const sent = form({ password: "password", otp }, { cookie: heldBy(visitor) });
      return ask(world, { path, ...sent });
    });
  }

  it("is accepted on one of them", async () => {
    const answers = await Promise.all((await formsOf([world], secret)).map((send) => send()));
    expect(statuses(answers)[303]).toBe(1);
    expect(Object.keys(statuses(answers)).every((status) => ["303", "401", "429"].includes(status))).toBe(
      true,
    );
    expect(world.events).toContainEqual(expect.objectContaining({ type: "code-refused", reason: "used" }));
  });

  it("is accepted on one of them when two nodes get it", async () => {
    const [here, there] = await openTwoWorlds();
    const secret = await setUp(here, here.visitor());
    there.advance(30_000);
    const answers = await Promise.all((await formsOf([here, there], secret)).map((send) => send()));
    expect(statuses(answers)[303]).toBe(1);
  });

  it("adds one authenticator when it is sent 20 times", async () => {
    const otp = world.code(await beginAuthenticator(visitor));
    const cookie = heldBy(visitor);
    // So many at once: of more, the throttle may refuse some before the first has been looked at.
    const atOnce = SECOND_FACTOR_RULE.free;
    for (let wave = 0; wave < 4; wave++) {
      const sent = Array.from({ length: atOnce }, (_, n) => {
        const fields = form({ name: `Number ${wave}${n}`, otp }, { cookie });
        return ask(world, { path: "/account/authenticators/new", ...fields });
      });
      expect(statuses(await Promise.all(sent))).toEqual({ 303: atOnce });
    }
    const account = (await visitor.get("/account")).text;
    expect(new Set(account.match(/authenticators\/[\w-]+\/remove/g)).size).toBe(2);
    expect(world.events.filter(({ type }) => type === "authenticator-set-up")).toHaveLength(2);
  });
});
