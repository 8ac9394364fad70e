/** The authenticators on the account page: their ids, and how a session adds or replaces one. */

import { rowsUnder } from "./page-text.js";
import type { Visitor } from "./visitor.js";
import { secretOn } from "./visitor.js";
import type { World } from "./world.js";

/** The page that adds an authenticator, or replaces one with `?replaces=ID`. */
export const NEW_AUTHENTICATOR = "/account/authenticators/new";

/** The ids of the authenticators, in the order of the account page. */
export async function authenticatorIds(visitor: Visitor): Promise<string[]> {
  const { text } = await visitor.get("/account");
  return [...text.matchAll(/[?]rename=([\w-]+)"/g)].map(([, id = ""]) => id);
}

/** The words of their rows; the password stands above them, and the recovery codes below. */
export async function appRows(visitor: Visitor): Promise<string[]> {
  const { text } = await visitor.get("/account");
  return rowsUnder("authenticators", text)
    .map(({ words }) => words)
    .slice(1, -1);
}

/** The page that replaces the first authenticator. */
export async function replacingFirst(visitor: Visitor): Promise<string> {
  const [id = ""] = await authenticatorIds(visitor);
  return `${NEW_AUTHENTICATOR}?replaces=${id}`;
}

/** Adds an authenticator, or replaces one, and answers with the new secret. The session needs a recent step-up. */
export async function addAuthenticator(
  world: World,
  visitor: Visitor,
  name = "",
  address = NEW_AUTHENTICATOR,
): Promise<string> {
  const secret = secretOn((await visitor.get(address)).text);
  const answer = await visitor.post(address, { name, otp: world.code(secret) });
  if (answer.status !== 303) throw new Error(`Adding ${name} failed with ${answer.status}.`);
  return secret;
}

/** Signs a new browser in with this code of the demo account: the status of the answer. */
export async function statusWith(world: World, code: string): Promise<number> {
  const browser = world.visitor();
  await browser.password();
  return (await browser.code(code)).status;
}
