/** Signing out while a request is in flight: what has ended stays ended. */
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { heldAtTransaction, holdBack } from "../support/hold-back.js";
import { holdWrites, sqlOn } from "../support/other-program.js";
import { ask, form, opensAccount } from "../support/raw-request.js";
import { enrolled, setUp, setUpWithSheet } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

let world: World;
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
});

/** Signs out by cookie, so that the visitor's own jar keeps the old one. */
const signOut = (cookie: string) => ask(world, { path: "/logout", ...form({}, { cookie }) });

interface Row {
  kind: string;
  ended_at: unknown;
  data: string;
}

const rows = () =>
  sqlOn<Row>(
    world,
    // The pending login first: it is as old as the session that takes its place.
    "select kind, ended_at, data from sessions order by created_at, kind",
  );

describe("a session that has ended", () => {
  it("stays ended while a page with a message is written back", async () => {
    await setUp(world, visitor);
    await visitor.post("/login"); // leaves a message, which the next page takes away
    const cookie = heldBy(visitor);
    const write = holdBack(world.store.sessions, "write");
    const slow = ask(world, { path: "/", headers: { cookie } });
    await write.reached;
    expect((await signOut(cookie)).headers.location).toBe("/login?notice=signed-out");
    write.letGo();
    expect((await slow).status).toBe(200);
    expect(await opensAccount(world, cookie)).toBe(false);
    expect((await rows()).map((row) => [row.ended_at !== null, row.data])).toEqual([
      [true, ""],
      [true, ""],
    ]);
  });

  it("stays ended while a slow form leaves a message", async () => {
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    const write = holdBack(world.store.sessions, "write");
    const slow = ask(world, { path: "/login", ...form({ username: "test", password: "x" }, { cookie }) });
    await write.reached;
    await signOut(cookie);
    write.letGo();
    await slow;
    expect(await opensAccount(world, cookie)).toBe(false);
    expect((await rows()).at(-1)?.data).toBe("");
  });

  it("stays ended while its last use is noted", async () => {
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    world.advance(5 * MINUTE);
    const seen = holdBack(world.store.sessions, "seen");
    const slow = ask(world, { path: "/account", headers: { cookie } });
    await seen.reached;
    await signOut(cookie);
    seen.letGo();
    await slow;
    expect(await opensAccount(world, cookie)).toBe(false);
  });

  it("stays ended while its account page is read", async () => {
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    const read = holdBack(world.store.accounts, "byId");
    const slow = ask(world, { path: "/account", headers: { cookie } });
    await read.reached;
    await signOut(cookie);
    read.letGo();
    expect((await slow).headers["set-cookie"]).toBeUndefined();
    expect(await opensAccount(world, cookie)).toBe(false);
  });

  it("stays ended under a hundred requests at once", async () => {
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    world.advance(2 * MINUTE);
    const paths = Array.from({ length: 100 }, (_, n) => (n % 2 ? "/" : "/account"));
    const pages = paths.map((path) => ask(world, { path, headers: { cookie } }));
    await signOut(cookie);
    await Promise.all(pages);
    expect(await opensAccount(world, cookie)).toBe(false);
    for (const page of await Promise.all(pages)) expect(page.headers["set-cookie"]).toBeUndefined();
  });

  it("stays ended until its row expires, and leaves other browsers signed in", async () => {
    const secret = await setUp(world, visitor);
    const cookie = heldBy(visitor);
    const other = world.visitor();
    await other.password();
    await other.code(world.code(secret));
    await signOut(cookie);
    await world.auth.prune();
    const sessions = (await rows()).filter((row) => row.kind === "session");
    expect(sessions.map((row) => row.ended_at && Number(row.ended_at))).toEqual([world.now(), null]);
    expect((await signOut(cookie)).status).toBe(303);
    expect(await opensAccount(world, cookie)).toBe(false);
    expect((await other.get("/account")).status).toBe(200);
  });
});

