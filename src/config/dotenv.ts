/** Reads `.env`: all of it, in UTF-8, or an error; never half. */
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { decodeUtf8 } from "../utf8.js";

/** After a line that parseEnv does not understand, it returns a name with more in it: the line has swallowed the next setting. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Adds the settings of a file, if there is one, to those of the environment, which win. @throws as readDotEnv */
export function loadDotEnv(file: string, env: NodeJS.ProcessEnv): void {
  if (!existsSync(file)) return;
  for (const [name, value] of Object.entries(readDotEnv(file))) {
    if (!(name in env)) env[name] = value;
  }
}

/** The settings of a file by name. @throws Error that names the file and quotes nothing of it */
export function readDotEnv(file: string): Record<string, string> {
  const text = decode(file, bytesOf(file));
  // parseEnv would take a file whose lines end with a CR alone for one line.
  const lines = text.replace(/\r\n?/g, "\n");
  const settings = parseEnv(lines) as Record<string, string>;
  refuseCutValues(file, lines, settings);
  if (Object.keys(settings).every((name) => NAME.test(name))) return settings;
  throw new Error(
    `The file ${file} has a line that is not NAME=value and hides the setting after it: correct it, or begin it with #.`,
  );
}

/**
 * parseEnv ends a value without quotes at any #, where most who write one mean a part of a password or an address: what is
 * left may be another setting that is as good, as the address of another database.
 */
function refuseCutValues(file: string, lines: string, settings: Record<string, string>): void {
  for (const [index, line] of lines.split("\n").entries()) {
    const [, name = "", value = ""] = /^\s*(?:export\s+)?([\w.-]+)\s*=(.*)$/.exec(line) ?? [];
    const [, before] = /^((?:[^#]*[^#\s])?)#/.exec(value) ?? [];
    if (before === undefined || settings[name] !== before.trim()) continue;
    throw new Error(
      `The file ${file} has a # within a value in line ${index + 1}, and all after it would be lost: put that value in quotes, or a blank before the # of a comment.`,
    );
  }
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`The file ${file} cannot be read: ${error instanceof Error ? error.message : error}.`);
  }
}

/** Drops a BOM, which would be part of the first name. */
function decode(file: string, bytes: Buffer): string {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  throw new Error(`The file ${file} is not in UTF-8 and cannot be read reliably: save it as UTF-8.`);
}
