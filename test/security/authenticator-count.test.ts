/** The number of authenticators: from the first on there is always one, and never more than five. */
import { beforeEach, describe, expect, it } from "vitest";
import { statuses } from "../support/raw-request.js";
import { enrolled, setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld, type World } from "../support/world.js";

const NEW = "/account/authenticators/new";

let world: World;
/** Signed in lately with both factors. */
let owner: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  secret = await setUp(world, owner);
});

const authenticators = async (where = world) => {
  const account = await where.store.accounts.byUsername("test");
  return where.store.authenticators.of(account?.id ?? "");
};
const ids = async (where = world) => (await authenticators(where)).map(({ id }) => id);

/** Begins an authenticator in this browser's session: its secret, as the page shows it. */
async function begin(visitor: Visitor, query = ""): Promise<string> {
  const page = await visitor.get(`${NEW}${query}`);
  return (/<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? "").replaceAll(" ", "");
}

async function add(visitor = owner, where = world): Promise<void> {
  const answer = await visitor.post(NEW, { otp: where.code(await begin(visitor)) });
  if (answer.headers.location !== "/account") throw new Error(`Adding failed with ${answer.status}.`);
}

async function anotherSession(where = world, of = secret): Promise<Visitor> {
  const visitor = where.visitor();
  await signIn(where, visitor, of);
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

describe("the last authenticator", () => {
  it("cannot be removed, though the form is sent without its page", async () => {
    const [only] = await authenticators();
    const answer = await owner.post(`/account/authenticators/${only?.id}/remove`);
    expect(answer.status).toBe(422);
    expect(await authenticators()).toEqual([only]);
    expect((await owner.get("/account")).status).toBe(200);
    expect(await signInWith(world.code(secret))).toBe("/");
  });

  it("remains when two tabs remove one each at the same time", async () => {
    await add();
    const answers = (await ids()).map((id) => owner.post(`/account/authenticators/${id}/remove`));
    expect(statuses(await Promise.all(answers))).toEqual({ 303: 1, 422: 1 });
    expect(await authenticators()).toHaveLength(1);
    expect((await owner.get("/account")).status).toBe(200);
  });

  it("remains when two sessions on two Latchkeys do", async () => {
    const worlds = await openTwoWorlds();
    const [here, there] = worlds;
    const secret = await enrolled(here);
    const first = await anotherSession(here, secret);
    there.wait(MINUTE);
    await add(first, here);
    const visitors = [first, await anotherSession(there, secret)];
    const chosen = await ids(here);
    await Promise.all(
      visitors.map((visitor, n) => visitor.post(`/account/authenticators/${chosen[n]}/remove`)),
    );
    expect(await authenticators(here)).toHaveLength(1);
  });
});

describe("the number of authenticators", () => {
  it("never passes five, though three sessions add one each at the same time", async () => {
    for (let n = 2; n < 5; n++) await add();
    const sessions = [owner, await anotherSession(), await anotherSession()];
    const begun = await Promise.all(sessions.map((visitor) => begin(visitor)));
    await Promise.all(sessions.map((visitor, n) => visitor.post(NEW, { otp: world.code(begun[n] ?? "") })));
    expect(await authenticators()).toHaveLength(5);
    const winners = await Promise.all(sessions.map((visitor) => visitor.get("/account")));
    expect(statuses(winners)).toEqual({ 200: 1, 303: 2 });
    const winner = sessions[winners.findIndex(({ status }) => status === 200)];
    expect((await winner?.get(NEW))?.headers.location).toBe("/account");
  });

  it("never passes five by sending the form of a change as that of one more", async () => {
    for (let n = 2; n <= 5; n++) await add();
    const added = await begin(owner, `?replaces=${(await ids())[0]}`);
    expect(added).not.toBe("");
    expect((await owner.post(NEW, { otp: world.code(added) })).headers.location).toBe("/account");
    for (const replaces of ["", "x", "&replaces=y"]) {
      await owner.post(`${NEW}?replaces=${replaces}`, { otp: world.code(added) });
    }
    expect((await authenticators()).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });
});
