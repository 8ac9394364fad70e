/** What it costs to say why a code was refused: processor time for one code that matches nothing, which is the most there is. */
import { randomBytes } from "node:crypto";
import { compiled } from "./support/compile.mjs";

const { diagnose, SEARCH, WINDOW } = await compiled("src/auth/diagnosis.ts");
const { codesAround, matchingStep, matchingSteps } = await compiled("src/otp/index.ts");

const MOST_AUTHENTICATORS = 5;
const KEPT_ENROLMENTS = 5;
const ROUNDS = 15;
const TIMES = 200;
const NOW = 1_800_000_000;

const secrets = Array.from({ length: MOST_AUTHENTICATORS + KEPT_ENROLMENTS + 1 }, () => randomBytes(20));
const apps = secrets.slice(0, MOST_AUTHENTICATORS);
const setUps = secrets.slice(MOST_AUTHENTICATORS);

/** What a refused code makes the server do, beyond reading and writing rows. */
const cases = {
  "a code checked (±1 step)": (code) => matchingStep(secrets[0], code, NOW, WINDOW),
  "diagnosis at sign-in, one authenticator": (code) => matchingSteps(secrets[0], code, NOW, SEARCH),
  "diagnosis at sign-in, five": (code) =>
    apps.forEach((secret) => void matchingSteps(secret, code, NOW, SEARCH)),
  "two codes in a row, five authenticators": () =>
    apps.forEach((secret) => void codesAround(secret, NOW, SEARCH)),
  "diagnosis while setting up the first": (code) => {
    for (const secret of setUps.slice(1)) matchingStep(secret, code, NOW, WINDOW);
    diagnose(setUps[0], code, NOW);
  },
  "diagnosis while setting up the fifth": (code) => {
    for (const secret of [...apps.slice(1), ...setUps.slice(1)]) matchingStep(secret, code, NOW, WINDOW);
    diagnose(setUps[0], code, NOW);
  },
};

const measured = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, work] of Object.entries(cases)) {
    const before = process.cpuUsage();
    // Codes of letters would not be looked at; these match with a chance of some hundred in a million.
    for (let n = 0; n < TIMES; n++)
      work(
        String((round * TIMES + n) * 7919)
          .padStart(6, "0")
          .slice(-6),
      );
    const { user, system } = process.cpuUsage(before);
    // The first round is for the compiler.
    if (round > 0) measured[name].push((user + system) / TIMES / 1_000);
  }
}

for (const [name, times] of Object.entries(measured)) {
  const sorted = times.toSorted((a, b) => a - b);
  const [least, middle, most] = [0, ROUNDS >> 1, ROUNDS - 1].map((n) => sorted[n].toFixed(3));
  console.log(`  ${name}: ${middle} ms of processor time (${least} to ${most})`);
}
