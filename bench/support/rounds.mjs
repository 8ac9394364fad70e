/** Measures in rounds: each round measures every contender, so that the machine's other load affects all of them alike. */

/**
 * Measures each contender once per round, after a warm-up round that does not count, in an order that changes each round.
 * @param contenders name → async function that measures once and returns `{ key: number, … }`
 * @returns name → the measurements, one per round
 */
export async function inRounds(contenders, rounds, { warmUp = true } = {}) {
  const names = Object.keys(contenders);
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const name of round % 2 ? names : names.toReversed()) {
      const result = await contenders[name]();
      if (round > 0) measured[name].push(result);
    }
  }
  return measured;
}

/** The median, minimum and maximum of some numbers. */
export function summary(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return { median: percentile(sorted, 50), least: sorted[0], most: sorted.at(-1) };
}

/** @param sorted numbers in ascending order @param p from 0 to 100 */
export function percentile(sorted, p) {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))];
}
