/**
 * Enumeration by work: on every path without the equalising hash, the database does the same for names with and without an
 * account.
 */
import { verify } from "@node-rs/argon2";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { HashQueue, Overloaded } from "../../src/auth/passwords/hash-queue.js";
import { ADDRESS_RULE, PASSWORD_LENGTH, PASSWORD_RULE } from "../../src/auth/policy.js";
import { allHeldBy } from "../support/cookies.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

/** Each statement that ran, and how many rows it returned or changed. */
const work = vi.hoisted(() => ({ done: [] as [sql: string, rows: number][] }));
vi.mock("@photostructure/sqlite", async (original) => {
  const sqlite = await original<typeof import("@photostructure/sqlite")>();
  class Counted extends sqlite.DatabaseSync {
    override prepare(...how: Parameters<InstanceType<typeof sqlite.DatabaseSync>["prepare"]>) {
      const statement = super.prepare(...how);
      const counted = {
        all(...values: Parameters<typeof statement.all>) {
          const rows = statement.all(...values);
          work.done.push([how[0], rows.length]);
          return rows;
        },
        run(...values: Parameters<typeof statement.run>) {
          const result = statement.run(...values);
          work.done.push([how[0], Number(result.changes)]);
          return result;
        },
      };
      return new Proxy(statement, {
        get(target, name) {
          if (name === "all" || name === "run") return counted[name];
          const found: unknown = Reflect.get(target, name);
          return typeof found === "function" ? found.bind(target) : found;
        },
      });
    }
  }
  return { ...sqlite, DatabaseSync: Counted };
});
vi.mock("@node-rs/argon2", async (original) => {
  const real = await original<typeof import("@node-rs/argon2")>();
  return { ...real, verify: vi.fn(real.verify) };
});
beforeEach(() => void vi.mocked(verify).mockClear());

const PASSWORD = "correct horse battery";

const NAMES = ["victim", "oldhat", "closed", "nobody-1", "nobody-2"];

/** `victim` is new, `oldhat` has an authenticator and a history, `closed` is disabled; the others do not exist. */
async function worldWithAccounts(env: Record<string, string> = {}): Promise<World> {
  const world = await openWorld({ TRUST_PROXY: "loopback", ...env });
  for (const name of ["victim", "oldhat", "closed"]) await addAccount(world, name, PASSWORD);
  await setUp(world, world.visitor(), "oldhat", PASSWORD);
  await world.auth.disableAccount("closed");
  vi.mocked(verify).mockClear();
  return world;
}

let count = 0;
/** Each attempt comes from an address of its own, so that earlier ones make no difference. */
function tryIn(world: World, username: string, password: string, cookie = "") {
  count += 1;
  const address = `198.51.${count >> 8}.${count & 255}`;
  const sent = form({ username, password }, { "x-forwarded-for": address, ...(cookie && { cookie }) });
  return ask(world, { path: "/login", ...sent });
}

/** What the database does for one attempt, and how it is answered. */
async function workFor(world: World, ...sent: [username: string, password: string, cookie?: string]) {
  work.done = [];
  const { status } = await tryIn(world, ...sent);
  return { status, done: work.done };
}

async function expectNoDifference(status: number, attempt: (name: string) => ReturnType<typeof workFor>) {
  const [first, ...others] = NAMES;
  const expected = await attempt(first as string);
  expect(expected.status).toBe(status);
  for (const name of others) expect(await attempt(name), name).toEqual(expected);
  expect(verify).not.toHaveBeenCalled();
  return expected.done;
}

describe("the database work of a sign-in", () => {
  it("is the same for every name when the name's delay refuses it, and reads no account", async () => {
    const world = await worldWithAccounts();
    for (const name of NAMES) for (let n = 0; n < PASSWORD_RULE.free; n++) await tryIn(world, name, "wrong");
    vi.mocked(verify).mockClear();
    for (const password of ["wrong", PASSWORD]) {
      const done = await expectNoDifference(429, (name) => workFor(world, name, password));
      expect(done.filter(([sql]) => /"accounts"/.test(sql))).toEqual([]);
    }
  });

  it("is the same for every name when the address's delay refuses it", async () => {
    const world = await worldWithAccounts();
    const from = { "x-forwarded-for": "203.0.113.7" };
    const guess = (username: string) =>
      ask(world, { path: "/login", ...form({ username, password: "wrong" }, from) });
    for (let n = 0; n < ADDRESS_RULE.free; n++) await guess(`made-up-${n}`);
    vi.mocked(verify).mockClear();
    await expectNoDifference(429, async (name) => {
      work.done = [];
      const { status } = await guess(name);
      return { status, done: work.done };
    });
  });

  it("is the same for every name when the hash queue is full", async () => {
    const world = await worldWithAccounts();
    const full = vi.spyOn(HashQueue.prototype, "reserve").mockImplementation(() => {
      throw new Overloaded("Too many sign-ins at once.");
    });
    const done = await expectNoDifference(503, (name) => workFor(world, name, PASSWORD));
    expect(done.filter(([sql]) => /"accounts"/.test(sql))).toEqual([]);
    full.mockRestore();
  });

  it.each([
    ["one letter too many", "x".repeat(PASSWORD_LENGTH.max + 1)],
    ["2,500 combining marks beyond the bound", "\u0301".repeat(2_500)],
    ["12 KB", "x".repeat(12_000)],
  ])("is none when the password is too long: %s", async (_what, password) => {
    const world = await worldWithAccounts();
    const done = await expectNoDifference(401, (name) => workFor(world, name, password));
    expect(done).toEqual([]);
  });

  it("looks accounts up by the ids in the device cookie, not by the typed name", async () => {
    const world = await worldWithAccounts();
    const known = world.visitor();
    await setUp(world, known, "victim", PASSWORD);
    await known.post("/logout");
    const cookie = allHeldBy(known);
    for (const name of NAMES) for (let n = 0; n < PASSWORD_RULE.free; n++) await tryIn(world, name, "wrong");
    vi.mocked(verify).mockClear();
    const [, ...others] = NAMES;
    const seen = [];
    for (const name of others) seen.push(await workFor(world, name, "wrong", cookie));
    for (const one of seen) expect(one).toEqual(seen[0]);
    expect(seen[0]?.status).toBe(429);
    const lookups = seen[0]?.done.filter(([sql]) => /"accounts"/.test(sql)) ?? [];
    expect(lookups.map(([, rows]) => rows)).toEqual([1]);
    expect(lookups[0]?.[0]).toContain('"id" =');
  });

  it("has the same number of statements for every name when a hash is computed", async () => {
    const world = await worldWithAccounts();
    const statements: Record<string, number> = {};
    for (const name of NAMES) {
      const { status, done } = await workFor(world, name, "wrong");
      expect(status).toBe(401);
      statements[name] = done.length;
    }
    expect(new Set(Object.values(statements)), JSON.stringify(statements)).toHaveLength(1);
    expect(verify).toHaveBeenCalledTimes(NAMES.length);
  });
});
