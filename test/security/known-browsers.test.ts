/** Known browsers: strangers who guess at a name use up their own tries, not those of its owner (OWASP, "device cookies"). */
import { describe, expect, it, vi } from "vitest";
import { PASSWORD_RULE, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
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

/** A world with one account, its secret, and the browser that set it up and has signed out. */
async function worldWithOwner() {
  const world = await openWorld({ TRUST_PROXY: "loopback", PENDING_LOGIN: "1d", SESSION_IDLE: "1d" });
  const owner = await addAccount(world, "owner");
  const known = world.visitor(from(HOME));
  const secret = await setUp(world, known, owner.username, owner.password);
  await known.post("/logout");
  return { world, owner, known, secret };
}
type Owner = Awaited<ReturnType<typeof worldWithOwner>>;

/** Signs in with both factors. */
async function signInFully({ world, owner, secret }: Owner, visitor: Visitor) {
  await signIn(world, visitor, secret, owner.username, owner.password);
  expect((await visitor.get("/account")).status).toBe(200);
}

/** A browser behind the owner's password that has never signed in. */
async function strangerBehindThePassword({ world, owner }: Owner, address = "203.0.113.1") {
  const visitor = world.visitor(from(address));
  expect((await visitor.password(owner.username, owner.password)).headers.location).toBe("/login/2fa");
  return visitor;
}

describe("the owner's sign-in while strangers guess for an hour", () => {
  it("works from a known browser when they guess passwords, and from a new one 15 minutes later", async () => {
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
        await signInFully(all, known);
        await known.post("/logout");
        world.advance(-30_000); // undoes the wait of signIn
      }
      world.advance(MINUTE);
    }
    // They were delayed, by name and by address; a new browser of the owner is delayed too.
    expect(waits.length).toBeGreaterThan(100);
    expect(refusedByAddress.length).toBeGreaterThan(100);
    expect(Math.max(...waits)).toBe(15 * 60);
    const fresh = world.visitor(from(HOME));
    expect((await fresh.password(owner.username, owner.password)).status).toBe(429);
    world.advance(15 * MINUTE);
    await signInFully(all, fresh);
  });

  it("works from a known browser when they guess codes, and from a new one 15 minutes later", async () => {
    const all = await worldWithOwner();
    const { world, known, secret } = all;
    const stranger = await strangerBehindThePassword(all);
    let evaluated = 0;
    for (let minute = 0; minute < 60; minute++) {
      for (let n = 0; n < 2; n++) {
        if ((await stranger.code(nextWrongCode(world, secret))).status === 401) evaluated++;
      }
      if (minute % 4 === 0) {
        await signInFully(all, known);
        await known.post("/logout");
        world.advance(-30_000);
      }
      world.advance(MINUTE);
    }
    // 5 free tries, then one after each of 1, 2, 4, 8, 15, 15 minutes: the owner's right codes do not clear their count.
    expect(evaluated).toBe(5 + 6);
    const fresh = await strangerBehindThePassword(all, HOME);
    const kept = await fresh.code(world.code(secret));
    expect(kept.status).toBe(429);
    expect(Number(kept.headers["retry-after"])).toBeLessThanOrEqual(15 * 60);
    world.advance(15 * MINUTE);
    expect((await fresh.code(world.code(secret))).headers.location).toBe("/");
  });
});

/** What is guessed: how a browser fails, and how it succeeds. */
const KINDS: Record<string, { free: number; ready: Begin; fail: Try; succeed: Try; leadsTo: string }> = {
  passwords: {
    free: PASSWORD_RULE.free,
    ready: async () => {},
    fail: (visitor) => visitor.password("owner", FREE_GUESS),
    succeed: (visitor, { owner }) => visitor.password(owner.username, owner.password),
    leadsTo: "/login/2fa",
  },
  codes: {
    free: SECOND_FACTOR_RULE.free,
    ready: async (visitor, { owner }) => void (await visitor.password(owner.username, owner.password)),
    fail: (visitor, { world, secret }) => visitor.code(nextWrongCode(world, secret)),
    succeed: (visitor, { world, secret }) => visitor.code(world.code(secret)),
    leadsTo: "/",
  },
};
type Try = (visitor: Visitor, all: Owner) => PromiseLike<{ status: number; headers: Record<string, string> }>;
type Begin = (visitor: Visitor, all: Owner) => Promise<void>;

describe.each(Object.entries(KINDS))(
  "%s guessed on a known browser",
  (_kind, { free, ready, fail, succeed, leadsTo }) => {
    async function failing(visitor: Visitor, all: Owner, times: number) {
      for (let n = 0; n < times; n++) expect((await fail(visitor, all)).status).toBe(401);
    }

    it("are delayed after five, on that browser alone", async () => {
      const all = await worldWithOwner();
      const { world, known } = all;
      const [second, stranger] = [world.visitor(from(HOME)), world.visitor(from(HOME))];
      await signInFully(all, second);
      await second.post("/logout");
      for (const visitor of [known, second, stranger]) await ready(visitor, all);

      await failing(known, all, 5);
      const sixth = await succeed(known, all);
      expect(sixth.status).toBe(429);
      expect(sixth.headers["retry-after"]).toBe("60");
      expect((await succeed(second, all)).headers.location).toBe(leadsTo);
      world.advance(30_000);
      expect((await succeed(stranger, all)).headers.location).toBe(leadsTo);
      world.advance(30_000);
      expect((await succeed(known, all)).headers.location).toBe(leadsTo);
    });

    it("are counted from zero after that browser's own success only, which clears no count of strangers", async () => {
      const all = await worldWithOwner();
      const { world, known } = all;
      const [stranger, other] = [world.visitor(from(HOME)), world.visitor(from(HOME))];
      for (const visitor of [known, stranger, other]) await ready(visitor, all);
      await failing(known, all, free - 1);
      await failing(stranger, all, free - 1);
      expect((await succeed(known, all)).headers.location).toBe(leadsTo);
      world.advance(30_000);
      await known.post("/logout");
      await ready(known, all);
      await failing(known, all, free - 1);
      await failing(stranger, all, 1);
      expect((await succeed(other, all)).status).toBe(429);
      world.advance(MINUTE);
      expect((await succeed(other, all)).headers.location).toBe(leadsTo);
      await failing(known, all, 1);
      expect((await succeed(known, all)).status).toBe(429);
    });

    it("are counted from zero after the operator's unlock", async () => {
      const all = await worldWithOwner();
      await ready(all.known, all);
      await failing(all.known, all, free);
      expect((await succeed(all.known, all)).status).toBe(429);
      await all.world.auth.unlockAccount("owner");
      await failing(all.known, all, free - 1);
      expect((await succeed(all.known, all)).headers.location).toBe(leadsTo);
    });
  },
);
