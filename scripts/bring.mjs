/** Shared by the scripts that find or install programs: runs a command that may fail, and checks for an executable. */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";

/** Runs a command and ignores its failure: the caller then tries another way. */
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
