/**
 * Known browsers: a browser that has signed in with both factors carries a signed device cookie and has a throttle pool of its own
 * (OWASP, "Slow down online guessing with device cookies"). So a stranger's guesses cannot lock the owner out.
 * Tests: test/security/known-browsers.test.ts
 */
import { type AuthContext, type Client, newId } from "../context.js";
import { parseUsername } from "../passwords/username.js";
import type { Account } from "../store.js";

const PURPOSE = "device cookie";

type Owner = Pick<Account, "id" | "credentialVersion">;

/** The id of this known browser, which names its pools; undefined for a stranger. */
export function knownBrowser(auth: AuthContext, owner: Owner, client: Client): string | undefined {
  for (const token of client.knownBrowserCookies) {
    const [accountId, browser, signature] = token.split(".");
    if (accountId !== owner.id || browser === undefined || signature === undefined) continue;
    if (auth.keys.isSigned(PURPOSE, signedText(owner, browser), signature)) return browser;
  }
  return undefined;
}

export interface KnownBrowser {
  owner: { accountId: string; username: string };
  /** Names this browser's throttle pools. */
  browser: string;
}

/**
 * The account of the typed name, if this browser is known to it. Looks accounts up by the ids in the device cookie, never by the
 * name, so that the cost does not depend on the name (prevents account enumeration). @throws StoreUnavailable
 */
export async function findKnownBrowser(
  auth: AuthContext,
  typed: string,
  client: Client,
): Promise<KnownBrowser | undefined> {
  const username = parseUsername(typed);
  const ids = new Set(client.knownBrowserCookies.map((token) => token.split(".", 1)[0] ?? ""));
  let found: KnownBrowser | undefined;
  for (const id of ids) {
    const account = await auth.store.accounts.byId(id);
    if (!account || account.username !== username || !isOpenTo(account, client)) continue;
    const browser = knownBrowser(auth, account, client);
    if (browser !== undefined) found = { owner: { accountId: account.id, username }, browser };
  }
  return found;
}

/** Whether this client may sign in to the account at all: the demo account may be for direct requests only. */
export function isOpenTo(account: Pick<Account, "isDemo">, client: Client): boolean {
  return !account.isDemo || client.mayUseDemo;
}

/** The device cookie for a browser that has just proved both factors: `account.browser.signature`. */
export function knownBrowserCookie(auth: AuthContext, owner: Owner, client: Client): string {
  const browser = knownBrowser(auth, owner, client) ?? newId(auth.random);
  return `${owner.id}.${browser}.${auth.keys.sign(PURPOSE, signedText(owner, browser))}`;
}

/** The credential version voids every cookie from before a change of the password or the second factor. */
function signedText({ id, credentialVersion }: Owner, browser: string): string {
  return `${id} ${credentialVersion} ${browser}`;
}
