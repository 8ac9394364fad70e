/** Replay: a code that was seen is used once more, later or at the same moment. */
import { describe, expect, it } from "vitest";
import { MAX_PENDING_LOGINS } from "../../src/auth/policy.js";
import { cookieOf, heldBy } from "../support/cookies.js";
import { holdBack } from "../support/hold-back.js";
import { ask, form, opensAccount, statuses } from "../support/raw-request.js";
import { CURRENT_CODES, enrolled, pendingVisitors } from "../support/sign-in.js";
import { reasonOn } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld } from "../support/world.js";

describe("a code that was accepted", () => {
  it("is refused at the next sign-in, also when it set the authenticator up", async () => {
    const world = await openWorld();
    const [setter, second] = await pendingVisitors(world, 2);
    if (!setter || !second) throw new Error("unreachable");
    const secret = await setter.secret();
    const code = world.code(secret);
    expect((await setter.code(code)).headers.location).toBe(CURRENT_CODES);
    const replayed = await second.code(code);
    expect([replayed.status, reasonOn(replayed.text)]).toEqual([401, "used"]);

    world.advance(30_000);
    expect((await second.code(world.code(secret))).status).toBe(303);
    const [third] = await pendingVisitors(world, 1);
    expect((await third?.code(world.code(secret)))?.status).toBe(401);
  });

  it("ends every older code", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    world.advance(5 * MINUTE);
    const [first, second] = await pendingVisitors(world, 2);
    expect((await first?.code(world.code(secret, 1)))?.status).toBe(303);
    for (const steps of [1, 0, -1]) expect((await second?.code(world.code(secret, steps)))?.status).toBe(401);
    world.advance(MINUTE);
    expect((await second?.code(world.code(secret)))?.status).toBe(303);
  });

  it("ends every older code when it set the authenticator up", async () => {
    const world = await openWorld();
    const [setter, second] = await pendingVisitors(world, 2);
    const secret = (await setter?.secret()) ?? "";
    expect((await setter?.code(world.code(secret, 1)))?.headers.location).toBe(CURRENT_CODES);
    for (const steps of [1, 0, -1]) expect((await second?.code(world.code(secret, steps)))?.status).toBe(401);
  });

  it("is refused by another node on the same database", async () => {
    const [here, there] = await openTwoWorlds();
    const secret = await enrolled(here);
    there.advance(30_000);
    const [visitor] = await pendingVisitors(here, 1);
    const [other] = await pendingVisitors(there, 1);
    expect((await visitor?.code(here.code(secret)))?.status).toBe(303);
    const replayed = await other?.code(there.code(secret));
    expect([replayed?.status, reasonOn(replayed?.text ?? "")]).toEqual([401, "used"]);
  });
});

describe("one code sent many times at once", () => {
  it("signs in one of twenty browsers", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    // As many as an account may have; some send it twice, some three times.
    const visitors = await pendingVisitors(world, MAX_PENDING_LOGINS);
    const code = world.code(secret);
    const sent = Array.from({ length: 50 }, (_, n) => visitors[n % visitors.length]?.code(code));
    const answers = (await Promise.all(sent)).filter((answer) => answer?.headers.location === "/");
    expect(answers).toHaveLength(1);
    const open = await Promise.all(visitors.map((visitor) => opensAccount(world, heldBy(visitor))));
    expect(open.filter(Boolean)).toHaveLength(1);
    // Not by the throttle alone: some of the others were looked at, and found used.
    expect(world.events).toContainEqual(expect.objectContaining({ type: "code-refused", reason: "used" }));
  });

  it("signs one browser in once", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    const [visitor] = await pendingVisitors(world, 1);
    const code = world.code(secret);
    const answers = await Promise.all(Array.from({ length: 50 }, () => visitor?.code(code)));
    expect(answers.filter((answer) => answer?.headers.location === "/")).toHaveLength(1);
    expect(world.events.filter(({ type }) => type === "signed-in")).toHaveLength(2); // setting up was the first
  });

  it("signs a pending login in once when two codes are valid at the moment", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    world.advance(5 * MINUTE);
    const [visitor] = await pendingVisitors(world, 1);
    const cookie = visitor ? heldBy(visitor) : "";
    const submit = (steps: number) =>
      ask(world, { path: "/login/2fa", ...form({ otp: world.code(secret, steps) }, { cookie }) });
    // Both have found the pending login alive; the first is overtaken before it is evaluated.
    const turn = holdBack(world.store, "transaction");
    const first = submit(1);
    await turn.reached;
    expect((await submit(0)).headers.location).toBe("/");
    turn.letGo();
    expect((await first).headers.location).toBe("/login?notice=expired");
    expect(cookieOf(await first)).toBeUndefined();
  });

  it("sets one authenticator up when each browser shows a secret of its own", async () => {
    const world = await openWorld();
    const visitors = await pendingVisitors(world, MAX_PENDING_LOGINS);
    const secrets = await Promise.all(visitors.map((visitor) => visitor.secret()));
    const answers = await Promise.all(
      visitors.map((visitor, n) => visitor.code(world.code(secrets[n] ?? ""))),
    );
    const led = answers.map(({ headers }) => headers.location === CURRENT_CODES);
    expect(led.filter(Boolean)).toHaveLength(1);
    expect(world.events.filter(({ type }) => type === "authenticator-set-up")).toHaveLength(1);
    const winner = led.indexOf(true);
    const page = await visitors[winner]?.get("/account");
    expect(page?.text.match(/\?replaces=[\w-]+/g)).toHaveLength(1);
  });

  it("confirms the secret of one browser once", async () => {
    const world = await openWorld();
    const [visitor] = await pendingVisitors(world, 1);
    const code = world.code((await visitor?.secret()) ?? "");
    await Promise.all(Array.from({ length: 50 }, () => visitor?.code(code)));
    const counts = ["signed-in", "authenticator-set-up", "recovery-codes-made"].map(
      (type) => world.events.filter((event) => event.type === type).length,
    );
    expect(counts).toEqual([1, 1, 1]);
  });

  it("signs in one browser when two nodes get it", async () => {
    const [here, there] = await openTwoWorlds();
    const secret = await enrolled(here);
    there.advance(30_000);
    const visitors = [...(await pendingVisitors(here, 10)), ...(await pendingVisitors(there, 10))];
    const answers = await Promise.all(visitors.map((visitor) => visitor.code(here.code(secret))));
    expect(statuses(answers)[303]).toBe(1);
    expect(Object.keys(statuses(answers)).map(Number)).not.toContain(500);
  });
});
