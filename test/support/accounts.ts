/** `latchkey.accounts` on a world's database, by its clock, as a host app calls it. */
import { accountsFor } from "../../src/accounts.js";
import type { Account, Accounts, NewAccount } from "../../src/public-accounts.js";
import type { World } from "./world.js";

export const PASSWORD = "correct horse battery";

export function accountsOf(world: World): Accounts {
  return accountsFor(world.auth, () => `${world.address}/link/`);
}

/** Creates an account, which must succeed. */
export async function created(accounts: Accounts, account: NewAccount): Promise<Account> {
  const result = await accounts.create(account);
  if (result.outcome !== "created")
    throw new Error(`${account.username} was not created: ${result.outcome}.`);
  return result.account;
}
