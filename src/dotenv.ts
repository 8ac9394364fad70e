/** The file `.env`: read whole, in UTF-8, or refused with a sentence; never half. */
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

/** What parseEnv has read past a line that it does not understand is no name: that line has swallowed the setting after it. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Adds the settings of a file, if there is one, to those of the environment, which win. @throws as readDotEnv */
export function loadDotEnv(file: string, env: NodeJS.ProcessEnv): void {
  if (!existsSync(file)) return;
  for (const [name, value] of Object.entries(readDotEnv(file))) {
    if (!(name in env)) env[name] = value;
  }
}

/** The settings of a file, by their names. @throws Error with a sentence that names the file, and nothing that stands in it */
export function readDotEnv(file: string): Record<string, string> {
  const text = decode(file, bytesOf(file));
  // Where each line ends with a CR alone, parseEnv makes one of them all.
  const settings = parseEnv(text.replace(/\r\n?/g, "\n")) as Record<string, string>;
  if (Object.keys(settings).every((name) => NAME.test(name))) return settings;
  throw new Error(
    `The file ${file} has a line that is not NAME=value, by which the setting after it would be lost: mend it, or begin it with #.`,
  );
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`The file ${file} cannot be read: ${error instanceof Error ? error.message : error}.`);
  }
}

/** A BOM at the beginning is left out: it would be a part of the first name. */
function decode(file: string, bytes: Buffer): string {
  // Each letter of UTF-16 has a NUL for its other half, with a BOM or without; some of its texts pass for UTF-8.
  if (!bytes.includes(0)) {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      // UTF-16 with its BOM, or one of the older encodings.
    }
  }
  throw new Error(`The file ${file} is not in UTF-8, and nothing in it can be relied on: save it as UTF-8.`);
}
