/** The folder of the tests' databases: in memory where there is room, because every commit is flushed to the disk. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";

const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 2 * 1024 ** 3;

/** Sets TMPDIR for this process and those that it starts, unless somebody has chosen already. */
export function keepTemporaryFilesInMemory(): void {
  if (!process.env.TMPDIR && process.platform === "linux" && isOfUse(MEMORY)) process.env.TMPDIR = MEMORY;
}

/** Whether it is large enough, and programs may run from it: tests install packages there. Containers often limit both. */
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
