/** Accounts as their owners see them. Tests: test/web/pages/account.test.ts, test/security/other-peoples-rows.test.ts */
import { type AuthenticatorView, authenticatorsOf } from "../authenticators/authenticators.js";
import type { AuthContext } from "../context.js";
import { type SheetView, sheetOf } from "../recovery/recovery-codes.js";
import { type SessionView, sessionsOf } from "../sessions/session-list.js";
import type { Session } from "../sessions/sessions.js";
import { type TrustedDeviceView, trustedDevicesOf } from "../sessions/trusted-devices.js";
import { type HistoryGroup, recentHistory } from "./history.js";

/** How the owner can get back in. */
export interface WaysBackIn {
  authenticators: AuthenticatorView[];
  /** The newest recovery codes; undefined where there never were any. */
  sheet: SheetView | undefined;
}

export interface AccountView extends WaysBackIn {
  username: string;
  memberSince: Date;
  lastSignInAt: Date | undefined;
  sessions: SessionView[];
  trustedDevices: TrustedDeviceView[];
  /** The newest lines of the history. */
  history: HistoryGroup[];
}

/** The owner's authenticators and recovery codes. @throws StoreUnavailable */
export async function waysBackIn(auth: AuthContext, session: Session): Promise<WaysBackIn> {
  return {
    authenticators: await authenticatorsOf(auth, session),
    sheet: await sheetOf(auth.store, session.accountId),
  };
}

/** What the account page shows; undefined when the account was removed meanwhile. */
export async function accountOf(auth: AuthContext, session: Session): Promise<AccountView | undefined> {
  const account = await auth.store.accounts.byId(session.accountId);
  if (!account) return undefined;
  return {
    username: account.username,
    memberSince: new Date(account.createdAt),
    lastSignInAt: account.lastSignInAt === null ? undefined : new Date(account.lastSignInAt),
    ...(await waysBackIn(auth, session)),
    sessions: await sessionsOf(auth, session),
    trustedDevices: await trustedDevicesOf(auth, account.id),
    history: await recentHistory(auth, account.id),
  };
}
