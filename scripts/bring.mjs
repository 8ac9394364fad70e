/** What the finders share: trying a command. */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";

/** A way that this machine cannot go says so quickly; then the next one is tried. */
export function attempt(command, args, cwd) {
  try {
    execFileSync(command, args, { cwd, stdio: "ignore", timeout: 300_000 });
  } catch {}
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
