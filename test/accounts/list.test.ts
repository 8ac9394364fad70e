/** Accounts in pages, also of many, and while accounts come and go. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ACCOUNTS_PAGE, MAX_ACCOUNTS_PAGE } from "../../src/auth/policy.js";
import type { Accounts } from "../../src/public-accounts.js";
import { accountsOf, created } from "../support/accounts.js";
import { addAccountsWithoutPassword } from "../support/members.js";
import { openWorld, type World } from "../support/world.js";

/** The ids of each page. @param between is called after each page */
async function pages(accounts: Accounts, limit?: number, between: (page: string[]) => unknown = () => {}) {
  const all: string[][] = [];
  let after: string | undefined;
  do {
    const page = await accounts.list({ ...(limit !== undefined && { limit }), ...(after && { after }) });
    const ids = page.accounts.map(({ id }) => id);
    all.push(ids);
    await between(ids);
    after = page.next;
  } while (after !== undefined);
  return all;
}

describe("the list of accounts", () => {
  let world: World;
  let accounts: Accounts;
  beforeEach(async () => {
    world = await openWorld({ DEMO: "off" });
    accounts = accountsOf(world);
  });

  it("is empty, and has no next page, without accounts", async () => {
    expect(await accounts.list()).toEqual({ accounts: [] });
  });

  it("has every account once, each page after the one before, and no next at the end", async () => {
    const ids = (await addAccountsWithoutPassword(world, 6)).sort();
    expect(await pages(accounts, 4)).toEqual([ids.slice(0, 4), ids.slice(4)]);
    expect(await pages(accounts, 3)).toEqual([ids.slice(0, 3), ids.slice(3)]);
    expect(await pages(accounts, 1)).toEqual(ids.map((id) => [id]));
    expect(await pages(accounts)).toEqual([ids]);
  });

  it("has 100 accounts a page, and at most 1,000", async () => {
    await addAccountsWithoutPassword(world, 1_100);
    const sizes = async (limit?: number) => (await pages(accounts, limit)).map((page) => page.length);
    expect((await sizes()).slice(0, 2)).toEqual([ACCOUNTS_PAGE, ACCOUNTS_PAGE]);
    expect(await sizes(5_000)).toEqual([MAX_ACCOUNTS_PAGE, 100]);
    expect(await sizes(Number.POSITIVE_INFINITY)).toEqual([MAX_ACCOUNTS_PAGE, 100]);
  });

  it("has those that are there all the time once, while others come and go", async () => {
    const ids = await addAccountsWithoutPassword(world, 40);
    const removed = new Set<string>();
    let n = 0;
    const met = await pages(accounts, 7, async (page) => {
      // The last of the page, after which the next one begins, and one that is still to come.
      for (const id of [page.at(-1), ids.findLast((id) => !removed.has(id))]) {
        if (id === undefined) continue;
        removed.add(id);
        await accounts.remove(id);
      }
      await created(accounts, { username: `late-${n++}` });
    });
    const seen = met.flat();
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(ids.filter((id) => !removed.has(id))));
  });

  it.each([["\0"], ["x".repeat(1e6)], ["\ud800"], [""]])(
    "ends at an `after` that is none: %j",
    async (after) => {
      await addAccountsWithoutPassword(world, 2);
      expect(await accounts.list({ after })).toEqual({ accounts: [] });
    },
  );
});

describe("ten thousand accounts", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ DEMO: "off" });
    await addAccountsWithoutPassword(world, 10_000);
  });

  it("are listed without holding up requests", async () => {
    let listing = true;
    const waits: number[] = [];
    const probe = (async () => {
      while (listing) {
        const start = performance.now();
        expect((await world.visitor().get("/login")).status).toBe(200);
        waits.push(performance.now() - start);
      }
    })();
    const met = await pages(accountsOf(world));
    listing = false;
    await probe;
    expect(met.flat()).toHaveLength(10_000);
    waits.sort((a, b) => a - b);
    // One request waits for the statement of one page at most, however many pages there are.
    expect(waits[Math.floor(waits.length / 2)]).toBeLessThan(200);
    expect(waits.length).toBeGreaterThan(5);
  });

  it("have a last page that costs what the first one does", async () => {
    const accounts = accountsOf(world);
    const all = await pages(accounts);
    const time = async (after: string | undefined) => {
      let best = Number.POSITIVE_INFINITY;
      for (let n = 0; n < 20; n++) {
        const start = performance.now();
        await accounts.list(after === undefined ? {} : { after });
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    const first = await time(undefined);
    const last = await time(all.at(-2)?.at(-1));
    expect(last).toBeLessThan(5 * first + 5);
  });
});
