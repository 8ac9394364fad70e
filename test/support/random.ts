/** The randomness of tests, from the run's seed: the same for a test whatever other tests run. */
import { expect } from "vitest";
import { distinctCodes } from "./distinct-codes.js";
import { type Random, streamOf } from "./seed.js";

/** The randomness of one test, or of all that a file does outside of its tests. */
interface Draws {
  label: string;
  stream: Random;
  worlds: number;
  /** Draws secrets whose codes do not collide. */
  withDistinctCodes: ReturnType<typeof distinctCodes>;
}

function drawsOf(label: string): Draws {
  return { label, stream: streamOf(label), worlds: 0, withDistinctCodes: distinctCodes() };
}

let ofFile: Draws | undefined;
let ofTest: Draws | undefined;

/** The stream of the running test. Outside of tests the file's name keeps it apart from other files. */
function running(): Draws {
  ofFile ??= drawsOf(expect.getState().testPath?.replace(process.cwd(), "") ?? "");
  return ofTest ?? ofFile;
}

/** Called before and after each test, with its full name: each starts its own stream. */
export function drawFor(test: string | undefined): void {
  ofTest = test === undefined ? undefined : drawsOf(test);
}

/** As node:crypto's. A draw of a secret's length is one whose codes, around the present, are like no others of the test. */
export function randomBytes(size: number): Buffer {
  const { stream, withDistinctCodes } = running();
  return withDistinctCodes(stream, Date.now)(size);
}

/** A whole number from `from` up to, and not including, `to`. */
export function randomInt(from: number, to: number): number {
  return from + Math.floor(randomFraction() * (to - from));
}

/** From 0 up to, and not including, 1. */
export function randomFraction(): number {
  return randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
}

/** A seed for a library that takes one. */
export function randomSeed(): number {
  return randomBytes(4).readInt32BE();
}

/** The randomness of one more world: no two worlds of a test, on whichever database, draw the same. @param clock the world's */
export function randomOfWorld(clock: () => number): Random {
  const draws = running();
  const stream = streamOf(`${draws.label}\0world ${++draws.worlds}`);
  return draws.withDistinctCodes(stream, clock);
}
