/** Many accounts, without the cost of their password hashes. */
import { NEW_ACCOUNT } from "./account-row.js";
import type { World } from "./world.js";

/** Adds accounts that have not signed in and have no password. @returns their ids */
export async function addAccountsWithoutPassword({ store, now }: World, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `account ${n}`);
  await store.transaction(async ({ accounts }) => {
    for (const id of ids) {
      await accounts.add({
        ...NEW_ACCOUNT,
        id,
        username: id.replace(" ", "-"),
        passwordHash: "none",
        createdAt: now(),
      });
    }
  });
  return ids;
}
