/**
 * One-time links: made for an operator or a host app, looked up by their token, used at most once.
 * Tests: test/web/pages/link.test.ts, test/security/links-guessed.test.ts, test/security/links-revoked.test.ts
 */
import type { AuthContext } from "../context.js";
import type { LinkPurpose } from "../events.js";
import { isHosts } from "../passwords/own-password.js";
import { MAX_LINKS, TRIM_BATCH } from "../policy.js";
import type { Account, Link, Store } from "../store.js";

const PURPOSE = "link";

/** 256 random bits, in base64url. */
const WELL_FORMED = /^[\w-]{43}$/;

/** A new link: its token, which is stored nowhere, and when it expires. */
export interface MadeLink {
  token: string;
  expiresAt: Date;
}

/** Makes a link in the transaction that has locked the account, and ends the one before. */
export async function makeLink(
  auth: AuthContext,
  store: Store,
  account: Account,
  purpose: LinkPurpose,
): Promise<MadeLink> {
  const now = auth.clock();
  const token = Buffer.from(auth.random(32)).toString("base64url");
  const expiresAt = now + auth.policy.invitation;
  await store.links.endAll(account.id, now);
  await store.links.trim(account.id, MAX_LINKS - 1, TRIM_BATCH);
  await store.links.add({
    tokenHash: hashesOf(auth, token)[0],
    accountId: account.id,
    kind: purpose,
    createdAt: now,
    expiresAt,
    usedAt: null,
    endedAt: null,
  });
  return { token, expiresAt: new Date(expiresAt) };
}

/** Why a link does not open; `unknown`: no link has this token, or none any more. */
export type ClosedLink = "used" | "ended" | "expired" | "unknown";

export type LinkState =
  | { state: "open"; purpose: LinkPurpose; account: Account }
  /** A closed link tells nothing about its account. */
  | { state: ClosedLink };

/** What a token stands for now; changes nothing. The length is checked before anything is looked up. @throws StoreUnavailable */
export async function readLink(auth: AuthContext, token: string, store = auth.store): Promise<LinkState> {
  const link = await findLink(auth, store, token);
  if (!link) return { state: "unknown" };
  const state = stateOf(link, auth.clock());
  if (state !== "open") return { state };
  const account = await store.accounts.byId(link.accountId);
  // A purpose that only a newer version knows opens nothing.
  if (!account || !opensByLink(auth, account) || !isPurpose(link.kind)) return { state: "ended" };
  return { state, purpose: link.kind, account };
}

async function findLink(auth: AuthContext, store: Store, token: string): Promise<Link | undefined> {
  return WELL_FORMED.test(token) ? store.links.find(hashesOf(auth, token)) : undefined;
}

/** A closed account does not open, nor one that has become the host's meanwhile; where the host app checks all passwords, none does. */
export function opensByLink({ users }: AuthContext, account: Account): boolean {
  return !users && account.disabledAt === null && !isHosts(account);
}

function stateOf({ usedAt, endedAt, expiresAt }: Link, now: number): "open" | ClosedLink {
  if (usedAt !== null) return "used";
  if (endedAt !== null) return "ended";
  return now < expiresAt ? "open" : "expired";
}

function isPurpose(kind: string): kind is LinkPurpose {
  return kind === "invitation" || kind === "password" || kind === "reset";
}

/** Uses a link, in the transaction that has locked its account; false when it does not open any more. */
export function spendLink(
  auth: AuthContext,
  store: Store,
  account: Account,
  token: string,
): Promise<boolean> {
  return store.links.use(account.id, hashesOf(auth, token), auth.clock());
}

/**
 * The HMACs of a token under APP_SECRETS, newest key first, by which its row is found. A stolen database yields no link, and
 * dropping a key voids its links: those in a restored backup too, which were used since.
 */
function hashesOf({ keys }: AuthContext, token: string): [string, ...string[]] {
  return keys.signatures(PURPOSE, token);
}
