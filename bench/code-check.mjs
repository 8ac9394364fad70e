/**
 * `npm run bench -- code-check`: checking a six-digit code with one time step either side, compared with the three HMACs that
 * it needs.
 */
import { createHmac, randomBytes } from "node:crypto";
import { compiled } from "./support/compile.mjs";
import { ratios, report, target } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";

const { WINDOW_STEPS } = await compiled("src/auth/policy.ts");
const { STANDARD_PARAMETERS, matchingStep, totpAt } = await compiled("src/otp/index.ts");

const ROUNDS = 21;
const CHECKS = 10_000;
const NOW = 1_800_000_000;
const STEPS = 2 * WINDOW_STEPS + 1;

const secret = randomBytes(20);
const { period } = STANDARD_PARAMETERS;
/**
 * The right code is of the last step that is checked, so that the search cannot end early; the wrong one is of no step in the
 * window.
 */
const right = totpAt(secret, NOW + WINDOW_STEPS * period, STANDARD_PARAMETERS);
const near = new Set(
  Array.from({ length: STEPS }, (_, n) => totpAt(secret, NOW + (n - WINDOW_STEPS) * period)),
);
const wrong = ["000000", "111111", "222222", "333333"].find((code) => !near.has(code));

const measured = await inRounds(
  {
    "a right code": () => timed(() => check(right, NOW / period + WINDOW_STEPS)),
    "a wrong code": () => timed(() => check(wrong, undefined)),
    "three HMAC-SHA-1 by node:crypto": () => timed(bareHmacs),
  },
  ROUNDS,
);
report({
  name: "code-check",
  setting: `One secret of 20 bytes, ${ROUNDS} rounds of ${CHECKS.toLocaleString("en")} checks in one process; processor time.`,
  columns: [
    { key: "perSecond", title: "checks/s" },
    { key: "microseconds", title: "µs", digits: 2 },
  ],
  measured,
  targets: ["a right code", "a wrong code"].map((name) =>
    target(
      `${name}, of the speed of three HMACs`,
      ratios(measured, name, "three HMAC-SHA-1 by node:crypto", "perSecond"),
      { atLeast: 0.5 },
    ),
  ),
});

function timed(work) {
  const before = process.cpuUsage();
  for (let n = 0; n < CHECKS; n++) work();
  const { user, system } = process.cpuUsage(before);
  const microseconds = (user + system) / CHECKS;
  return { perSecond: 1_000_000 / microseconds, microseconds };
}

/** Checks a code as the product does. */
function check(code, step) {
  if (matchingStep(secret, code, NOW, WINDOW_STEPS, STANDARD_PARAMETERS) !== step)
    throw new Error("Looked at wrongly.");
}

/** The minimum of work for the same answer: computes the codes of three steps (RFC 4226 §5.3) and ignores them. */
function bareHmacs() {
  for (let step = NOW / period - WINDOW_STEPS; step <= NOW / period + WINDOW_STEPS; step++) {
    const counter = Buffer.alloc(8);
    counter.writeUInt32BE(step, 4);
    const hash = createHmac("sha1", secret).update(counter).digest();
    codeIn(hash);
  }
}

function codeIn(hash) {
  const offset = hash[19] & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
