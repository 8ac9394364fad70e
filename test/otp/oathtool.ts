/** A second opinion: OATH Toolkit's command, where it is installed. */
import { execFileSync, spawnSync } from "node:child_process";

export const withoutOathtool = spawnSync("oathtool", ["--version"]).status !== 0;

/** The code that oathtool computes, given its options and the secret in hex. */
export function oathtool(options: string[], hexSecret: string): string {
  return execFileSync("oathtool", [...options, hexSecret], { encoding: "utf8" }).trim();
}
