/**
 * Trusted devices: browsers whose token stands for the second factor until it expires or is forgotten.
 * Tests: test/security/trusted-device.test.ts, test/security/trusted-browser.test.ts
 */
import { type AuthContext, aboutOf, type Client, deviceOf, newId } from "../context.js";
import { MAX_TRUSTED_DEVICES, TRIM_BATCH } from "../policy.js";
import type { Store } from "../store.js";
import { inSession } from "./in-session.js";
import type { Session } from "./sessions.js";

const PURPOSE = "trusted device";

/** Trusts this browser. @returns its token, `account.random`, which is stored nowhere */
export async function trustDevice(
  auth: AuthContext,
  store: Store,
  accountId: string,
  client: Client,
): Promise<string> {
  const now = auth.clock();
  // One token for each account and browser: an older one would stay valid for anyone who copied it.
  for (const token of tokensFor(accountId, client)) {
    await store.trustedDevices.forgetToken(accountId, hashTrustedTokens(auth, token));
  }
  await store.trustedDevices.trim(accountId, MAX_TRUSTED_DEVICES - 1, TRIM_BATCH);
  const token = `${accountId}.${Buffer.from(auth.random(32)).toString("base64url")}`;
  await store.trustedDevices.add({
    id: newId(auth.random),
    accountId,
    tokenHash: hashTrustedTokens(auth, token)[0],
    device: deviceOf(client),
    address: client.address,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + auth.policy.trustedDevice,
  });
  return token;
}

/** Whether the browser holds a token for this account at all. */
export function holdsToken(auth: AuthContext, accountId: string, client: Client): boolean {
  return auth.policy.trustedDevice > 0 && tokensFor(accountId, client).length > 0;
}

/** Notes the use of the browser's token for this account; false without a valid one. */
export async function useTrustedDevice(
  auth: AuthContext,
  store: Store,
  accountId: string,
  client: Client,
): Promise<boolean> {
  if (auth.policy.trustedDevice === 0) return false;
  for (const token of tokensFor(accountId, client)) {
    if (await store.trustedDevices.use(accountId, hashTrustedTokens(auth, token), auth.clock())) return true;
  }
  return false;
}

export interface TrustedDeviceView {
  id: string;
  /** A User-Agent. */
  device: string;
  address: string;
  since: Date;
  lastUsedAt: Date;
  until: Date;
}

export async function trustedDevicesOf(auth: AuthContext, accountId: string): Promise<TrustedDeviceView[]> {
  // When trusted devices are off, none counts, so none is shown.
  if (auth.policy.trustedDevice === 0) return [];
  const devices = await auth.store.trustedDevices.of(accountId, auth.clock(), MAX_TRUSTED_DEVICES);
  return devices.map(({ id, device, address, createdAt, lastUsedAt, expiresAt }) => ({
    id,
    device,
    address,
    since: new Date(createdAt),
    lastUsedAt: new Date(lastUsedAt),
    until: new Date(expiresAt),
  }));
}

type ForgetDevice = { outcome: "forgotten" | "unknown" | "expired" };

/** Revokes the token of one of the owner's trusted devices. */
export function forgetTrustedDevice(
  auth: AuthContext,
  session: Session,
  id: string,
  client: Client,
): Promise<ForgetDevice> {
  const expired: ForgetDevice = { outcome: "expired" };
  return inSession(auth, session, expired, async ({ store, record }) => {
    if (!(await store.trustedDevices.forget(session.accountId, id))) return { outcome: "unknown" };
    await record({ type: "trusted-device-forgotten", ...aboutOf(session, client) });
    return { outcome: "forgotten" };
  });
}

function tokensFor(accountId: string, client: Client): string[] {
  return client.trustedTokens.filter((token) => token.startsWith(`${accountId}.`));
}

/**
 * The HMACs of a token under APP_SECRETS, newest key first, by which its row is found. 256 random bits need no slow hash, and
 * dropping a key voids its tokens like every other cookie.
 */
function hashTrustedTokens({ keys }: AuthContext, token: string): [string, ...string[]] {
  return keys.signatures(PURPOSE, token);
}
