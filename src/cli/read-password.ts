/**
 * Reads a password: from the terminal without echo, or as one line of standard input; never from an argument.
 * Tests: test/cli/account-password.test.ts, test/security/password-bytes.test.ts
 */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { decodeUtf8 } from "../utf8.js";
import type { Io } from "./command.js";

/** Longer than any password. The limit is for a program that sends a line without an end. */
const MAX_LINE_BYTES = 64 * 1024;

/**
 * Asks for a password twice in a terminal, or reads one line of a pipe.
 * @throws Error when it is empty, when the two entries differ, on Ctrl-C, or when the text from a pipe could not be typed into the
 * sign-in page
 */
export async function readPassword(io: Io): Promise<string> {
  if (!io.stdin.isTTY) return readPiped(io);
  const password = await readLine(io, "Password: ");
  if (password === "") throw new Error("No password was typed; nothing was changed.");
  if ((await readLine(io, "Once more: ")) !== password) throw new Error("The two passwords differ.");
  return password;
}

/** One line of UTF-8 from a file or another program, without its line end and BOM. */
async function readPiped(io: Io): Promise<string> {
  const password = decode(await firstLine(io.stdin));
  if (password === "") throw new Error("No password was given on standard input.");
  if (/\p{Cc}/u.test(password)) {
    throw new Error(
      "The password on standard input has a control character, which nobody could type: remove it.",
    );
  }
  if (password.trim() !== password) {
    io.stderr.write("The password begins or ends with a space, which counts as part of it.\n");
  }
  return password;
}

async function firstLine(input: Io["stdin"]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    const end = bytes.indexOf("\n");
    chunks.push(end < 0 ? bytes : bytes.subarray(0, end));
    if (end >= 0) break;
    length += bytes.length;
    if (length > MAX_LINE_BYTES)
      throw new Error("The first line of standard input is too long for a password.");
  }
  return Buffer.concat(chunks);
}

/** Decodes UTF-8 and refuses other encodings: a wrong guess would set a password that nobody can type. */
function decode(line: Buffer): string {
  const text = decodeUtf8(line);
  if (text !== undefined) return text.replace(/\r$/, "");
  throw new Error("The password on standard input is not in UTF-8: save or send it as UTF-8.");
}

function readLine(io: Io, prompt: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = io.stdin.isTTY === true;
  // The readline interface turns off the terminal's echo, so create it before the prompt appears.
  const lines = createInterface({ input: io.stdin, output: silent, terminal, historySize: 0 });
  io.stderr.write(prompt);
  return new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    lines.once("SIGINT", () => reject(new Error("Stopped; nothing was changed.")));
    lines.once("close", () => resolve(""));
  }).finally(() => {
    lines.close();
    if (prompt) io.stderr.write("\n");
  });
}
