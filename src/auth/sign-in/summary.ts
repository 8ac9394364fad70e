/**
 * The summary after a sign-in: when the last one was, and what was refused since.
 * Tests: test/web/pages/after-sign-in.test.ts, test/security/unfinished-logins.test.ts
 */
import type { AuthContext } from "../context.js";
import type { SecurityEventType } from "../events.js";
import { sheetOf } from "../recovery/recovery-codes.js";
import type { PendingLogin } from "../sessions/sessions.js";
import type { Account, Store } from "../store.js";
import { refusalsIn } from "../throttle/repeated-refusals.js";
import { UNFINISHED } from "./unfinished-logins.js";

export interface SignInSummary extends RefusalCounts {
  firstFactor: "password" | "host";
  /** Undefined the first time. */
  lastSignInAt: Date | undefined;
  recoveryCodesLeft: number;
}

/** Records the sign-in, and returns what came before it. @param login the pending login that it completes */
export async function recordSignIn(
  auth: AuthContext,
  store: Store,
  account: Account,
  firstFactor: SignInSummary["firstFactor"],
  login?: PendingLogin,
): Promise<SignInSummary> {
  const { id, lastSignInAt } = account;
  const { refusals, unfinished } = await troublesSince(store, id, lastSignInAt ?? 0);
  await store.accounts.noteSignIn(id, auth.clock());
  return {
    firstFactor,
    lastSignInAt: lastSignInAt === null ? undefined : new Date(lastSignInAt),
    refusals: Math.max(0, refusals - ownSlips(login, lastSignInAt ?? 0)),
    unfinished,
    recoveryCodesLeft: (await sheetOf(store, id))?.left ?? 0,
  };
}

/**
 * Codes refused in this very sign-in are no news to the person who has just mistyped them. If another sign-in was completed after
 * it began, nobody knows which of them came later: then all count.
 */
function ownSlips(login: PendingLogin | undefined, lastSignInAt: number): number {
  return login && login.startedAt > lastSignInAt ? refusalsIn(login) : 0;
}

const REFUSALS: readonly SecurityEventType[] = ["password-refused", "code-refused", "recovery-code-refused"];

/** How many problems the history has after a moment. */
export interface RefusalCounts {
  /** Refused attempts, the owner's own mistakes at other times included. */
  refusals: number;
  /** Right passwords from unknown browsers without a second step. */
  unfinished: number;
}

export async function troublesSince(store: Store, accountId: string, after: number): Promise<RefusalCounts> {
  const counts = await store.history.countSince(accountId, [...REFUSALS, UNFINISHED], after);
  const sum = (types: readonly string[]) => types.reduce((total, type) => total + (counts.get(type) ?? 0), 0);
  return { refusals: sum(REFUSALS), unfinished: sum([UNFINISHED]) };
}
