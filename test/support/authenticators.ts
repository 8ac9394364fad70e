/** An account's authenticators, and how a session adds one. */
import { secretOn, type Visitor } from "./visitor.js";
import type { World } from "./world.js";

/** The page that adds an authenticator, or with `?replaces=ID` replaces one. */
export const NEW_AUTHENTICATOR = "/account/authenticators/new";

/** Opens the page that adds an authenticator, and returns the secret that it shows. @param query `?replaces=ID` to replace one */
export async function beginAuthenticator(visitor: Visitor, query = ""): Promise<string> {
  return secretOn((await visitor.get(`${NEW_AUTHENTICATOR}${query}`)).text);
}

/** Adds an authenticator in a session with a recent step-up, and returns its secret. @throws when it is refused */
export async function addAuthenticator(world: World, visitor: Visitor, query = ""): Promise<string> {
  const secret = await beginAuthenticator(visitor, query);
  const answer = await visitor.post(`${NEW_AUTHENTICATOR}${query}`, { otp: world.code(secret) });
  if (answer.headers.location !== "/account") throw new Error(`Adding failed with ${answer.status}.`);
  return secret;
}

/** The authenticators of an account, in the order of their numbers. */
export async function authenticatorsOf(world: World, username = "test") {
  const account = await world.store.accounts.byUsername(username);
  return world.store.authenticators.of(account?.id ?? "");
}
