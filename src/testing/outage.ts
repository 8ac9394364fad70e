/** A store that fails while a test wants it to. Tests: test/testing/outage.test.ts */
import { type Store, StoreUnavailable } from "../auth/index.js";

/** How many pieces of work want the database to fail: it fails while any of them runs. */
export interface Outage {
  isOn(): boolean;
  /** Fails every query until `work` has ended; answers or fails as `work` does. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

export function createOutage(): Outage {
  let running = 0;
  return {
    isOn: () => running > 0,
    async during(work) {
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
      }
    },
  };
}

/** The same store, whose queries fail during an outage: also those of a transaction that began before it. */
export function failingStore(store: Store, outage: Outage): Store {
  const check = () => {
    if (outage.isOn()) throw new StoreUnavailable("The database cannot be used now: a test has an outage.");
  };
  const parts = Object.entries(store).map(([name, part]) => [
    name,
    typeof part === "object" ? failingPart(part, check) : part,
  ]);
  return {
    ...Object.fromEntries(parts),
    async transaction(work: Parameters<Store["transaction"]>[0]) {
      check();
      return store.transaction(async (tx) => {
        const result = await work(failingStore(tx, outage));
        // Before the commit, so that what an outage interrupts is rolled back.
        check();
        return result;
      });
    },
  };
}

function failingPart(part: object, check: () => void): object {
  const methods = Object.entries(part).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      check();
      return method.apply(part, args);
    },
  ]);
  return Object.fromEntries(methods);
}
