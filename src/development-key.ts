/** The key of a development machine: generated at the first start and kept beside its database. */
import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The key file of a data directory; there may be none. */
export function keyFile(dataDir: string): string {
  return path.join(dataDir, "key");
}

/** @throws Error with the reason, as when the file holds no key: a new one would open nothing that the old one sealed. */
export function developmentKey(dataDir: string): string {
  const file = keyFile(dataDir);
  if (!existsSync(file)) generate(file);
  const key = readFileSync(file, "utf8").trim();
  if (Buffer.byteLength(key) < 32) throw new Error("it holds no key. Restore the one that it held");
  return key;
}

/** The file appears whole or not at all: two starts at the same time end up with one key. */
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
