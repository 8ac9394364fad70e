/** A second opinion: OATH Toolkit's command, where it is installed. */
import { execFileSync, spawnSync } from "node:child_process";

/** Why it cannot be asked, as the end of a skipped test's title; empty where it can. */
export const NO_OATHTOOL =
  spawnSync("oathtool", ["--version"]).status === 0 ? "" : " (skipped: oathtool is not installed)";

/** The code that oathtool computes, given its options and the secret in hex. */
export function oathtool(options: string[], hexSecret: string): string {
  return execFileSync("oathtool", [...options, hexSecret], { encoding: "utf8" }).trim();
}
