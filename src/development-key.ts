/**
 * Generates the key of a development machine at the first start, and keeps it beside the database.
 * Tests: test/data-folder.test.ts, test/first-use.test.ts
 */
import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The path of a data directory's key file, which may not exist. */
export function keyFile(dataDir: string): string {
  return path.join(dataDir, "key");
}

/**
 * Reads the key, or generates it if there is no file.
 * @throws Error with the reason, also for a file without a key: a new key could not decrypt what the old one encrypted
 */
export function developmentKey(dataDir: string): string {
  const file = keyFile(dataDir);
  if (!existsSync(file)) generate(file);
  const key = readFileSync(file, "utf8").trim();
  if (Buffer.byteLength(key) < 32) throw new Error("it holds no key. Restore the one that it held");
  return key;
}

/** Creates the file atomically, so that two starts at the same time use one key. */
function generate(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
    linkSync(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
