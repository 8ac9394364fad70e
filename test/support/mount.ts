/** Whether tests may mount small disks of their own. */
import { execFileSync } from "node:child_process";
import { newFolder } from "./new-folder.js";

/** Empty where a disk can be mounted; else the reason, for the title of a skipped test. */
export function cannotMount(): string {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return " (skipped: needs root on Linux)";
  const folder = newFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("umount", [folder]);
    return "";
  } catch {
    return " (skipped: nothing can be mounted here)";
  }
}
