/** What the finders share: trying a command, and bringing a package of Debian. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";

/** A way that this machine cannot go says so quickly; then the next one is tried. */
export function attempt(command, args, cwd) {
  try {
    execFileSync(command, args, { cwd, stdio: "ignore", timeout: 300_000 });
  } catch {}
}

/** Where there is apt, and the right to use it. */
export function attemptApt(...packages) {
  if (!existsSync("/usr/bin/apt-get")) return;
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  // One at a time: not every release of Debian has each of them.
  const installs = packages.map((name) => ["install", "-y", "--no-install-recommends", name]);
  for (const words of [["update"], ...installs]) {
    const [command = "apt-get", ...rest] = [...asRoot, "apt-get", ...words];
    attempt(command, rest);
  }
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
