/** `npm run bench -- diagnosis`: the processor time of finding out why a code was refused. */
import { randomBytes } from "node:crypto";
import { compiled } from "./support/compile.mjs";
import { report } from "./support/report.mjs";
import { inRounds } from "./support/rounds.mjs";

const { diagnose } = await compiled("src/auth/authenticators/diagnosis.ts");
const { SEARCH_STEPS, WINDOW_STEPS } = await compiled("src/auth/policy.ts");
const { codesAround, matchingStep, matchingSteps } = await compiled("src/otp/index.ts");

const MAX_AUTHENTICATORS = 5;
const KEPT_ENROLMENTS = 5;
const ROUNDS = 15;
const TIMES = 200;
const NOW = 1_800_000_000;

const secrets = Array.from({ length: MAX_AUTHENTICATORS + KEPT_ENROLMENTS + 1 }, () => randomBytes(20));
const apps = secrets.slice(0, MAX_AUTHENTICATORS);
const setUps = secrets.slice(MAX_AUTHENTICATORS);

/** The server's work for a refused code, without reading and writing rows. */
const cases = {
  "a code checked (±1 step)": (code) => matchingStep(secrets[0], code, NOW, WINDOW_STEPS),
  "diagnosis at sign-in, one authenticator": (code) => matchingSteps(secrets[0], code, NOW, SEARCH_STEPS),
  "diagnosis at sign-in, five": (code) =>
    apps.forEach((secret) => void matchingSteps(secret, code, NOW, SEARCH_STEPS)),
  "two codes in a row, five authenticators": () =>
    apps.forEach((secret) => void codesAround(secret, NOW, SEARCH_STEPS)),
  "diagnosis while setting up the first": (code) => {
    for (const secret of setUps.slice(1)) matchingStep(secret, code, NOW, WINDOW_STEPS);
    diagnose(setUps[0], code, NOW);
  },
  "diagnosis while setting up the fifth": (code) => {
    for (const secret of [...apps.slice(1), ...setUps.slice(1)])
      matchingStep(secret, code, NOW, WINDOW_STEPS);
    diagnose(setUps[0], code, NOW);
  },
};

let asked = 0;
const measured = await inRounds(
  Object.fromEntries(Object.entries(cases).map(([name, work]) => [name, () => processorTime(work)])),
  ROUNDS,
);
report({
  name: "diagnosis",
  setting: `One code that matches nothing, the most there is to do; ${ROUNDS} rounds of ${TIMES} in one process.`,
  columns: [{ key: "ms", title: "processor ms/code", digits: 3 }],
  measured,
});

function processorTime(work) {
  const before = process.cpuUsage();
  for (let n = 0; n < TIMES; n++) work(nextCode());
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / TIMES / 1_000 };
}

/**
 * Another six-digit code each time, because codes of letters would not be checked; one matches with a chance of some hundred in
 * a million.
 */
function nextCode() {
  asked += 1;
  return String(asked * 7919)
    .padStart(6, "0")
    .slice(-6);
}
