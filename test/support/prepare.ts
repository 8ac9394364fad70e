/** Before all tests: the assets are built, and a browser is at hand. */
import type { TestProject } from "vitest/node";
import { buildIfStale } from "../../scripts/build.mjs";
import { findChromium } from "../../scripts/chromium.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** The browser's path, or why there is none: then the tests that need one fail with that sentence. */
    chromium: { path: string } | { problem: string };
  }
}

export default async function prepare(project: TestProject): Promise<void> {
  buildIfStale();
  const chromium = await findChromium().then(
    (path) => ({ path }),
    (error: Error) => ({ problem: error.message }),
  );
  project.provide("chromium", chromium);
}
