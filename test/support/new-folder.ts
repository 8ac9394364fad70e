/** Folders for one test file, gone when it has ended. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

/** A new, empty folder of one's own. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-"));
  made.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
