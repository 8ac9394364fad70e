/**
 * `npm run bench -- guessing`: how much the reasons in refusals help a guesser who knows the password: the share of accounts
 * whose second factor is guessed before the lockout, with and without those reasons. All guessers attack the same accounts.
 */
import { compiled } from "./support/compile.mjs";
import { report } from "./support/report.mjs";

const { diagnoseAtSignIn } = await compiled("src/auth/authenticators/diagnosis.ts");
const { LOCKOUT_AFTER, SEARCH_STEPS, SECOND_FACTOR_RULE, WINDOW_STEPS } =
  await compiled("src/auth/policy.ts");

const PERIOD = 30;
const CODES = 1_000_000;
const ACCOUNTS = 500_000_000;
/** A second simulation as a check: so few codes that it can draw every step's code and compare every guess. */
const FEW_CODES = 1_000;
const FEW_ACCOUNTS = 50_000;

/** The time step of each try. Every try is made as early as the throttle allows; the first is at the beginning of a time step. */
const STEPS = [];
for (let tries = 0, seconds = 0; tries < LOCKOUT_AFTER; tries++) {
  const late = tries - SECOND_FACTOR_RULE.free;
  if (late >= 0)
    seconds += SECOND_FACTOR_RULE.delays[Math.min(late, SECOND_FACTOR_RULE.delays.length - 1)] / 1_000;
  STEPS.push(seconds / PERIOD);
}

/**
 * The guessers, each of whom makes the best use of what Latchkey tells. `old`: it tells that a code was of an earlier step.
 * `future`: it tells that a code is of a future step, which Latchkey never does. `pairs`: RESYNC=on, with which the guesser
 * sends either "rows", two consecutive codes that were both told, or "halves", one told and one guessed.
 */
const GUESSERS = {
  "refusals tell nothing": {},
  "as built": { old: true },
  "as built, RESYNC=on": { old: true, pairs: "rows" },
  "the same, guessing second halves": { old: true, pairs: "halves" },
  "if steps to come were told, too": { old: true, future: true },
};

/**
 * What Latchkey says about a refused code that is right for these steps, by its own rule. The owner last signed in an hour
 * before.
 */
function told(steps, present) {
  return diagnoseAtSignIn(steps, { now: present * PERIOD * 1_000, present, lastStep: present - 120 });
}

/** Whether resynchronisation still accepts a step, in a pair, when the throttle allows the try `next`. */
const isInReach = (step, next) => next < STEPS.length && step >= STEPS[next] - SEARCH_STEPS;

/** Whether a code of a future step can be used: the throttle allows the try `next` before that step has passed. */
const isInTime = (step, next) => next < STEPS.length && step + WINDOW_STEPS >= STEPS[next];

/** The random generator sfc32; two of its numbers make one with 53 bits. */
function seeded(seed) {
  let [a, b, c, counter] = [seed, 0x9e3779b9, 0x243f6a88, 1];
  const next = () => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let n = 0; n < 15; n++) next();
  return () => (next() * 2_097_152 + (next() >>> 11)) / 9_007_199_254_740_992;
}

/**
 * Simulates by leaping from one guess that is right for some step to the next. The codes of different steps are independent, so
 * a guess is right for each of the steps in the search with the same chance, 1 in `codes`. This simulation ignores guesses that
 * are right for two steps or were made before; byHand() does not.
 */
function byLeaps(guesser, codes, accounts) {
  const random = seeded(1);
  const looked = 2 * SEARCH_STEPS + 1;
  const leap = () => 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - looked / codes));
  const total = accounts * LOCKOUT_AFTER;
  let won = 0;
  let account = -1;
  let known = [];
  for (let at = leap() - 1; at < total; at += leap()) {
    const nth = at % LOCKOUT_AFTER;
    if (Math.floor(at / LOCKOUT_AFTER) !== account) {
      account = Math.floor(at / LOCKOUT_AFTER);
      known = [];
    }
    // Draws the step for which this guess is right; all steps in the search are equally likely.
    const away = Math.floor(random() * looked) - SEARCH_STEPS;
    const step = STEPS[nth] + away;
    if (isWon(away, step, nth)) {
      won++;
      // Continues with the next account.
      at = (account + 1) * LOCKOUT_AFTER - 1;
    }
  }
  return won / accounts;

  function isWon(away, step, nth) {
    if (guesser.pairs === "halves" && known.some((one) => isInReach(one, nth))) return away === 0;
    if (Math.abs(away) <= WINDOW_STEPS) return true;
    const { reason } = told([step], STEPS[nth]);
    if (reason === "earlier-step" && guesser.pairs) {
      known.push(step);
      if (guesser.pairs === "rows") return hasRow(known, nth + 1);
    }
    return guesser.future === true && away > 0 && isInTime(step, nth + 1);
  }
}

function hasRow(known, next) {
  return known.some((step) => known.includes(step + 1) && isInReach(step, next));
}

/**
 * Simulates without shortcuts: draws every code and compares every guess. The guesser repeats no guess while it must still be
 * wrong.
 */
