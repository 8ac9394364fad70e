/** Where tests keep their databases: in memory where there is room, for every commit is written through to the disk. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";

const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 2 * 1024 ** 3;

/** Sets TMPDIR for this process and those that it starts, unless somebody has chosen already. */
export function keepTemporaryFilesInMemory(): void {
  if (!process.env.TMPDIR && process.platform === "linux" && isOfUse(MEMORY)) process.env.TMPDIR = MEMORY;
}

/** Containers often have a small one, or one from which nothing may be run; tests install and run packages there. */
function isOfUse(place: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(place);
    if (bavail * bsize < ENOUGH_BYTES) return false;
    const folder = mkdtempSync(path.join(place, "latchkey-"));
    const script = path.join(folder, "runs");
    writeFileSync(script, "#!/bin/sh\n", { mode: 0o755 });
    const { status } = spawnSync(script);
    rmSync(folder, { recursive: true });
    return status === 0;
  } catch {
    return false;
  }
}
