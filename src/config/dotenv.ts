/** Reads `.env`, completely and in UTF-8, or fails: it never drops part of a file silently. */
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { decodeUtf8 } from "../utf8.js";

/**
 * A valid name. parseEnv merges a line that it does not understand with the next setting and returns a name that does not
 * match.
 */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Adds the settings of a file, if it exists, to `env`; settings already there take precedence. @throws as readDotEnv */
export function loadDotEnv(file: string, env: NodeJS.ProcessEnv): void {
  if (!existsSync(file)) return;
  for (const [name, value] of Object.entries(readDotEnv(file))) {
    if (!(name in env)) env[name] = value;
  }
}

/** The settings of a file by name. @throws Error that names the file and quotes none of its content, which may be secret */
export function readDotEnv(file: string): Record<string, string> {
  const text = decode(file, bytesOf(file));
  // parseEnv would read a file with CR line ends as one line.
  const lines = text.replace(/\r\n?/g, "\n");
  const settings = parseEnv(lines) as Record<string, string>;
  refuseTruncatedValues(file, lines, settings);
  if (Object.keys(settings).every((name) => NAME.test(name))) return settings;
  throw new Error(
    `The file ${file} has a line that is not NAME=value and hides the setting after it: correct it, or begin it with #.`,
  );
}

/**
 * Refuses a # inside a value without quotes. parseEnv would end the value there, but most people mean a # in a password or an
 * address, and the rest may be a valid setting too, for example the address of another database.
 */
function refuseTruncatedValues(file: string, lines: string, settings: Record<string, string>): void {
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

/** Decodes UTF-8, without a BOM, which would become part of the first name. @throws Error for another encoding */
function decode(file: string, bytes: Buffer): string {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  throw new Error(`The file ${file} is not in UTF-8 and cannot be read reliably: save it as UTF-8.`);
}
