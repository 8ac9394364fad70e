/**
 * The current codes of the demo account, so that you can try Latchkey without a phone.
 * Tests: test/web/pages/dev-authenticator.test.ts, test/security/dev-authenticator.test.ts
 */
import { STANDARD_PARAMETERS, timeStep, totpAt } from "../../otp/index.js";
import { clockOf } from "../authenticators/authenticator-clock.js";
import { labelOf } from "../authenticators/authenticators.js";
import { isSpent } from "../authenticators/diagnosis.js";
import { openSecret, secretOf } from "../authenticators/secrets.js";
import type { AuthContext } from "../context.js";
import { isTooOld } from "../sign-in/enrolments.js";
import type { Account, Authenticator, LiveEnrolment } from "../store.js";
import { withStoppedClock } from "../transaction.js";
import { DEMO_ACCOUNT } from "./demo-account.js";

/** Codes, never secrets: only the set-up page shows a secret. */
export interface DemoCodes {
  /** When the next codes replace the present ones. */
  until: Date;
  /** The authenticators in the order in which they were set up, then the secrets that are being set up. */
  entries: DemoEntry[];
}

export interface DemoEntry {
  /** The authenticator's; undefined while it is being set up. */
  name: string | undefined;
  /** What the app shows beside the issuer. */
  label: string;
  present: DemoCode;
  /** The next one, which is accepted already: clocks differ (RFC 6238 §5.2). */
  next: DemoCode;
}

interface DemoCode {
  code: string;
  /** This code, or a later one, was accepted before, so it will be refused. */
  isSpent: boolean;
}

/**
 * Undefined without a demo account. A real account of that name shows no codes.
 * @throws SealError, StoreUnavailable
 */
export async function demoCodes(context: AuthContext): Promise<DemoCodes | undefined> {
  // One reading of the clock, for the codes and for how long they are valid.
  const auth = withStoppedClock(context);
  const account = await auth.store.accounts.byUsername(DEMO_ACCOUNT.username);
  if (!account?.isDemo) return undefined;
  const authenticators = await auth.store.authenticators.of(account.id);
  const enrolments = await beingSetUp(auth, account, authenticators);
  const step = timeStep(auth.clock() / 1000);
  return {
    until: new Date((step + 1) * STANDARD_PARAMETERS.period * 1000),
    entries: [
      ...authenticators.map((one) => ({
        name: one.name,
        label: labelOf(account.username, one),
        ...codesFrom(secretOf(auth, one), clockOf(auth, one).currentStep, one),
      })),
      ...enrolments.map((one) => ({
        name: undefined,
        label: labelOf(account.username, one),
        ...codesFrom(openSecret(auth, one), step),
      })),
    ],
  };
}

/** The secrets that a code can still confirm. */
async function beingSetUp(
  auth: AuthContext,
  account: Account,
  authenticators: Authenticator[],
): Promise<LiveEnrolment[]> {
  const now = auth.clock();
  const live = await auth.store.enrolments.live(account.id, now, now - auth.policy.sessionIdle);
  // Once another browser has set up the first authenticator, a pending login asks for codes of that one.
  const isSuperseded = (one: LiveEnrolment) => one.kind === "pending" && authenticators.length > 0;
  return live.filter((one) => !isSuperseded(one) && !isTooOld(auth, one.kind, one.createdAt));
}

function codesFrom(
  secret: Uint8Array,
  step: number,
  spent: Pick<Authenticator, "lastStep" | "spentFuture"> = { lastStep: -1 },
): Pick<DemoEntry, "present" | "next"> {
  const at = (which: number): DemoCode => ({
    code: totpAt(secret, which * STANDARD_PARAMETERS.period),
    isSpent: isSpent(spent, which),
  });
  return { present: at(step), next: at(step + 1) };
}
