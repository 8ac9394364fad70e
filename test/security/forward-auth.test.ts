/** Forward authentication: sessions that have ended, and requirements that a session does not meet. */
import { describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { BEHIND_A_PROXY, bothCookies, signedIn, verify, WANTED } from "../support/forward.js";
import { expectNobody } from "../support/forward-refused.js";
import { setUpWithSheet, signIn } from "../support/sign-in.js";
import { openWorld } from "../support/world.js";

describe("a session that has ended", () => {
  it.each<[string, (session: Awaited<ReturnType<typeof signedIn>>) => PromiseLike<unknown>]>([
    ["signing out", ({ visitor }) => visitor.post("/logout")],
    ["a step-up", ({ world, visitor, secret }) => visitor.confirm("password", world.code(secret))],
    [
      "a password that the operator set",
      ({ world }) => world.auth.setPassword("test", "another long password"),
    ],
    ["closing the account", ({ world }) => world.auth.disableAccount("test")],
    [
      "closing and opening it",
      async ({ world }) => {
        await world.auth.disableAccount("test");
        await world.auth.enableAccount("test");
      },
    ],
    ["a second factor that was reset", ({ world }) => world.auth.resetSecondFactor("test")],
    ["removing the account", ({ world }) => world.auth.removeAccount("test")],
  ])("opens no app from the next question on: by %s", async (_how, end) => {
    const session = await signedIn();
    await end(session);
    for (const cookie of [session.host, session.forward]) await expectNobody(session.world, cookie);
  });

  it("is refused at once when another browser ended it, and so is every one without a database", async () => {
    const { world, visitor, secret, forward } = await signedIn();
    const elsewhere = world.visitor();
    await signIn(world, elsewhere, secret);
    const theirs = await bothCookies(elsewhere);
    await visitor.post("/account/sessions/end-others");
    for (const cookie of [theirs.host, theirs.forward]) await expectNobody(world, cookie);
    expect((await verify(world, { cookie: forward })).status).toBe(200);
    await world.store.close();
    expect((await verify(world, { cookie: forward })).status).toBeGreaterThanOrEqual(500);
  });

  it("includes the demo account's when it is used from elsewhere", async () => {
    for (const which of ["host", "forward"] as const) {
      const session = await signedIn({ DEMO: "" });
      const cookie = session[which];
      expect((await verify(session.world, { cookie })).status).toBe(200);
      await expectNobody(session.world, cookie, { "x-forwarded-for": "203.0.113.9" });
      expect((await verify(session.world, { cookie })).status).toBe(401);
    }
  });
});

describe("a requirement of the app", () => {
  it("holds to the millisecond when it asks for a fresh proof", async () => {
    const { world, forward: cookie } = await signedIn();
    world.advance(300_000 - 30_000);
    expect((await verify(world, { cookie, query: "max_age=300" })).status).toBe(200);
    world.advance(1);
    expect((await verify(world, { cookie, query: "max_age=300" })).status).toBe(401);
    expect((await verify(world, { cookie, query: "max_age=301" })).status).toBe(200);
  });

  it("is unmet by a trusted browser, and by a recovery code where a code is required", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const visitor = world.visitor();
    const { secret, codes } = await setUpWithSheet(world, visitor);
    const told = async (query: string) => (await verify(world, { query, cookie: heldBy(visitor) })).status;
    await visitor.post("/logout");
    await visitor.password();
    await visitor.recoveryCode(codes[0] ?? "");
    expect([await told("max_age=300"), await told("methods=totp")]).toEqual([200, 401]);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret), { trust_device: "on" });
    world.advance(30_000);
    await visitor.post("/logout");
    await visitor.password();
    expect([await told(""), await told("max_age=999999999"), await told("methods=totp")]).toEqual([
      200, 401, 401,
    ]);
    await visitor.confirm("password", world.code(secret));
    expect([await told("max_age=300"), await told("methods=totp")]).toEqual([200, 200]);
  });

  it("lets nobody through, and leads nowhere, when it cannot be parsed", async () => {
    const { world, forward: cookie } = await signedIn();
    const unread = [
      ..."max_age= max_age=0 max_age=-1 max_age=+300 max_age=1e9 max_age=300.5 max_age=9999999999 max_age=abc".split(
        " ",
      ),
      ..."max_age=%20300 max_age=300%0a max_age=300&max_age=999 methods= methods=password methods=TOTP".split(
        " ",
      ),
      ..."methods=totp,password methods=totp&methods=totp redirect= redirect=0 redirect=true".split(" "),
      // A misspelt parameter was meant as a requirement.
      ..."max_age[]=300 Max_Age=300 maxage=300 method=totp next=/ __proto__=1 =1".split(" "),
      `max_age=0&${"a=1&".repeat(1_200)}`,
      ..."redirect=1&redirect=1 redirect=1&max_age=x redirect=1&methods=webauthn redirect=01".split(" "),
    ];
    for (const query of unread) {
      for (const browser of [cookie, ""]) {
        const { status, headers } = await verify(world, { query, cookie: browser, wanted: WANTED });
        expect({ status, to: headers.location }, query).toEqual({ status: 401, to: undefined });
      }
    }
  });
});
