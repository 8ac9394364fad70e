/** The store that the running test of the contract is about. */
import { afterEach, beforeEach } from "vitest";
import type { Store } from "../../../src/auth/store.js";
import { ACCOUNT } from "./rows.js";

/** New for each test, with `ACCOUNT` as its only account. */
export let store: Store;

/** Opens the store before each test of a suite, and closes it afterwards. @param open a new, empty store each time */
export function openBeforeEach(open: () => Promise<Store>): void {
  beforeEach(async () => {
    store = await open();
    await store.accounts.add(ACCOUNT);
  });
  afterEach(() => store.close());
}

/** Asks fifty times at once. @returns how many of the answers were yes */
export async function race(ask: (i: number) => Promise<unknown>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(i)));
  return answers.filter(Boolean).length;
}
