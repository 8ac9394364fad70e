/** Accounts whose password hash another system made. */
import { readForeignHash } from "../../src/auth/passwords/foreign-hashes.js";
import { NEW_ACCOUNT } from "./account-row.js";
import type { World } from "./world.js";

type Given = Parameters<typeof readForeignHash>[0];

/** Adds an account with a hash, as an import does. @param cost of its check (ms), in place of the estimated one */
export async function addImported(world: World, username: string, given: Given, cost?: number) {
  const hash = readForeignHash(given);
  if ("problem" in hash) throw new Error(hash.problem);
  await addStored(world, username, await hash.toStored(), cost ?? hash.cost);
}

/** Adds an account with what is stored as its hash, whatever it is. */
export async function addStored(
  world: World,
  username: string,
  passwordHash: string,
  cost: number | null = null,
) {
  const account = { ...NEW_ACCOUNT, id: `id-of-${username}`, username, passwordHash };
  if (!(await world.store.accounts.add(account, cost))) throw new Error(`${username} is taken.`);
}

export async function storedHash(world: World, username: string): Promise<string | undefined> {
  return (await world.store.accounts.byUsername(username))?.passwordHash;
}
