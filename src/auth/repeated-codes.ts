/**
 * A code that was just refused, sent once more: reloading the page of a refusal does that. It gets the same answer without being
 * evaluated or counted, for as long as its time step lasts: later on the code of a fast phone may be right.
 * Tests: test/security/repeated-codes.test.ts
 */
import { AUTHENTICATOR_APP, timeStep } from "../otp/index.js";
import type { AuthContext } from "./context.js";
import type { Refusal } from "./refusal.js";
import type { PendingLogin, Session } from "./sessions.js";
import type { Store } from "./store.js";

/** Where a code was typed: a refusal at one form says nothing of another. */
export type CodeForm = "sign-in" | "step-up" | "set-up" | "recovery-codes";

export interface SentCode {
  /** Whose form it was. */
  owner: PendingLogin | Session;
  form: CodeForm;
  /** The code, the same however it was spaced. */
  code: string;
  /** When the decision on it began, in Unix milliseconds. */
  now: number;
}

/** To be raised when a refusal gets another shape: what another version has noted is then another code's, and is counted. */
const PURPOSE = "refused code 1";

/** Names a code at a form in this time step, keyed: what was typed may be right one day, and must not be read from a stolen database. */
function nameOf(auth: AuthContext, { owner, form, code, now }: SentCode): string {
  const step = timeStep(now / 1000, AUTHENTICATOR_APP.period);
  return auth.fingerprints.of(PURPOSE, [owner.idHash, form, step, code].join("\n"));
}

/** The refusal that this very code has just met in this pending login or session; undefined for any other code. */
export function repeatedRefusal<R extends Refusal>(auth: AuthContext, sent: SentCode): R | undefined {
  const { lastRefusal } = sent.owner;
  if (lastRefusal === undefined) return undefined;
  const { name, refusal }: { name: string; refusal: R } = JSON.parse(lastRefusal, revive);
  return name === nameOf(auth, sent) ? refusal : undefined;
}

/** Remembers a refusal, in the transaction that records it. */
export async function noteRefusal(
  auth: AuthContext,
  store: Store,
  sent: SentCode,
  refusal: Refusal,
): Promise<void> {
  const text = JSON.stringify({ name: nameOf(auth, sent), refusal });
  await store.sessions.noteRefusal(sent.owner.idHash, text);
}

/** JSON turns the two moments of a refusal into texts. */
function revive(key: string, value: unknown): unknown {
  return key === "at" || key === "nextAt" ? new Date(String(value)) : value;
}
