/** Replay inside a session: a code seen at one door is used at another, later or at the same moment. */
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { ask, form, statuses } from "../support/raw-request.js";
import { pendingVisitors, setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld, type World } from "../support/world.js";

const USED = "That code has been used already";

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

/** The secret of another authenticator, being set up in a session. */
async function another(visitor: Visitor): Promise<string> {
  const page = await visitor.get("/account/authenticators/new");
  return /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
}

describe("a code that was accepted at one door is refused at the other", () => {
  it("at sign-in, then at step-up, and all older ones too", async () => {
    const code = world.code(secret, 1);
    expect((await pending.code(code)).status).toBe(303);
    expect((await visitor.confirm("password", code)).text).toContain(USED);
    for (const steps of [0, -1]) {
      expect((await pending.confirm("password", world.code(secret, steps))).status).toBe(401);
    }
    world.wait(MINUTE);
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(303);
  });

  it("at step-up, then at sign-in or at step-up again", async () => {
    const code = world.code(secret);
    expect((await visitor.confirm("password", code)).status).toBe(303);
    expect((await pending.code(code)).text).toContain(USED);
    expect((await visitor.confirm("password", code)).text).toContain(USED);
    expect((await pending.code(world.code(secret, -1))).status).toBe(401);
  });

  it("at the set-up of another authenticator, then at sign-in and step-up", async () => {
    const key = await another(visitor);
    const code = world.code(key);
    const added = await visitor.post("/account/authenticators/new", { name: "Second", otp: code });
    expect(added.headers.location).toBe("/account");
    const again = world.visitor();
    await again.password();
    expect((await again.code(code)).text).toContain(USED);
    expect((await again.code(world.code(key, -1))).status).toBe(401);
    expect((await visitor.confirm("password", code)).text).toContain(USED);
    world.wait(30_000);
    expect((await again.code(world.code(key))).status).toBe(303);
  });

  it("while the code of the other authenticator at the same moment is good", async () => {
    const key = await another(visitor);
    await visitor.post("/account/authenticators/new", { name: "Second", otp: world.code(key) });
    world.wait(30_000);
    expect((await visitor.confirm("password", world.code(key))).status).toBe(303);
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(303);
    expect((await visitor.confirm("password", world.code(secret))).status).toBe(401);
  });
});

describe("one code at many doors at once", () => {
  /** Sessions and pending logins to send it from, on the Latchkey where each was opened; few hash at once. */
  async function doors(worlds: World[], secret: string) {
    const [here = world] = worlds;
    const browsers: { world: World; path: string; visitor: Visitor }[] = [];
    for (const world of worlds) {
      for (let n = 0; n < 4 / worlds.length; n++) {
        const inside = world.visitor();
        await signIn(here, inside, secret);
        for (const other of worlds.slice(1)) other.wait(30_000);
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

  it("opens one of them", async () => {
    const answers = await Promise.all((await doors([world], secret)).map((knock) => knock()));
    expect(statuses(answers)[303]).toBe(1);
    expect(Object.keys(statuses(answers)).every((status) => ["303", "401", "429"].includes(status))).toBe(
      true,
    );
    expect(world.events).toContainEqual(expect.objectContaining({ type: "code-refused", reason: "used" }));
  });

  it("opens one of them over two Latchkeys on one database", async () => {
    const [here, there] = await openTwoWorlds();
    const secret = await setUp(here, here.visitor());
    there.wait(30_000);
    const answers = await Promise.all((await doors([here, there], secret)).map((knock) => knock()));
    expect(statuses(answers)[303]).toBe(1);
  });

  it("sets another authenticator up once, though it is sent 20 times", async () => {
    const otp = world.code(await another(visitor));
    const cookie = heldBy(visitor);
    // Five at once: of more, the throttle may refuse some before the first has been looked at.
    for (let wave = 0; wave < 4; wave++) {
      const sent = Array.from({ length: 5 }, (_, n) => {
        const fields = form({ name: `Number ${wave}${n}`, otp }, { cookie });
        return ask(world, { path: "/account/authenticators/new", ...fields });
      });
      expect(statuses(await Promise.all(sent))).toEqual({ 303: 5 });
    }
    const account = (await visitor.get("/account")).text;
    expect(new Set(account.match(/authenticators\/[\w-]+\/remove/g)).size).toBe(2);
    expect(world.events.filter(({ type }) => type === "authenticator-set-up")).toHaveLength(2);
  });
});
