/** Rounds: everything that is compared takes its turn in each, so that whatever else the machine does falls on all. */

/**
 * Runs each contender once a round, after one round that does not count, and changes the order from round to round.
 * @param contenders name → async function that measures once and gives `{ key: number, … }`
 * @returns name → the measurements, one for each round
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

/** The middle of some numbers, with the least and the most of them. */
export function summary(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return { median: percentile(sorted, 50), least: sorted[0], most: sorted.at(-1) };
}

/** @param sorted numbers in ascending order @param p from 0 to 100 */
export function percentile(sorted, p) {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))];
}
