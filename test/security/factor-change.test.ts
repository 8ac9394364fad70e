/** Factor change: everyone else is signed out, and what was replaced opens nothing. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  addAuthenticator,
  authenticatorsOf,
  beginAuthenticator,
  NEW_AUTHENTICATOR as NEW,
} from "../support/authenticators.js";
import { cookieHeldBy } from "../support/cookies.js";
import { signInWith } from "../support/new-login.js";
import { statuses } from "../support/raw-request.js";
import { setUp, signIn } from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const BETTER = "a quiet orange harbour";

let world: World;
/** A session with a recent step-up. */
let owner: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld({ STEP_UP: "1d" });
  owner = world.visitor();
  secret = await setUp(world, owner);
});

const authenticators = () => authenticatorsOf(world);
const ids = async () => (await authenticators()).map(({ id }) => id);
const add = (query = "") => addAuthenticator(world, owner, query);

async function anotherSession(): Promise<Visitor> {
  const visitor = world.visitor();
  await signIn(world, visitor, secret);
  expect((await visitor.get("/account")).status).toBe(200);
  return visitor;
}

describe("a change of password or second factor", () => {
  it.each<[string, () => PromiseLike<unknown>, string]>([
    ["adding an authenticator", () => add(), "password"],
    ["replacing one", async () => add(`?replaces=${(await ids())[0]}`), "password"],
    [
      "removing one",
      async () => owner.post(`/account/authenticators/${(await ids())[1]}/remove`),
      "password",
    ],
    [
      "changing the password",
      () => owner.post("/account/password", { current_password: "password", new_password: BETTER }),
      BETTER,
    ],
  ])(
    "signs everyone else out at their next request, and keeps this browser: %s",
    async (what, change, password) => {
      if (what === "removing one") await add();
      const trusting = world.visitor();
      await trusting.password();
      await trusting.code(world.code(secret), { trust_device: "on" });
      world.advance(30_000);
      await trusting.post("/logout");
      await trusting.password();
      expect((await trusting.get("/account")).status).toBe(200);

      const others = [await anotherSession(), await anotherSession()];
      const enrolling = await beginAuthenticator(others[1] ?? owner);
      const pending = world.visitor();
      await pending.password();
      await change();

      const [first, second] = others;
      expect((await first?.get("/account"))?.headers.location).toMatch(/^\/login\?notice=sign-in/);
      const late = await second?.post(NEW, { otp: world.code(enrolling) });
      expect(late?.headers.location).toBe("/login?notice=signed-out-here");
      for (const otp of [world.code(secret), world.code(secret, 1)]) {
        expect((await pending.code(otp)).headers.location).toMatch(/^\/login\?notice=/);
      }
      expect((await trusting.get("/account")).status).toBe(303);
      expect((await trusting.password("test", password)).headers.location).toBe("/login/2fa");
      expect(cookieHeldBy(trusting, "latchkey_trusted")).not.toBe("");
      expect((await owner.get("/account")).status).toBe(200);
    },
  );

  it("makes codes of a replaced or removed authenticator worthless, at sign-in and at step-up", async () => {
    const second = await add();
    const third = await add(`?replaces=${(await ids())[0]}`);
    world.advance(MINUTE);
    expect(await signInWith(world, world.code(secret))).toBe(401);
    expect((await owner.confirm("password", world.code(secret))).status).toBe(401);
    const [oldest] = await authenticators();
    expect(oldest?.number).toBe(2);
    await owner.post(`/account/authenticators/${oldest?.id}/remove`);
    expect(await signInWith(world, world.code(second))).toBe(401);
    expect((await owner.confirm("password", world.code(second))).status).toBe(401);
    expect((await owner.confirm("password", world.code(third))).headers.location).toBe("/account");
  });
});

describe("replacing an authenticator", () => {
  it("keeps the old one until the new one has given a right code", async () => {
    const query = `?replaces=${(await ids())[0]}`;
    const before = await authenticators();
    const added = await beginAuthenticator(owner, query);
    for (const otp of ["000000", "12345", world.code(added, 5)]) {
      expect((await owner.post(`${NEW}${query}`, { otp })).status).toBe(401);
    }
    expect(await authenticators()).toEqual(before);
    expect(await signInWith(world, world.code(secret))).toBe("/");
    world.advance(30_000);
    // A code of the old one confirms nothing, and is spent by the attempt.
    expect((await owner.post(`${NEW}${query}`, { otp: world.code(secret) })).status).toBe(401);
    expect(await signInWith(world, world.code(secret))).toBe(401);
    world.advance(30_000);
    expect(await signInWith(world, world.code(secret))).toBe("/");
    expect((await owner.post(`${NEW}${query}`, { otp: world.code(added) })).status).toBe(303);
    expect(await authenticators()).toEqual([expect.objectContaining({ number: 2 })]);
  });

  it("replaces one when the form is sent ten times at once", async () => {
    await add();
    const query = `?replaces=${(await ids())[0]}`;
    const otp = world.code(await beginAuthenticator(owner, query));
    await Promise.all(Array.from({ length: 10 }, () => owner.post(`${NEW}${query}`, { otp })));
    expect((await authenticators()).map(({ number }) => number)).toEqual([2, 3]);
  });
});

describe("the code that confirmed an authenticator", () => {
  it("is spent: it neither signs in nor steps up", async () => {
    const added = await beginAuthenticator(owner);
    const otp = world.code(added, 1);
    expect((await owner.post(NEW, { otp })).status).toBe(303);
    for (const steps of [1, 0]) {
      expect(await signInWith(world, world.code(added, steps))).toBe(401);
      expect(reasonOn((await owner.confirm("password", world.code(added, steps))).text)).toBe("used");
    }
    world.advance(MINUTE);
    expect(await signInWith(world, world.code(added))).toBe("/");
  });
});

describe("two password changes at the same time", () => {
  it("let one session win, and sign the other out", async () => {
    const sessions = [owner, await anotherSession()];
    const wanted = [BETTER, "another orange harbour"];
    const answers = await Promise.all(
      sessions.map((visitor, n) =>
        visitor.post("/account/password", { current_password: "password", new_password: wanted[n] ?? "" }),
      ),
    );
    const inside = await Promise.all(sessions.map((visitor) => visitor.get("/account")));
    expect(statuses(inside)).toEqual({ 200: 1, 303: 1 });
    const winner = inside.findIndex(({ status }) => status === 200);
    expect(answers[winner]?.headers.location).toBe("/account");
    expect(answers[1 - winner]?.headers.location).not.toBe("/account");
    const verdicts = await Promise.all(wanted.map((password) => world.visitor().password("test", password)));
    expect(verdicts.map(({ status }) => status)).toEqual(winner === 0 ? [303, 401] : [401, 303]);
  });

  it("let one tab win, and tell the other", async () => {
    const wanted = [BETTER, "another orange harbour"];
    const answers = await Promise.all(
      wanted.map((new_password) =>
        owner.post("/account/password", { current_password: "password", new_password }),
      ),
    );
    expect(statuses(answers)).toEqual({ 303: 2 });
    const verdicts = await Promise.all(wanted.map((password) => world.visitor().password("test", password)));
    expect(statuses(verdicts)).toEqual({ 303: 1, 401: 1 });
    expect(world.events.filter(({ type }) => type === "password-changed")).toHaveLength(1);
    expect((await owner.get("/account")).text).toMatch(/changed meanwhile, and not by this form/);
  });
});