function byHand(guesser, codes, accounts) {
  const shown = new Uint16Array(STEPS.at(-1) + 2 * SEARCH_STEPS + 2);
  let won = 0;
  for (let account = 0; account < accounts; account++) {
    const random = seeded(account + 1);
    let drawn = 0;
    const draw = (upTo) => {
      while (drawn <= upTo) shown[drawn++] = Math.floor(random() * codes);
    };
    // The search at step 0 includes SEARCH_STEPS steps before it.
    const codeOf = (step) => shown[step + SEARCH_STEPS];
    const known = new Map();
    const guessed = new Map();
    let waitFor;
    for (let nth = 0; nth < STEPS.length; nth++) {
      const present = waitFor === undefined ? STEPS[nth] : Math.max(STEPS[nth], waitFor);
      draw(present + 2 * SEARCH_STEPS);
      if (waitFor !== undefined) {
        // The guesser knows the code and has waited for its time step.
        won++;
        break;
      }
      const row = guesser.pairs && rowOf(known, nth);
      if (row) {
        const [first, second] = row.map((step) => known.get(step));
        if (isRow(first, second, present, codeOf)) {
          won++;
          break;
        }
        for (const step of row) known.delete(step);
        continue;
      }
      let guess;
      do guess = Math.floor(random() * codes);
      while (
        guessed.get(guess) >= present - 2 * WINDOW_STEPS ||
        (guesser.old && [...known.values()].includes(guess))
      );
      const half = guesser.pairs === "halves" && [...known.keys()].find((step) => isInReach(step, nth));
      if (half !== undefined && half !== false) {
        if (isRow(known.get(half), guess, present, codeOf)) {
          won++;
          break;
        }
        continue;
      }
      guessed.set(guess, present);
      const steps = [];
      for (let away = -SEARCH_STEPS; away <= SEARCH_STEPS; away++)
        if (codeOf(present + away) === guess) steps.push(present + away);
      if (steps.some((step) => Math.abs(step - present) <= WINDOW_STEPS)) {
        won++;
        break;
      }
      const diagnosis = told(steps, present);
      if (diagnosis.reason === "earlier-step" && guesser.old)
        known.set(present - diagnosis.seconds / PERIOD, guess);
      if (guesser.future) waitFor = steps.find((step) => step > present && isInTime(step, nth + 1));
    }
  }
  return won / accounts;
}

function rowOf(known, nth) {
  for (const step of known.keys()) if (known.has(step + 1) && isInReach(step, nth)) return [step, step + 1];
  return undefined;
}

function isRow(first, second, present, codeOf) {
  for (let step = present - SEARCH_STEPS; step < present + SEARCH_STEPS; step++)
    if (codeOf(step) === first && codeOf(step + 1) === second) return true;
  return false;
}

/** Computes the share: the product of every try's chance to fail, plus the chance of what takes two tries. */
function byArithmetic(guesser, codes) {
  const inWindow = 2 * WINDOW_STEPS + 1;
  let fails = 1;
  let rows = 0;
  for (let nth = 0; nth < STEPS.length; nth++) {
    let right = inWindow;
    if (guesser.future)
      for (let away = WINDOW_STEPS + 1; away <= SEARCH_STEPS; away++)
        if (isInTime(STEPS[nth] + away, nth + 1)) right++;
    fails *= (1 - 1 / codes) ** right;
    if (guesser.pairs !== undefined) rows += neighboursOf(nth);
  }
  // A row takes two tries and a third that sends both codes. Guessing the second half replaces a try with three chances by one
  // with one chance, after each such first try.
  if (guesser.pairs === "rows") return 1 - fails + rows / codes ** 2;
  if (guesser.pairs === "halves") return 1 - fails - halves() * ((inWindow - 1) / codes ** 2);
  return 1 - fails;

  /** In how many ways this try can find a code next to one that an earlier try has found, both still accepted at the next try. */
  function neighboursOf(nth) {
    let ways = 0;
    for (let before = 0; before < nth; before++)
      for (let away = -SEARCH_STEPS; away < -WINDOW_STEPS; away++)
        for (const step of [STEPS[nth] + away - 1, STEPS[nth] + away + 1]) {
          const wasOld = step >= STEPS[before] - SEARCH_STEPS && step < STEPS[before] - WINDOW_STEPS;
          if (wasOld && isInReach(Math.min(step, STEPS[nth] + away), nth + 1)) ways++;
        }
    return ways;
  }

  function halves() {
    let ways = 0;
    for (let nth = 0; nth < STEPS.length; nth++)
      for (let away = -SEARCH_STEPS; away < -WINDOW_STEPS; away++)
        for (let later = nth + 1; later < STEPS.length && isInReach(STEPS[nth] + away, later); later++)
          ways++;
    return ways;
  }
}

const plain = byArithmetic({}, CODES);
const measured = Object.fromEntries(
  Object.entries(GUESSERS).map(([name, guesser]) => {
    const [expected, few] = [byArithmetic(guesser, CODES), byArithmetic(guesser, FEW_CODES)];
    const share = byLeaps(guesser, CODES, ACCOUNTS);
    const found = {
      expected: expected * 1_000_000,
      simulated: share * 1_000_000,
      error: 1.96 * Math.sqrt((share * (1 - share)) / ACCOUNTS) * 1_000_000,
      times: share / plain,
      few: few * 100,
      fewSimulated: byHand(guesser, FEW_CODES, FEW_ACCOUNTS) * 100,
    };
    return [name, [found]];
  }),
);
const tries = `${LOCKOUT_AFTER} tries in ${((STEPS.at(-1) * PERIOD) / 3_600).toFixed(1)} hours, then the lock`;
const count = (number) => number.toLocaleString("en");
report({
  name: "guessing",
  setting:
    `Accounts lost of a million: ${tries}; ${count(ACCOUNTS)} accounts, leaping from one right guess to the next, 95 % confidence; ` +
    `checked with ${count(FEW_CODES)} codes and ${count(FEW_ACCOUNTS)} accounts, every code drawn. Seeded: every run finds the same.`,
  columns: [
    { key: "expected", title: "by arithmetic", digits: 2 },
    { key: "simulated", title: "simulated", digits: 2 },
    { key: "error", title: "give or take", digits: 2 },
    { key: "times", title: "times the first", digits: 3 },
    { key: "few", title: "the check % by arithmetic", digits: 2 },
    { key: "fewSimulated", title: "simulated %", digits: 2 },
  ],
  measured,
});
