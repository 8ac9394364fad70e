/**
 * Answers a code that was just refused and is sent again, as reloading the page does, with the same refusal, without evaluating
 * or counting it. Only within the same time step: the code of a phone whose clock is fast may be right in the next.
 * Tests: test/security/repeated-refusals.test.ts
 */
import { STANDARD_PARAMETERS, timeStep } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import type { Refusal } from "../refusal.js";
import type { Store } from "../store.js";

/** The form in which a code was typed: a refusal at one form does not answer another. */
export type CodeForm = "sign-in" | "step-up" | "set-up" | "recovery-codes";

export interface SentCode {
  /** The pending login or session whose form it was. */
  owner: {
    accountId: string;
    username: string;
    idHash: string;
    family: string;
    lastRefusal: string | undefined;
  };
  form: CodeForm;
  /** The code, without its spacing. */
  code: string;
  /** The time of the decision, in Unix milliseconds. */
  now: number;
}

/**
 * The stored JSON has the hash under `name`. Raise the number when the shape of a refusal changes: what another version stored
 * then matches no code.
 */
const PURPOSE = "refused code 1";

/** A keyed hash of a code, its form and the time step: the code may still become right, so a stolen database must not show it. */
function hashSentCode(auth: AuthContext, { owner, form, code, now }: SentCode): string {
  const step = timeStep(now / 1000, STANDARD_PARAMETERS.period);
  return auth.keyedHashes.of(PURPOSE, [owner.idHash, form, step, code].join("\n"));
}

/** The refusal that this code just got in this pending login or session; undefined for any other code. */
export function repeatedRefusal<R extends Refusal>(auth: AuthContext, sent: SentCode): R | undefined {
  const last = readRefusal<R>(sent.owner.lastRefusal);
  return last && last.codeHash === hashSentCode(auth, sent) ? last.refusal : undefined;
}

/**
 * How many codes were refused in this pending login or session until its row was read. Two refused at the same moment may count
 * as one.
 */
export function refusalsIn(owner: { lastRefusal: string | undefined }): number {
  return readRefusal(owner.lastRefusal)?.count ?? 0;
}

/** Undefined for what a newer version wrote in a form or with a reason that this one does not know: then the code is counted. */
function readRefusal<R extends Refusal>(
  text: string | undefined,
): { codeHash: unknown; refusal: R; count: number } | undefined {
  if (text === undefined) return undefined;
  try {
    const { name: codeHash, refusal, count } = JSON.parse(text, revive);
    if (!Object.hasOwn(REASONS, refusal.reason)) return undefined;
    // The version before wrote no count.
    return { codeHash, refusal, count: Number.isSafeInteger(count) && count > 0 ? count : 0 };
  } catch {
    return undefined;
  }
}

const REASONS = {
  wrong: true,
  used: true,
  "earlier-step": true,
  "later-step": true,
  "other-algorithm": true,
  "other-digits": true,
  "other-period": true,
  "counter-based": true,
  "earlier-qr": true,
  "other-authenticator": true,
  "set-up-elsewhere": true,
  "wrong-pair": true,
  typo: true,
  unknown: true,
  replaced: true,
} satisfies Record<Refusal["reason"], true>;

/** Remembers a refusal, in the transaction that records it. */
export async function noteRefusal(
  auth: AuthContext,
  store: Store,
  sent: SentCode,
  refusal: Refusal,
): Promise<void> {
  const count = refusalsIn(sent.owner) + 1;
  const text = JSON.stringify({ name: hashSentCode(auth, sent), refusal, count });
  await store.sessions.noteRefusal(sent.owner.idHash, text);
}

/** JSON has turned the dates of a refusal into strings. */
function revive(key: string, value: unknown): unknown {
  return key === "at" || key === "nextAt" ? new Date(String(value)) : value;
}
