/** Holds a call of the store back until a test lets it go: races, played in slow motion. */
import { ask, type RawRequest } from "./raw-request.js";
import type { World } from "./world.js";

/** Holds back the first call of one of a store's methods until it is let go. */
export function holdBack<K extends string>(
  owner: Record<K, (...args: never[]) => Promise<unknown>>,
  name: K,
) {
  const original = owner[name] as (...args: unknown[]) => Promise<unknown>;
  let letGo = () => {};
  let arrived = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  (owner as Record<string, unknown>)[name] = async (...args: unknown[]) => {
    (owner as Record<string, unknown>)[name] = original;
    arrived();
    await gate;
    return original.apply(owner, args);
  };
  return { reached, letGo };
}

/** Sends a request and holds it back at the nth transaction that it begins; `letGo` answers with what came of it. */
export async function heldAtTransaction(world: World, n: number, sent: RawRequest) {
  let hold = holdBack(world.store, "transaction");
  const answer = ask(world, sent);
  const early = answer.then(({ status }) => {
    throw new Error(`Answered with ${status} before transaction ${n}.`);
  });
  await Promise.race([hold.reached, early]);
  for (let passed = 1; passed < n; passed++) {
    const next = holdBack(world.store, "transaction");
    hold.letGo();
    await Promise.race([next.reached, early]);
    hold = next;
  }
  return {
    letGo() {
      hold.letGo();
      return answer;
    },
  };
}
