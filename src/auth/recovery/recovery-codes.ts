/**
 * Recovery codes: a set (sheet) of one-use codes for a lost authenticator. A newer sheet replaces the older one.
 * Tests: test/security/recovery-codes.test.ts, test/security/guessing-recovery-codes.test.ts
 */
import { createHash } from "node:crypto";
import { type AuthContext, aboutOf, type Client } from "../context.js";
import type { RecoveryCodeRefusal } from "../events.js";
import { RECOVERY_CODES } from "../policy.js";
import { inSession, isSteppedUp } from "../sessions/in-session.js";
import type { Session } from "../sessions/sessions.js";
import type { RecoveryCode, Store } from "../store.js";
import { reserveCodeAttempt } from "../throttle/code-attempts.js";
import { type NewSheet, showCodes } from "./codes-on-show.js";
import { type NotACode, notACode } from "./not-a-code.js";
import {
  formatRecoveryCode,
  RECOVERY_CODE_BYTES,
  readRecoveryCode,
  recoveryCodeFrom,
} from "./recovery-code.js";

export interface SheetView {
  number: number;
  createdAt: Date;
  /** When one of its codes was typed back. */
  provedAt: Date | undefined;
  /** How many of its codes still work. */
  left: number;
}

/** The account's newest sheet. */
export async function sheetOf(store: Store, accountId: string): Promise<SheetView | undefined> {
  const sheet = await store.recoveryCodes.sheetOf(accountId);
  if (!sheet) return undefined;
  const { number, createdAt, provedAt, left } = sheet;
  return {
    number,
    left,
    createdAt: new Date(createdAt),
    provedAt: provedAt === null ? undefined : new Date(provedAt),
  };
}

/** Makes the account's next sheet and ends the codes before it, in a transaction that has locked the account. */
export async function makeSheet(auth: AuthContext, store: Store, accountId: string): Promise<NewSheet> {
  const now = auth.clock();
  const number = ((await store.recoveryCodes.sheetOf(accountId))?.number ?? 0) + 1;
  const codes = Array.from({ length: RECOVERY_CODES }, () =>
    recoveryCodeFrom(auth.random(RECOVERY_CODE_BYTES)),
  );
  const hashes = codes.map((code) => hashRecoveryCode(accountId, code));
  await store.recoveryCodes.endAll(accountId, now);
  await store.recoveryCodes.addSheet({ accountId, number, createdAt: now, provedAt: null }, hashes);
  // The previous sheet stays, without working codes, so that a code typed from it can be recognised.
  await store.recoveryCodes.forgetBefore(accountId, number - 1);
  await store.recoveryCodes.hide(accountId);
  return { number, createdAt: new Date(now), codes: codes.map(formatRecoveryCode) };
}

export type NewRecoveryCodes =
  | { outcome: "made" }
  /** The form was sent before. */
  | { outcome: "made-before" }
  /** A step-up is needed first, or the session has ended. */
  | { outcome: "confirm-again" };

/** Makes the sheet with this number, once: the number is the form's one-time id. */
export function newRecoveryCodes(
  auth: AuthContext,
  session: Session,
  number: number,
  client: Client,
): Promise<NewRecoveryCodes> {
  const { accountId } = session;
  const confirmAgain: NewRecoveryCodes = { outcome: "confirm-again" };
  return inSession(auth, session, confirmAgain, async (on): Promise<NewRecoveryCodes> => {
    const { auth, store, record } = on;
    const newest = await sheetOf(store, accountId);
    // The answer to a form that was sent before needs no step-up.
    if (newest && number !== newest.number + 1) return { outcome: "made-before" };
    if (!(await isSteppedUp(on, session))) return confirmAgain;
    const sheet = await makeSheet(auth, store, accountId);
    await showCodes(auth, store, session, { sheet, next: undefined, isFirst: false });
    await record({
      type: "recovery-codes-made",
      subject: String(sheet.number),
      ...aboutOf(session, client),
    });
    return { outcome: "made" };
  });
}

