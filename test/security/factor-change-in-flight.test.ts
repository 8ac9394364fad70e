/** Factor change while requests are in flight: a session that the change has ended writes nothing after it. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../src/auth/policy.js";
import { authenticatorsOf, beginAuthenticator, NEW_AUTHENTICATOR as NEW } from "../support/authenticators.js";
import { allHeldBy, cookieOf } from "../support/cookies.js";
import { heldAtTransaction } from "../support/hold-back.js";
import { sqlOn } from "../support/other-program.js";
import { type Answer, ask, form } from "../support/raw-request.js";
import { pendingCookie, setUpWithSheet, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const BETTER = "a quiet orange harbour";

/** Two sessions of one account, both with a recent step-up, two authenticators and a trusted browser. */
async function twoSessions() {
  const world = await openWorld();
  const mine = world.visitor();
  const { secret, codes } = await setUpWithSheet(world, mine);
  await mine.post(NEW, { name: "second", otp: world.code(await beginAuthenticator(mine)) });
  const trusting = world.visitor();
  await trusting.password();
  await trusting.code(world.code(secret), { trust_device: "on" });
  world.advance(30_000);
  const theirs = world.visitor();
  await signIn(world, theirs, secret);
  const account = await world.store.accounts.byUsername("test");
  const accountId = account?.id ?? "";
  const [first, second] = await authenticatorsOf(world);
  const [device] = await world.store.trustedDevices.of(accountId, world.now(), 10);
  const sessions = await world.store.sessions.live(accountId, world.now(), 0, 10);
  return {
    world,
    mine,
    theirs,
    trusting,
    secret,
    codes,
    ids: [first?.id, second?.id] as const,
    deviceId: device?.id,
    // The oldest session is this browser's.
    mySessionId: sessions.at(-1)?.family,
    theirSecret: await beginAuthenticator(theirs),
  };
}
type Given = Awaited<ReturnType<typeof twoSessions>>;

/** What the other session is about to do: the transaction at which it is held back, the path, and the fields. */
const WRITES: Record<string, (given: Given) => [number, string, Record<string, string>]> = {
  "rename an authenticator": ({ ids }) => [1, `/account/authenticators/${ids[0]}/rename`, { name: "theirs" }],
  "remove an authenticator": ({ ids }) => [1, `/account/authenticators/${ids[0]}/remove`, {}],
  "add an authenticator": ({ world, theirSecret }) => [2, NEW, { otp: world.code(theirSecret) }],
  "replace an authenticator": ({ world, theirSecret, ids }) => [
    2,
    `${NEW}?replaces=${ids[0]}`,
    { otp: world.code(theirSecret) },
  ],
  "make recovery codes": () => [1, "/account/recovery-codes", { sheet: "2" }],
  "check the recovery codes": ({ codes }) => [
    2,
    "/account/recovery-codes/proof",
    { recovery_code: codes[0] ?? "" },
  ],
  "change the password": () => [
    3,
    "/account/password",
    { current_password: "password", new_password: "their orange harbour" },
  ],
  "sign another session out": ({ mySessionId }) => [1, `/account/sessions/${mySessionId}/end`, {}],
  "sign all other sessions out": () => [1, "/account/sessions/end-others", {}],
  "stop trusting a browser": ({ deviceId }) => [1, `/account/trusted-devices/${deviceId}/forget`, {}],
  "confirm both factors with a recovery code": ({ codes }) => [
    4,
    "/confirm",
    { password: "password", recovery_code: codes[0] ?? "" },
  ],
};

/** All that is stored, except what the throttle counts. */
async function stored(world: World): Promise<unknown[]> {
  const tables = [
    ..."accounts authenticators enrolments recovery_sheets recovery_codes sessions trusted_devices history".split(
      " ",
    ),
  ];
  return Promise.all(tables.map((name) => sqlOn(world, `select * from ${name} order by 1, 2, 3`)));
}

