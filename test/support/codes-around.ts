/** The codes around now: which are wrong for certain, and whether any two of them are the same. */
import type { World } from "./world.js";

/** A time step, in milliseconds. */
export const TIME_STEP = 30_000;

/** More than twice as far as the product looks for a refused code, in time steps. */
const AROUND = 45;

export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

function codesAround(world: World, secrets: string[]): string[] {
  return secrets.flatMap((secret) => range(-AROUND, AROUND).map((steps) => world.code(secret, steps)));
}

/** Waits until no two of the codes around are the same by chance. */
export function waitForDistinct(world: World, ...secrets: string[]): void {
  const areDistinct = () => {
    const codes = codesAround(world, secrets);
    return new Set(codes).size === codes.length;
  };
  while (!areDistinct()) world.advance(TIME_STEP);
}

/** Codes that none of these secrets gives anywhere near. */
export function wrongCodes(world: World, ...secrets: string[]): string[] {
  const near = codesAround(world, secrets);
  return range(0, 500)
    .map((n) => String(n * 1_997).padStart(6, "0"))
    .filter((code) => !near.includes(code));
}
