/** Tests name accounts where the product goes by ids. */
import type { Auth } from "../../src/auth/index.js";
import type { Store } from "../../src/auth/store.js";

const BY_ID = [
  "updateAccount",
  "setPassword",
  "disableAccount",
  "enableAccount",
  "unlockAccount",
  "signOutAccount",
  "removeAccount",
  "invite",
  "passwordLink",
  "resetSecondFactor",
] as const;

/** The same, with accounts found by their username too. */
export function namedAccounts(auth: Auth, store: Store): Auth {
  const idOf = async (name: unknown) => (await store.accounts.byUsername(String(name)))?.id ?? name;
  const named = BY_ID.map((operation) => {
    const act = auth[operation] as (id: unknown, ...args: unknown[]) => unknown;
    return [operation, async (name: unknown, ...args: unknown[]) => act(await idOf(name), ...args)];
  });
  // In place: tests put failures into the object that the app calls.
  return Object.assign(auth, Object.fromEntries(named));
}
