/** Why a code was refused, limited to what may be revealed. Pure: no clock, no storage, no account. */
import {
  type Algorithm,
  matchingCounter,
  matchingStep,
  matchingSteps,
  STANDARD_PARAMETERS,
  type TotpParameters,
  timeStep,
  totpAt,
} from "../../otp/index.js";
import { SEARCH_STEPS, WINDOW_STEPS } from "../policy.js";
import type { Authenticator } from "../store.js";

export type Diagnosis =
  /** Nothing is known about it, or nothing may be revealed. */
  | { reason: "wrong" }
  /**
   * It, or a later one of the same app, was accepted before. If the app still shows it, the next good one comes at `nextAt`;
   * undefined when that is more than a minute away.
   */
  | { reason: "used"; nextAt: Date | undefined }
  /** Right, but for this many seconds ago: the app's clock is behind, or the code was typed late. */
  | { reason: "earlier-step"; seconds: number }
  | WhileSettingUp
  /** Another browser finished the set-up first; the code may be from the secret that this one showed. */
  | { reason: "set-up-elsewhere" }
  /** For two codes in a row; does not reveal which of them was wrong. */
  | { reason: "wrong-pair" };

/** A code that was not accepted, and why. */
export type CodeRefused = { outcome: "code-refused" } & Diagnosis;

/** Revealed only to someone who holds the secret: it is on their screen, or an argument of their command. */
type WhileSettingUp =
  /** Right, but for this many seconds from now: the clock that made it is ahead. */
  | { reason: "later-step"; seconds: number }
  /** The app ignores what the QR code says, and computes with this instead. */
  | { reason: "other-algorithm"; algorithm: Algorithm }
  | { reason: "other-digits"; digits: number }
  | { reason: "other-period"; period: number }
  /** The entry counts codes (HOTP, RFC 4226) instead of following the time. */
  | { reason: "counter-based"; counter: number }
  /** From a secret that was shown earlier, in this browser or another, and never confirmed. */
  | { reason: "earlier-qr"; label: string }
  | { reason: "other-authenticator"; name: string };

/** The clock of an authenticator, and which steps are spent; a step is RFC 6238's T. */
interface ClockState extends Spent {
  /** The server's time, in Unix milliseconds. */
  now: number;
  /** The step that its clock is taken to show now: the server's, moved by the drift that is remembered. */
  currentStep: number;
}

type Spent = Pick<Authenticator, "lastStep" | "spentFuture">;

/**
 * Whether a step was, or may have been, accepted before: every step up to the last one, and those accepted while our clock ran
 * ahead.
 */
export function isSpent({ lastStep, spentFuture }: Spent, step: number): boolean {
  return (
    step <= lastStep || (spentFuture !== undefined && spentFuture.from <= step && step <= spentFuture.to)
  );
}

/**
 * What sign-in and step-up may reveal about a refused code that is right for `steps` (of SEARCH_STEPS either side of now). A
 * match with a future step is an ordinary refusal: revealing it would give a guesser a code to wait for. A match with a past step
 * is revealed: it is never accepted again, because the window does not move back (RFC 6238 §5.2, ASVS 5.0 6.5.1).
 */
export function diagnoseAtSignIn(steps: readonly number[], state: ClockState): Diagnosis {
  const { now, currentStep } = state;
  const used = steps.find((step) => isSpent(state, step));
  if (used !== undefined) return { reason: "used", nextAt: nextCodeAt(used, state) };
  const step = steps.find((step) => step < currentStep - WINDOW_STEPS);
  const seconds = step === undefined ? 0 : secondsBetween(step, now);
  return seconds > 0 ? { reason: "earlier-step", seconds } : { reason: "wrong" };
}

/**
 * The longest wait that a refusal asks for. A longer one would mean that the app shows another code by now, or that a clock was
 * wrong.
 */
const MAX_WAIT_MS = 60_000;

/** When an app that now shows the code of a spent step will show the first code that is not spent. */
function nextCodeAt(spent: number, state: ClockState): Date | undefined {
  const { now, lastStep, spentFuture } = state;
  let next = Math.max(spent, lastStep) + 1;
  if (spentFuture && isSpent(state, next)) next = spentFuture.to + 1;
  const at = (timeStep(now / 1000) + next - spent) * STANDARD_PARAMETERS.period * 1000;
  return at - now > MAX_WAIT_MS ? undefined : new Date(at);
}

/** The drift that a diagnosis implies, as driftInSeconds gives it; undefined where the app is only in another time zone. */
export function driftOf(diagnosis: Diagnosis, now: number): number | undefined {
  if (diagnosis.reason !== "earlier-step" && diagnosis.reason !== "later-step") return undefined;
  const steps = diagnosis.seconds / STANDARD_PARAMETERS.period;
  if (steps > SEARCH_STEPS) return undefined;
  const present = timeStep(now / 1000);
  return driftInSeconds(diagnosis.reason === "later-step" ? present + steps : present - steps, now);
}

