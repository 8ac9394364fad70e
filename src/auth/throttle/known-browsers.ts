/**
 * Known browsers: a browser that has signed in with both factors carries a signed device cookie and has a throttle pool of its own
 * (OWASP, "Slow down online guessing with device cookies"). So a stranger's guesses cannot lock the owner out.
 * Tests: test/security/known-browsers.test.ts
 */
import { type AuthContext, type Client, newId } from "../context.js";
import { nameForThrottle } from "../passwords/host-check.js";
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
  name: { typed: string } | { countedAs: string },
  client: Client,
): Promise<KnownBrowser | undefined> {
  const ids = new Set(client.knownBrowserCookies.map((token) => token.split(".", 1)[0] ?? ""));
  let found: KnownBrowser | undefined;
  for (const id of ids) {
    const account = await auth.store.accounts.byId(id);
    if (!account || !isOpenTo(account, client)) continue;
    const browser = knownBrowser(auth, account, client);
    if (browser === undefined || !isNamed(auth, account, browser, name)) continue;
    found = { owner: { accountId: account.id, username: account.username }, browser };
  }
  return found;
}

/**
 * Whether the typed name is the account's. Where a host app checks passwords only the host knows that, and the pool is chosen before
 * it is asked: there the browser is known by the name that its owner typed at the last sign-in. So a known browser has guesses of its
 * own at that name alone, and at everybody else's it is a stranger.
 */
function isNamed(
  auth: AuthContext,
  account: Account,
  browser: string,
  name: { typed: string } | { countedAs: string },
): boolean {
  if ("typed" in name) return parseUsername(name.typed) === account.username;
  return browser.slice(ID_LENGTH) === nameTag(auth, account, browser, name.countedAs);
}

/** Of what `newId` makes. */
const ID_LENGTH = 22;

/** Stands for a typed name in a browser's id; 128 bits, which nobody without the key can compute or read back. */
function nameTag({ keyedHashes }: AuthContext, { id }: Owner, browser: string, countedAs: string): string {
  return keyedHashes
    .of("device cookie name", `${id} ${browser.slice(0, ID_LENGTH)} ${countedAs}`)
    .slice(0, ID_LENGTH);
}

/** Whether this client may sign in to the account at all: the demo account may be for direct requests only. */
export function isOpenTo(account: Pick<Account, "isDemo">, client: Client): boolean {
  return !account.isDemo || client.mayUseDemo;
}

/**
 * The device cookie for a browser that has just proved both factors: `account.browser.signature`.
 * @param loginName what was typed as the name, where a host app checks passwords
 */
export function knownBrowserCookie(
  auth: AuthContext,
  owner: Owner,
  client: Client,
  loginName?: string,
): string {
  const known = knownBrowser(auth, owner, client) ?? newId(auth.random);
  const countedAs =
    auth.users && loginName !== undefined ? nameForThrottle(auth.users, loginName) : undefined;
  const browser =
    countedAs === undefined ? known : known.slice(0, ID_LENGTH) + nameTag(auth, owner, known, countedAs);
  return `${owner.id}.${browser}.${auth.keys.sign(PURPOSE, signedText(owner, browser))}`;
}

/** The credential version voids every cookie from before a change of the password or the second factor. */
function signedText({ id, credentialVersion }: Owner, browser: string): string {
  return `${id} ${credentialVersion} ${browser}`;
}
