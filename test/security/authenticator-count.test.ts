/** The number of authenticators: once there is one there is always one, and never more than five. */
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_AUTHENTICATORS } from "../../src/auth/policy.js";
import {
  addAuthenticator,
  authenticatorsOf,
  beginAuthenticator,
  NEW_AUTHENTICATOR as NEW,
} from "../support/authenticators.js";
import { signInWith } from "../support/new-login.js";
import { statuses } from "../support/raw-request.js";
import { enrolled, setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld, type World } from "../support/world.js";

let world: World;
/** A session with a recent step-up. */
let owner: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  secret = await setUp(world, owner);
});

const authenticators = () => authenticatorsOf(world);
const ids = async (where = world) => (await authenticatorsOf(where)).map(({ id }) => id);

async function anotherSession(where = world, of = secret): Promise<Visitor> {
  const visitor = where.visitor();
  await signIn(where, visitor, of);
  expect((await visitor.get("/account")).status).toBe(200);
  return visitor;
}

describe("the last authenticator", () => {
  it("stays when its removal form is sent without its page", async () => {
    const [only] = await authenticators();
    const answer = await owner.post(`/account/authenticators/${only?.id}/remove`);
    expect(answer.status).toBe(422);
    expect(await authenticators()).toEqual([only]);
    expect((await owner.get("/account")).status).toBe(200);
    expect(await signInWith(world, world.code(secret))).toBe("/");
  });

  it("stays when two tabs remove one authenticator each at once", async () => {
    await addAuthenticator(world, owner);
    const answers = (await ids()).map((id) => owner.post(`/account/authenticators/${id}/remove`));
    expect(statuses(await Promise.all(answers))).toEqual({ 303: 1, 422: 1 });
    expect(await authenticators()).toHaveLength(1);
    expect((await owner.get("/account")).status).toBe(200);
  });

  it("stays when sessions on two nodes remove one authenticator each at once", async () => {
    const worlds = await openTwoWorlds();
    const [here, there] = worlds;
    const secret = await enrolled(here);
    const first = await anotherSession(here, secret);
    there.advance(MINUTE);
    await addAuthenticator(here, first);
    const visitors = [first, await anotherSession(there, secret)];
    const chosen = await ids(here);
    await Promise.all(
      visitors.map((visitor, n) => visitor.post(`/account/authenticators/${chosen[n]}/remove`)),
    );
    expect(await authenticatorsOf(here)).toHaveLength(1);
  });
});

describe("the number of authenticators", () => {
  it("stays at five when three sessions add one each at once", async () => {
    for (let n = 2; n < MAX_AUTHENTICATORS; n++) await addAuthenticator(world, owner);
    const sessions = [owner, await anotherSession(), await anotherSession()];
    const begun = await Promise.all(sessions.map((visitor) => beginAuthenticator(visitor)));
    await Promise.all(sessions.map((visitor, n) => visitor.post(NEW, { otp: world.code(begun[n] ?? "") })));
    expect(await authenticators()).toHaveLength(5);
    const winners = await Promise.all(sessions.map((visitor) => visitor.get("/account")));
    expect(statuses(winners)).toEqual({ 200: 1, 303: 2 });
    const winner = sessions[winners.findIndex(({ status }) => status === 200)];
    expect((await winner?.get(NEW))?.headers.location).toBe("/account");
  });

  it("stays at five when the form of a replacement is sent as that of an addition", async () => {
    for (let n = 2; n <= MAX_AUTHENTICATORS; n++) await addAuthenticator(world, owner);
    const added = await beginAuthenticator(owner, `?replaces=${(await ids())[0]}`);
    expect(added).not.toBe("");
    expect((await owner.post(NEW, { otp: world.code(added) })).headers.location).toBe("/account");
    for (const replaces of ["", "x", "&replaces=y"]) {
      await owner.post(`${NEW}?replaces=${replaces}`, { otp: world.code(added) });
    }
    expect((await authenticators()).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });
});