function secondsBetween(step: number, now: number): number {
  return (timeStep(now / 1000) - step) * STANDARD_PARAMETERS.period;
}

/** How far an app's clock is ahead of ours, in seconds, if it shows the code of this step now; the error is half a step. */
export function driftInSeconds(step: number, now: number): number {
  return (step + 0.5) * STANDARD_PARAMETERS.period - now / 1000;
}

/**
 * What is wrong with a code for someone who holds the secret: while setting up, and on the command line. `code` is bare
 * digits, `unixSeconds` the server's time, `parameters` what the app should compute with. Undefined for a right code.
 */
export function diagnose(
  secret: Uint8Array,
  code: string,
  unixSeconds: number,
  parameters: TotpParameters = STANDARD_PARAMETERS,
): Diagnosis | undefined {
  const sample: Sample = { secret, code, unixSeconds };
  if (isRight(sample, parameters)) return undefined;
  return (
    clockOff(sample, parameters) ??
    otherDigits(sample, parameters) ??
    otherSetting(sample, parameters) ??
    counterBased(sample, parameters) ??
    otherZone(sample, parameters) ?? { reason: "wrong" }
  );
}

/** A code, the secret that it should belong to, and the server's time. */
interface Sample {
  secret: Uint8Array;
  code: string;
  unixSeconds: number;
}

function isRight({ secret, code, unixSeconds }: Sample, parameters: TotpParameters): boolean {
  return matchingStep(secret, code, unixSeconds, WINDOW_STEPS, parameters) !== undefined;
}

/** The code of another time step. */
function clockOff({ secret, code, unixSeconds }: Sample, parameters: TotpParameters): Diagnosis | undefined {
  const present = timeStep(unixSeconds, parameters.period);
  const steps = matchingSteps(secret, code, unixSeconds, SEARCH_STEPS, parameters);
  // Should several match, the likeliest is the nearest.
  const [step] = steps.sort((a, b) => Math.abs(a - present) - Math.abs(b - present));
  return step === undefined ? undefined : offBy((step - present) * parameters.period);
}

function offBy(seconds: number): Diagnosis {
  return seconds < 0 ? { reason: "earlier-step", seconds: -seconds } : { reason: "later-step", seconds };
}

const ALGORITHMS: readonly Algorithm[] = ["SHA1", "SHA256", "SHA512"];
const DIGITS: readonly TotpParameters["digits"][] = [6, 7, 8];
const PERIODS: readonly number[] = [30, 60];

/** The right code with another number of digits. */
export function otherDigits(sample: Sample, parameters: TotpParameters): Diagnosis | undefined {
  const digits = DIGITS.find((digits) => digits === sample.code.length && digits !== parameters.digits);
  if (digits === undefined || !isRight(sample, { ...parameters, digits })) return undefined;
  return { reason: "other-digits", digits };
}

/** The right code with one other setting. No app is known that gets two wrong. */
function otherSetting(sample: Sample, parameters: TotpParameters): Diagnosis | undefined {
  const algorithm = ALGORITHMS.find(
    (algorithm) => algorithm !== parameters.algorithm && isRight(sample, { ...parameters, algorithm }),
  );
  if (algorithm) return { reason: "other-algorithm", algorithm };
  const period = PERIODS.find(
    (period) => period !== parameters.period && isRight(sample, { ...parameters, period }),
  );
  return period === undefined ? undefined : { reason: "other-period", period };
}

/**
 * Apps ask "time-based or counter-based" when a key is typed: a counter-based entry starts at 0 or 1 and has moved on a few
 * times.
 */
const FIRST_COUNTERS = 10;

function counterBased({ secret, code }: Sample, parameters: TotpParameters): Diagnosis | undefined {
  const counter = matchingCounter(secret, code, 0, FIRST_COUNTERS, parameters);
  return counter === undefined ? undefined : { reason: "counter-based", counter };
}

const HOUR_SECONDS = 3600;

/** Whole hours, and India's half hour, the one with the most people. Each costs two HMACs, so not every zone is tried. */
const ZONES_APART = [...Array.from({ length: 14 }, (_, hour) => hour + 1), 5.5].map(
  (hours) => hours * HOUR_SECONDS,
);

/** A clock set by hand in a wrong time zone is right to the minute and off by hours. */
function otherZone({ secret, code, unixSeconds }: Sample, parameters: TotpParameters): Diagnosis | undefined {
  // The code shown in that zone now, and the one before it: typing takes time.
  const isRightAt = (time: number) =>
    [time, time - parameters.period].some((at) => at >= 0 && totpAt(secret, at, parameters) === code);
  const seconds = ZONES_APART.flatMap((away) => [-away, away]).find((away) => isRightAt(unixSeconds + away));
  return seconds === undefined ? undefined : offBy(seconds);
}
