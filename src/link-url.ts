/** The address of a one-time link, as its owner gets it. Tests: test/cli/account-links.test.ts, test/accounts/links.test.ts */
import type { Config } from "./config/config.js";

/** @param path of the page, mount path included. Without BASE_URL, as in development, the link is for this machine. */
export function linkUrl({ baseUrl }: Pick<Config, "baseUrl">, port: number, path: string): string {
  return `${baseUrl?.origin ?? `http://localhost:${port}`}${path}`;
}
