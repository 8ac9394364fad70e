/**
 * Reads a file of JSON lines as a stream: UTF-8, one value a line. It holds one line at a time, and no line of more than
 * MAX_ROW_BYTES.
 * Tests: test/cli/account-import.test.ts, test/security/imported-rows.test.ts
 */
import { createReadStream } from "node:fs";
import type { NumberedRow } from "../auth/index.js";
import { MAX_ROW_BYTES } from "../auth/index.js";
import { UsageError } from "./command.js";

/**
 * The lines that are not empty, numbered from 1. A line that cannot be read is a row with a problem; the sentence repeats nothing
 * of it. @throws UsageError when the file cannot be opened, or is in UTF-16
 */
export async function* readJsonLines(file: string): AsyncGenerator<NumberedRow> {
  let line = 1;
  for await (const { bytes, isLong } of linesOf(file)) {
    if (isLong)
      yield { line, problem: `The line has more than ${MAX_ROW_BYTES.toLocaleString("en-GB")} bytes.` };
    else {
      const read = readLine(bytes);
      if (read) yield { line, ...read };
    }
    line += 1;
  }
}

interface Line {
  bytes: Buffer;
  /** Longer than any row: its bytes are dropped. */
  isLong: boolean;
}

async function* linesOf(file: string): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    length += part.length;
    if (length > MAX_ROW_BYTES) parts = [];
    else parts.push(part);
  };
  const take = (): Line => {
    const taken = { bytes: Buffer.concat(parts), isLong: length > MAX_ROW_BYTES };
    parts = [];
    length = 0;
    return taken;
  };
  let isFirst = true;
  for await (const chunk of chunksOf(file)) {
    if (isFirst && isUtf16(chunk)) throw new UsageError("The file is in UTF-16: save it as UTF-8.");
    isFirst = false;
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    add(chunk.subarray(from));
  }
  if (length > 0) yield take();
}

const NEWLINE = 0x0a;

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file cannot be read${code === undefined ? "" : ` (${code})`}.`);
  }
}

function isUtf16(chunk: Buffer): boolean {
  return (chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff);
}

/** Undefined for an empty line. */
function readLine(bytes: Buffer): { given: unknown } | { problem: string } | undefined {
  const text = decoded(bytes);
  if (text === undefined) return { problem: "The line is not UTF-8." };
  if (text.trim() === "") return undefined;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    // The error's own message holds a piece of the line.
    return { problem: "The line is not JSON." };
  }
  return hasDoubledField(text, given) ? { problem: "A field is there twice." } : { given };
}

/** Drops a byte order mark. */
function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** JSON.parse takes the last of equal fields, and programs differ. Each field of the text has one colon outside of strings. */
function hasDoubledField(text: string, given: unknown): boolean {
  const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, "").match(/:/g)?.length ?? 0;
  return colons !== fieldsIn(given, 2);
}

/** Fields of the row, and of the objects in it; deeper ones are refused for what they are. */
function fieldsIn(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null || depth === 0) return 0;
  const inside = Object.values(value);
  const own = Array.isArray(value) ? 0 : inside.length;
  return inside.reduce((sum, one) => sum + fieldsIn(one, depth - 1), own);
}
