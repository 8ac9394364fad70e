/** Skips a test when this machine lacks a program, and says which. In CI everything must be there, so the test fails instead. */
import type { TestContext } from "vitest";

let running: TestContext | undefined;

export function setRunning(context: TestContext): void {
  running = context;
}

/** @param problem what is missing, in a sentence */
export function skipWithout(problem: string): never {
  if (!process.env.CI) running?.skip(problem);
  throw new Error(problem);
}
