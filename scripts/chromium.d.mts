/** The types of chromium.mjs, for TypeScript. */
import type { Browser } from "playwright-core";
export function findChromium(): Promise<string>;
export function launch(executablePath: string, more?: string[]): Promise<Browser>;
