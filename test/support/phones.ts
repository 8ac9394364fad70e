/** People with phones, simulated from a seed: the drifts that a server with a wrong clock sees. */
import { binOf, judge } from "../../src/auth/clock/server-clock.js";

/** The same numbers from 0 to 1 for the same seed, everywhere (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface People {
  /** How far (s) the server's clock is ahead of the true time. */
  serverAhead: number;
  /** The share of phones that are one to ten minutes wrong, one way or the other. All others are within about 3 s. */
  badly: number;
  typing?: (random: () => number) => number;
}

const DAY = 86_400;

/** The true time (s) from reading a code to its arrival. */
export const TYPING = {
  /** Half of them need less than 7.3 s. */
  "3 to 20 s, mostly quick": (random: () => number) => 3 + 17 * random() ** 2,
  "3 to 20 s, evenly": (random: () => number) => 3 + 17 * random(),
  "0 to 3 s, all filled in": (random: () => number) => 3 * random(),
  "12 to 20 s, all slow": (random: () => number) => 12 + 8 * random(),
};

/** How far (s) a phone's clock is ahead of the true time. */
export function phoneAhead(random: () => number, badly: number): number {
  if (random() < badly) return (random() < 0.5 ? -1 : 1) * (60 + 540 * random());
  return 1.5 * (random() + random() + random() + random() - 2);
}

/**
 * The drift of one code, as the server sees it: the middle of its time step minus the server's time. Undefined where
 * the step is more than 20 away from the server's, which makes it any wrong code.
 */
export function driftSeen(
  random: () => number,
  phone: number,
  serverAhead: number,
  typing = TYPING["3 to 20 s, mostly quick"],
): number | undefined {
  const arrives = 30 * DAY + DAY * random();
  const step = Math.floor((arrives - typing(random) + phone) / 30);
  const serverTime = arrives + serverAhead;
  if (Math.abs(step - Math.floor(serverTime / 30)) > 20) return undefined;
  return step * 30 + 15 - serverTime;
}

/** One drift for each person, except those whose codes fit nowhere. */
export function driftsOf(
  random: () => number,
  people: number,
  { serverAhead, badly, typing }: People,
): number[] {
  return Array.from({ length: people }, () =>
    driftSeen(random, phoneAhead(random, badly), serverAhead, typing),
  ).filter((drift) => drift !== undefined);
}

/** The verdict on a server that has counted these drifts, one for each account. */
export function verdictOn(drifts: number[]) {
  const bins = new Map<number, number>();
  for (const bin of drifts.map(binOf)) bins.set(bin, (bins.get(bin) ?? 0) + 1);
  return judge([...bins].map(([bin, accounts]) => ({ bin, accounts })));
}