describe("a form in flight", () => {
  const FORMS: Record<string, [n: number, at: (account: string) => string | undefined]> = {
    "a new name": [1, (account) => `authenticators/${/rename=([\w-]+)/.exec(account)?.[1]}/rename`],
    "forgetting a device": [1, (account) => /trusted-devices\/[\w-]+\/forget/.exec(account)?.[0]],
    "ending another session": [1, (account) => account.match(/sessions\/[\w-]+\/end(?=")/g)?.at(-1)],
    "ending all others": [1, () => "sessions/end-others"],
    "a proof of the sheet": [2, () => "recovery-codes/proof"],
  };

  it.each(Object.entries(FORMS))(
    "changes nothing when its session ends first: %s",
    async (_name, [n, at]) => {
      const { secret, codes } = await setUpWithSheet(world, visitor);
      const other = world.visitor();
      await other.password();
      await other.code(world.code(secret), { trust_device: "on" });
      const cookie = heldBy(visitor);
      const path = `/account/${at((await visitor.get("/account")).text)}`;
      const tables = ["authenticators", "trusted_devices", "recovery_sheets"];
      const kept = () =>
        Promise.all(tables.map((table) => sqlOn(world, `select * from ${table} order by 1, 2`)));
      const before = await kept();
      const sent = form({ name: "Pixel 9", recovery_code: codes[0] ?? "" }, { cookie });
      const slow = await heldAtTransaction(world, n, { path, ...sent });
      await signOut(cookie);
      expect((await slow.letGo()).headers.location).toMatch(/^\/login/);
      expect(await kept()).toEqual(before);
      expect((await other.get("/account")).status).toBe(200);
    },
  );
});

describe("a pending login that has ended", () => {
  it.each(["at the set-up", "at a later sign-in"])(
    "stays ended while its code is checked %s",
    async (when) => {
      const known = when === "at a later sign-in" ? await enrolled(world) : undefined;
      await visitor.password();
      const secret = known ?? (await visitor.secret());
      const cookie = heldBy(visitor);
      const turn = holdBack(world.store, "transaction");
      const code = ask(world, {
        path: "/login/2fa",
        ...form({ otp: world.code(secret), trust_device: "on" }, { cookie }),
      });
      await turn.reached;
      await signOut(cookie);
      turn.letGo();
      const notice = known ? "expired" : "set-up-expired";
      expect((await code).headers.location).toBe(`/login?notice=${notice}`);
      expect((await code).headers["set-cookie"]).toBeUndefined();
      expect(await opensAccount(world, cookie)).toBe(false);
      expect((await rows()).every((row) => row.ended_at !== null)).toBe(true);
      // The secret of the page is kept to recognise its codes; it belongs to no login any more.
      const live = "select * from enrolments where session_hash is not null";
      expect(await sqlOn(world, live)).toEqual([]);
      const left = ["trusted_devices", ...(known ? [] : ["authenticators", "recovery_sheets"])];
      for (const table of left) {
        expect(await sqlOn(world, `select * from ${table}`), table).toEqual([]);
      }
    },
  );

  it("stays ended while its set-up page is made", async () => {
    await visitor.password();
    const cookie = heldBy(visitor);
    const page = await heldAtTransaction(world, 1, { path: "/login/2fa", headers: { cookie } });
    await signOut(cookie);
    const answer = await page.letGo();
    expect(answer.headers.location).toBe("/login?notice=set-up-expired");
    expect(answer.text).not.toMatch(/id="key"|otpauth:/);
    expect(await sqlOn(world, "select * from enrolments")).toEqual([]);
  });

  it("leaves no authenticator behind when its code arrives after the end", async () => {
    await visitor.password();
    const secret = await visitor.secret();
    const cookie = heldBy(visitor);
    // Another program ends it while the code is in flight, and knows nothing of the secret being set up.
    const turn = holdBack(world.store, "transaction");
    const code = ask(world, { path: "/login/2fa", ...form({ otp: world.code(secret) }, { cookie }) });
    await turn.reached;
    await sqlOn(world, "update sessions set ended_at = 1");
    turn.letGo();
    expect((await code).headers.location).toBe("/login?notice=set-up-expired");
    await visitor.password();
    expect(await visitor.secret()).not.toBe(secret);
  });

  it.each(["before", "after"])("ends its session too when the sign-out comes %s the code", async (when) => {
    const secret = await enrolled(world);
    await visitor.password();
    const oldCookie = heldBy(visitor);
    const ending = holdBack(world.store, "transaction");
    const early = when === "before" ? signOut(oldCookie) : undefined;
    if (early) await ending.reached;
    else ending.letGo();
    expect((await visitor.code(world.code(secret))).headers.location).toBe("/");
    ending.letGo();
    const out = await (early ?? signOut(oldCookie));
    // A sign-out that began before the code ended a pending login.
    const notice = when === "before" ? "start-again" : "signed-out";
    expect(out.headers.location).toBe(`/login?notice=${notice}`);
    expect(await opensAccount(world, heldBy(visitor))).toBe(false);
    expect((await rows()).every((row) => row.ended_at !== null)).toBe(true);
  });
});

describe("signing out without a cookie of ours", () => {
  it("writes nothing, and works while another program holds the database", async () => {
    await holdWrites(world);
    for (const cookie of ["", "latchkey=s%3Aunknown.signature"]) {
      expect((await signOut(cookie)).headers.location).toBe("/login?notice=signed-out");
    }
  });
});
