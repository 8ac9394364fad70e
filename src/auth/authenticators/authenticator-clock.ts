/**
 * The clock of an authenticator: which time step it shows now, by the server's clock and, with RESYNC=on, its remembered drift.
 * Tests: test/security/resync-drift.test.ts, test/security/clock-ahead.test.ts
 */
import { STANDARD_PARAMETERS, timeStep } from "../../otp/index.js";
import type { AuthContext } from "../context.js";
import { SEARCH_STEPS } from "../policy.js";
import type { Authenticator } from "../store.js";

/** An authenticator's clock, as far as we know it. */
interface AuthenticatorClock {
  /** The time step that it presumably shows now. */
  currentStep: number;
  /** The drift to remember once a code has shown `seen` seconds; null for none. */
  driftAfter(seen: number): number | null;
}

/** The server's clock, moved by the remembered drift with RESYNC=on. */
export function clockOf(
  auth: AuthContext,
  { driftSeconds }: Pick<Authenticator, "driftSeconds">,
): AuthenticatorClock {
  const server = timeStep(auth.clock() / 1000);
  // Without RESYNC a code must be right by our own clock, and a drift remembered from before is out of date.
  if (!auth.policy.resync || driftSeconds === null) return { currentStep: server, driftAfter: () => null };
  return {
    currentStep: server + Math.round(driftSeconds / STANDARD_PARAMETERS.period),
    driftAfter: (seen) => nextDrift(driftSeconds, seen),
  };
}

/**
 * A clock that was off goes on drifting, so the remembered drift moves half of the way to the drift just seen (RFC 6238 §6). With
 * more, one code typed late would move the window; with less, bad clocks would get lost. It stays within the distance that two
 * codes in a row are searched, or nothing would find such a clock again.
 */
function nextDrift(remembered: number, seen: number): number {
  const next = remembered + Math.round((seen - remembered) / 2);
  const max = SEARCH_STEPS * STANDARD_PARAMETERS.period;
  return Math.min(Math.max(next, -max), max);
}
