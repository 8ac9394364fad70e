/** Known browsers: strangers who hammer a name use up their own guesses, not those of its owner (OWASP, "device cookies"). */
import { describe, expect, it, vi } from "vitest";
import { FREE_GUESS } from "../support/free-guess.js";
import { addAccount, setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

vi.mock("@node-rs/argon2", async (original) => {
  const { withFreeGuesses } = await import("../support/free-guess.js");
  return withFreeGuesses(await original());
});

/** Where the owner lives; a stranger may sit in the same café. */
const HOME = "198.51.100.7";
const from = (address: string) => ({ "X-Forwarded-For": address });

/** A Latchkey with one account, its secret, and the browser that has set it up and is signed out again. */
async function worldWithOwner() {
  const world = await openWorld({ TRUST_PROXY: "loopback", PENDING_LOGIN: "1d", SESSION_IDLE: "1d" });
  const owner = await addAccount(world, "owner");
  const known = world.visitor(from(HOME));
  const secret = await setUp(world, known, owner.username, owner.password);
  await known.post("/logout");
  return { world, owner, known, secret };
}
type Owner = Awaited<ReturnType<typeof worldWithOwner>>;

/** Signs in with both factors, and is inside. */
async function enter({ world, owner, secret }: Owner, visitor: Visitor) {
  await signIn(world, visitor, secret, owner.username, owner.password);
  expect((await visitor.get("/account")).status).toBe(200);
}

/** A browser behind the owner's password that has never been inside. */
async function strangerBehindThePassword({ world, owner }: Owner, address = "203.0.113.1") {
  const visitor = world.visitor(from(address));
  expect((await visitor.password(owner.username, owner.password)).headers.location).toBe("/login/2fa");
  return visitor;
}

describe("while strangers hammer a name for an hour", () => {
  it("with passwords, its owner signs in from a known browser, and from a new one a quarter of an hour after", async () => {
    const all = await worldWithOwner();
    const { world, owner, known } = all;
    const waits: number[] = [];
    const refusedByAddress: string[] = [];
    for (let minute = 0; minute < 60; minute++) {
      const guesses = [
        ["owner", `203.0.113.${minute}`],
        ["OWNER ", HOME],
        ...[1, 2, 3, 4].map((n) => [`other-${minute}-${n}`, HOME]),
      ] as const;
      const answers = await Promise.all(
        guesses.map(([name, address]) => world.visitor(from(address)).password(name, FREE_GUESS)),
      );
      for (const [n, { status, headers }] of answers.entries()) {
        expect([401, 429]).toContain(status);
        if (status === 429) waits.push(Number(headers["retry-after"]));
        if (status === 429 && n > 1) refusedByAddress.push(`${minute}`);
      }
      if (minute % 4 === 0) {
        await enter(all, known);
        await known.post("/logout");
        world.wait(-30_000); // signing in took no time here
      }
      world.wait(MINUTE);
    }
    // They were slowed down, by name and by address; and it was no empty threat to a new browser.
    expect(waits.length).toBeGreaterThan(100);
    expect(refusedByAddress.length).toBeGreaterThan(100);
    expect(Math.max(...waits)).toBe(15 * 60);
    const fresh = world.visitor(from(HOME));
    expect((await fresh.password(owner.username, owner.password)).status).toBe(429);
    world.wait(15 * MINUTE);
    await enter(all, fresh);
  });

  it("with codes, once they know the password, the same", async () => {
    const all = await worldWithOwner();
    const { world, known, secret } = all;
    const stranger = await strangerBehindThePassword(all);
    let looked = 0;
    for (let minute = 0; minute < 60; minute++) {
      for (let n = 0; n < 2; n++) {
        if ((await stranger.code(nextWrongCode(world, secret))).status === 401) looked++;
      }
      if (minute % 4 === 0) {
        await enter(all, known);
        await known.post("/logout");
        world.wait(-30_000);
      }
      world.wait(MINUTE);
    }
    // 5 free ones, then one after each of 1, 2, 4, 8, 15, 15 minutes: the owner's right codes reset nothing of theirs.
    expect(looked).toBe(5 + 6);
    const fresh = await strangerBehindThePassword(all, HOME);
    const kept = await fresh.code(world.code(secret));
    expect(kept.status).toBe(429);
    expect(Number(kept.headers["retry-after"])).toBeLessThanOrEqual(15 * 60);
    world.wait(15 * MINUTE);
    expect((await fresh.code(world.code(secret))).headers.location).toBe("/");
  });
});

/** The two kinds of pools: how a browser fails in one, and how it gets on. */
const KINDS: Record<string, { ready: Begin; fail: Try; succeed: Try; leadsTo: string }> = {
  passwords: {
    ready: async () => {},
    fail: (visitor) => visitor.password("owner", FREE_GUESS),
    succeed: (visitor, { owner }) => visitor.password(owner.username, owner.password),
    leadsTo: "/login/2fa",
  },
  codes: {
    ready: async (visitor, { owner }) => void (await visitor.password(owner.username, owner.password)),
    fail: (visitor, { world, secret }) => visitor.code(nextWrongCode(world, secret)),
    succeed: (visitor, { world, secret }) => visitor.code(world.code(secret)),
    leadsTo: "/",
  },
};
type Try = (visitor: Visitor, all: Owner) => PromiseLike<{ status: number; headers: Record<string, string> }>;
type Begin = (visitor: Visitor, all: Owner) => Promise<void>;

describe.each(Object.entries(KINDS))(
  "the guesses of a known browser: %s",
  (_kind, { ready, fail, succeed, leadsTo }) => {
    async function failing(visitor: Visitor, all: Owner, times: number) {
      for (let n = 0; n < times; n++) expect((await fail(visitor, all)).status).toBe(401);
    }

    it("are five, then delayed, and concern nobody else", async () => {
      const all = await worldWithOwner();
      const { world, known } = all;
      const [second, stranger] = [world.visitor(from(HOME)), world.visitor(from(HOME))];
      await enter(all, second);
      await second.post("/logout");
      for (const visitor of [known, second, stranger]) await ready(visitor, all);

      await failing(known, all, 5);
      const sixth = await succeed(known, all);
      expect(sixth.status).toBe(429);
      expect(sixth.headers["retry-after"]).toBe("60");
      expect((await succeed(second, all)).headers.location).toBe(leadsTo);
      world.wait(30_000);
      expect((await succeed(stranger, all)).headers.location).toBe(leadsTo);
      world.wait(30_000);
      expect((await succeed(known, all)).headers.location).toBe(leadsTo);
    });

    it("begin anew with its own success only, which clears nothing of the strangers'", async () => {
      const all = await worldWithOwner();
      const { world, known } = all;
      const [stranger, other] = [world.visitor(from(HOME)), world.visitor(from(HOME))];
      for (const visitor of [known, stranger, other]) await ready(visitor, all);
      await failing(known, all, 4);
      await failing(stranger, all, 4);
      expect((await succeed(known, all)).headers.location).toBe(leadsTo);
      world.wait(30_000);
      await known.post("/logout");
      await ready(known, all);
      await failing(known, all, 4);
      await failing(stranger, all, 1);
      expect((await succeed(other, all)).status).toBe(429);
      world.wait(MINUTE);
      expect((await succeed(other, all)).headers.location).toBe(leadsTo);
      await failing(known, all, 1);
      expect((await succeed(known, all)).status).toBe(429);
    });

    it("are given back by the operator's unlock", async () => {
      const all = await worldWithOwner();
      await ready(all.known, all);
      await failing(all.known, all, 5);
      expect((await succeed(all.known, all)).status).toBe(429);
      await all.world.auth.unlockAccount("owner");
      await failing(all.known, all, 4);
      expect((await succeed(all.known, all)).headers.location).toBe(leadsTo);
    });
  },
);
