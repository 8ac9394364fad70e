/** Factor change: whoever else is inside must be out, and what was replaced must open nothing. */
import { beforeEach, describe, expect, it } from "vitest";
import { cookieHeldBy } from "../support/cookies.js";
import { statuses } from "../support/raw-request.js";
import { setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const NEW = "/account/authenticators/new";
const BETTER = "a quiet orange harbour";

let world: World;
/** Signed in lately with both factors. */
let owner: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld({ STEP_UP: "1d" });
  owner = world.visitor();
  secret = await setUp(world, owner);
});

const authenticators = async () => {
  const account = await world.store.accounts.byUsername("test");
  return world.store.authenticators.of(account?.id ?? "");
};
const ids = async () => (await authenticators()).map(({ id }) => id);

/** Begins an authenticator in this browser's session: its secret, as the page shows it. */
async function begin(visitor: Visitor, query = ""): Promise<string> {
  const page = await visitor.get(`${NEW}${query}`);
  return (/<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? "").replaceAll(" ", "");
}

async function add(visitor = owner, query = ""): Promise<string> {
  const added = await begin(visitor, query);
  const answer = await visitor.post(`${NEW}${query}`, { otp: world.code(added) });
  if (answer.headers.location !== "/account") throw new Error(`Adding failed with ${answer.status}.`);
  return added;
}

async function anotherSession(): Promise<Visitor> {
  const visitor = world.visitor();
  await signIn(world, visitor, secret);
  expect((await visitor.get("/account")).status).toBe(200);
  return visitor;
}

/** Where a code leads a new browser, or the status that it is refused with. */
async function signInWith(otp: string): Promise<string | number> {
  const visitor = world.visitor();
  await visitor.password();
  const { status, headers } = await visitor.code(otp);
  return headers.location ?? status;
}

describe("after a change", () => {
  it.each<[string, () => PromiseLike<unknown>, string]>([
    ["adding an authenticator", () => add(), "password"],
    ["replacing one", async () => add(owner, `?replaces=${(await ids())[0]}`), "password"],
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
    "everyone else is out at their next request, and this browser stays: %s",
    async (what, change, password) => {
      if (what === "removing one") await add();
      const trusting = world.visitor();
      await trusting.password();
      await trusting.code(world.code(secret), { trust_device: "on" });
      world.wait(30_000);
      await trusting.post("/logout");
      await trusting.password();
      expect((await trusting.get("/account")).status).toBe(200);

      const others = [await anotherSession(), await anotherSession()];
      const enrolling = await begin(others[1] ?? owner);
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

  it("the codes of what was replaced or removed open nothing, at sign-in or at step-up", async () => {
    const second = await add();
    const third = await add(owner, `?replaces=${(await ids())[0]}`);
    world.wait(MINUTE);
    expect(await signInWith(world.code(secret))).toBe(401);
    expect((await owner.confirm("password", world.code(secret))).status).toBe(401);
    const [oldest] = await authenticators();
    expect(oldest?.number).toBe(2);
    await owner.post(`/account/authenticators/${oldest?.id}/remove`);
    expect(await signInWith(world.code(second))).toBe(401);
    expect((await owner.confirm("password", world.code(second))).status).toBe(401);
    expect((await owner.confirm("password", world.code(third))).headers.location).toBe("/account");
  });
});

describe("replacing an authenticator", () => {
  it("leaves the old one as it is until the new one has given a right code; wrong ones change nothing", async () => {
    const query = `?replaces=${(await ids())[0]}`;
    const before = await authenticators();
    const added = await begin(owner, query);
    for (const otp of ["000000", "12345", world.code(added, 5)]) {
      expect((await owner.post(`${NEW}${query}`, { otp })).status).toBe(401);
    }
    expect(await authenticators()).toEqual(before);
    expect(await signInWith(world.code(secret))).toBe("/");
    world.wait(30_000);
    // A code of the old one confirms nothing, and is used up by that.
    expect((await owner.post(`${NEW}${query}`, { otp: world.code(secret) })).status).toBe(401);
    expect(await signInWith(world.code(secret))).toBe(401);
    world.wait(30_000);
    expect(await signInWith(world.code(secret))).toBe("/");
    expect((await owner.post(`${NEW}${query}`, { otp: world.code(added) })).status).toBe(303);
    expect(await authenticators()).toEqual([expect.objectContaining({ number: 2 })]);
  });

  it("replaces one, though the form is sent ten times at once", async () => {
    await add();
    const query = `?replaces=${(await ids())[0]}`;
    const otp = world.code(await begin(owner, query));
    await Promise.all(Array.from({ length: 10 }, () => owner.post(`${NEW}${query}`, { otp })));
    expect((await authenticators()).map(({ number }) => number)).toEqual([2, 3]);
  });
});

describe("the code that confirmed an authenticator", () => {
  it("is spent: it neither signs in nor steps up", async () => {
    const added = await begin(owner);
    const otp = world.code(added, 1);
    expect((await owner.post(NEW, { otp })).status).toBe(303);
    for (const steps of [1, 0]) {
      expect(await signInWith(world.code(added, steps))).toBe(401);
      expect((await owner.confirm("password", world.code(added, steps))).text).toContain(
        "has been used already",
      );
    }
    world.wait(MINUTE);
    expect(await signInWith(world.code(added))).toBe("/");
  });
});

it("of two sessions that change the password at the same time one wins, and the other is out", async () => {
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

it("of two tabs that change the password at the same time one wins, and the other is told so", async () => {
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
