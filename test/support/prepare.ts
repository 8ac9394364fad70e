/** Before all tests: the assets are built, and a browser is at hand. */
import type { TestProject } from "vitest/node";
import { buildIfStale } from "../../scripts/build.mjs";
import { findChromium } from "../../scripts/chromium.mjs";

declare module "vitest" {
  interface ProvidedContext {
    chromium: string;
  }
}

export default async function prepare(project: TestProject): Promise<void> {
  await buildIfStale();
  project.provide("chromium", await findChromium());
}