async function inFlight(given: Given, write: (given: Given) => [number, string, Record<string, string>]) {
  const [transaction, path, fields] = write(given);
  return heldAtTransaction(given.world, transaction, {
    path,
    ...form(fields, { cookie: allHeldBy(given.theirs) }),
  });
}

const change = {
  password: (visitor: Visitor) =>
    visitor.post("/account/password", { current_password: "password", new_password: BETTER }),
};

describe.each(Object.entries(WRITES))("another session that is about to %s", (_what, write) => {
  it("writes nothing once this one has changed the password", async () => {
    const given = await twoSessions();
    const slow = await inFlight(given, write);
    expect((await change.password(given.mine)).headers.location).toBe("/account");
    const before = await stored(given.world);
    const answer = await slow.letGo();
    expect(answer.status).toBeLessThan(500);
    expect(await stored(given.world)).toEqual(before);
    expect(await sqlOn(given.world, "select * from throttle")).toEqual([]);
    expect(cookieOf(answer)).toBeUndefined();
    expect((await given.mine.get("/account")).status).toBe(200);
  });

  it("writes nothing once it is signed out", async () => {
    const given = await twoSessions();
    const slow = await inFlight(given, write);
    const out = await ask(given.world, { path: "/logout", ...form({}, { cookie: allHeldBy(given.theirs) }) });
    expect(out.status).toBe(303);
    const before = await stored(given.world);
    await slow.letGo();
    expect(await stored(given.world)).toEqual(before);
  });
});

describe("a sign-in that is about to succeed", () => {
  const CHANGES: Record<string, (given: Given) => PromiseLike<Answer | { status: number }>> = {
    "changed the password": ({ mine }) => change.password(mine),
    "removed an authenticator": ({ mine, ids }) => mine.post(`/account/authenticators/${ids[1]}/remove`),
  };

  it.each(Object.entries(CHANGES))(
    "opens nothing and spends nothing once a session has %s",
    async (_what, make) => {
      const given = await twoSessions();
      const { world, codes, secret } = given;
      const pending = await pendingCookie(world);
      const sent = [
        { path: "/login/2fa", ...form({ otp: world.code(secret) }, { cookie: pending }) },
        { path: "/login/recovery-code", ...form({ recovery_code: codes[0] ?? "" }, { cookie: pending }) },
      ];
      const slow = [];
      for (const request of sent) slow.push(await heldAtTransaction(world, 2, request));
      expect((await make(given)).status).toBe(303);
      const before = await stored(world);
      for (const { letGo } of slow) expect((await letGo()).headers.location).toBe("/login?notice=expired");
      expect(await stored(world)).toEqual(before);
    },
  );

  it.each(Object.entries(CHANGES))(
    "asks for a code, though the browser is trusted, once a session has %s",
    async (what, make) => {
      const given = await twoSessions();
      const sent = form(
        { username: "test", password: "password" },
        { cookie: /latchkey_trusted=[^;]+/.exec(allHeldBy(given.trusting))?.[0] ?? "" },
      );
      const slow = await heldAtTransaction(given.world, 2, { path: "/login", ...sent });
      await make(given);
      const answer = await slow.letGo();
      if (what === "changed the password") expect(answer.status).toBe(401);
      else expect(answer.headers.location).toBe("/login/2fa");
    },
  );
});

const SENSITIVE = [
  "add an authenticator",
  "remove an authenticator",
  "make recovery codes",
  "change the password",
];

describe("a step-up that expires in flight", () => {
  it.each(SENSITIVE)("changes nothing for a session that is about to %s", async (what) => {
    const given = await twoSessions();
    const sensitive = async () => (await stored(given.world)).filter((_table, n) => [0, 1, 3, 4].includes(n));
    const before = await sensitive();
    given.world.advance(DEFAULT_POLICY.stepUp - MINUTE);
    const slow = await inFlight(given, WRITES[what] ?? (() => [1, "/", {}]));
    given.world.advance(MINUTE / 2);
    expect((await slow.letGo()).headers.location).toMatch(/^\/confirm\?next=/);
    expect(await sensitive()).toEqual(before);
  });
});
