/**
 * Known browsers: those that have signed in to an account with both factors carry a signed device cookie, and have guesses
 * of their own (OWASP, "Slow down online guessing with device cookies"). So a stranger who hammers a name cannot keep its
 * owner out.
 */
import { type AuthContext, type Client, newId } from "./context.js";
import type { Account } from "./store.js";

const PURPOSE = "device cookie";

type Owner = Pick<Account, "id" | "epoch">;

/** Which known browser of this account it is: an id that names its pools; undefined for a stranger. */
export function knownBrowser(auth: AuthContext, owner: Owner, client: Client): string | undefined {
  for (const token of client.browserTokens) {
    const [accountId, browser, signature] = token.split(".");
    if (accountId !== owner.id || browser === undefined || signature === undefined) continue;
    if (auth.keys.isSigned(PURPOSE, signedText(owner, browser), signature)) return browser;
  }
  return undefined;
}

/** The device cookie for a browser that has just proved both factors: `account.browser.signature`. */
export function browserToken(auth: AuthContext, owner: Owner, client: Client): string {
  const browser = knownBrowser(auth, owner, client) ?? newId(auth.random);
  return `${owner.id}.${browser}.${auth.keys.sign(PURPOSE, signedText(owner, browser))}`;
}

/** The epoch makes every cookie from before a change of password or second factor worthless. */
function signedText({ id, epoch }: Owner, browser: string): string {
  return `${id} ${epoch} ${browser}`;
}
