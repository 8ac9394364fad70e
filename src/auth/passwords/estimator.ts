/**
 * Estimates how many guesses a password withstands. The word lists are large, so the estimator is loaded once, after the start.
 * Tests: test/auth/passwords/password.test.ts
 */
import { createRequire } from "node:module";
import { setImmediate as letRequestsRun } from "node:timers/promises";
import { StoreUnavailable } from "../store.js";

export interface Estimator {
  check(password: string, userInputs: string[]): { score: number; sequence: readonly Match[] };
}

export interface Match {
  pattern?: string;
  token: string;
  dictionaryName?: string;
}

/** Bounds the estimator's time, which grows with every symbol that could stand for a letter. */
const SUBSTITUTIONS = 3;

let loaded: Promise<Estimator> | undefined;

/**
 * The one estimator of this process. A server loads it in the background soon after its start, a command when it sets a password.
 * @throws StoreUnavailable when it cannot be loaded now, for example because no more files can be opened; the next call tries
 * again
 */
export function estimator(): Promise<Estimator> {
  loaded ??= load().catch((cause) => {
    loaded = undefined;
    throw new StoreUnavailable("New passwords cannot be judged now.", { cause });
  });
  return loaded;
}

/** In four parts of 10 to 40 ms each, between which requests are served. */
async function load(): Promise<Estimator> {
  // Not by import(): Node caches a failed import for ever.
  const require = createRequire(import.meta.url);
  const { ZxcvbnFactory }: typeof import("@zxcvbn-ts/core") = require("@zxcvbn-ts/core");
  await letRequestsRun();
  const common: typeof import("@zxcvbn-ts/language-common") = require("@zxcvbn-ts/language-common");
  await letRequestsRun();
  const { dictionary, adjacencyGraphs: graphs } = common;
  const made = new ZxcvbnFactory({ dictionary, graphs, l33tMaxSubstitutions: SUBSTITUTIONS });
  await letRequestsRun();
  made.check("the first takes longer than all others", []);
  return made;
}
