/** What TypeScript needs to know of chromium.mjs. */
import type { Browser } from "playwright-core";
export function findChromium(): Promise<string>;
export function launch(executablePath: string, more?: string[]): Promise<Browser>;