export interface RefusedRecoveryCode {
  reason: RecoveryCodeRefusal;
  /** When it was used, or when its sheet was replaced. */
  at?: Date;
}

export type UsedRecoveryCode = {
  /** Its sheet, and its position there, from 1. */
  sheet: number;
  position: number;
  /** How many are left. */
  left: number;
};

/** Spends a recovery code of this account: one conditional write, so that of many requests at once only one succeeds. */
export async function spendRecoveryCode(
  auth: AuthContext,
  store: Store,
  accountId: string,
  code: string | "typo",
): Promise<UsedRecoveryCode | RefusedRecoveryCode> {
  if (code === "typo") return { reason: "typo" };
  const hash = hashRecoveryCode(accountId, code);
  const used = await store.recoveryCodes.use(accountId, hash, auth.clock());
  if (!used) return recoveryCodeRefusal(await store.recoveryCodes.find(accountId, hash));
  // Signing in with one of its codes proves that the sheet exists.
  await store.recoveryCodes.prove(accountId, used.sheet, auth.clock());
  await store.recoveryCodes.hide(accountId);
  const left = (await store.recoveryCodes.sheetOf(accountId))?.left ?? 0;
  return { sheet: used.sheet, position: used.position, left };
}

function recoveryCodeRefusal(code: RecoveryCode | undefined): RefusedRecoveryCode {
  if (code && code.usedAt !== null) return { reason: "used", at: new Date(code.usedAt) };
  if (code && code.endedAt !== null) return { reason: "replaced", at: new Date(code.endedAt) };
  return { reason: "unknown" };
}

type SheetRefused = { outcome: "recovery-code-refused" } & RefusedRecoveryCode;

export type ProveSheet =
  | { outcome: "proved"; sheet: number }
  | NotACode
  | SheetRefused
  | { outcome: "locked" }
  | { outcome: "expired" };

/**
 * Checks a code that the owner typed back, which proves that the sheet exists. It spends nothing, and counts like any other
 * guess.
 */
export async function proveSheet(
  auth: AuthContext,
  session: Session,
  typed: string,
  client: Client,
): Promise<ProveSheet> {
  const read = readRecoveryCode(typed);
  if (read === undefined) return notACode({ recoveryCode: typed });
  const sent = { owner: session, form: "recovery-codes", code: read === "typo" ? typed : read.code } as const;
  const reserved = await reserveCodeAttempt<SheetRefused>(auth, sent, client);
  if (reserved.outcome === "repeated") return reserved.refusal;
  if (reserved.outcome !== "allowed") return reserved;
  const { accountId } = session;
  const about = aboutOf(session, client);
  const expired: ProveSheet = { outcome: "expired" };
  const result = await inSession(
    auth,
    session,
    expired,
    async ({ auth, store, record }): Promise<ProveSheet> => {
      const code =
        read === "typo"
          ? undefined
          : await store.recoveryCodes.find(accountId, hashRecoveryCode(accountId, read.code));
      if (!code || code.usedAt !== null || code.endedAt !== null) {
        const refused = read === "typo" ? { reason: "typo" as const } : recoveryCodeRefusal(code);
        await record({ type: "recovery-code-refused", reason: refused.reason, ...about });
        const refusal = { outcome: "recovery-code-refused", ...refused } as const;
        await reserved.attempt.rememberRefusal(store, refusal);
        return refusal;
      }
      if (await store.recoveryCodes.prove(accountId, code.sheet, auth.clock())) {
        await record({ type: "recovery-codes-proved", subject: String(code.sheet), ...about });
      }
      await store.recoveryCodes.hide(accountId);
      await reserved.attempt.clear(store);
      return { outcome: "proved", sheet: code.sheet };
    },
  );
  if (result.outcome === "expired") await reserved.attempt.refund();
  return result;
}

/** The account's random id is the salt: a code means nothing to another account. */
export function hashRecoveryCode(accountId: string, code: string): string {
  return createHash("sha256").update(`recovery code ${accountId} ${code}`).digest("base64url");
}
