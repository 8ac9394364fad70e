/** Reads a password: from the terminal without echo, or as one line of standard input; never from an argument. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Io } from "./command.js";

/** @throws Error with a sentence when nothing was given, or when two typings differ. */
export async function readPassword(io: Io): Promise<string> {
  if (!io.stdin.isTTY) return nonEmpty(await readLine(io, ""));
  const password = nonEmpty(await readLine(io, "Password: "));
  if ((await readLine(io, "Once more: ")) !== password) throw new Error("The two passwords differ.");
  return password;
}

function nonEmpty(password: string): string {
  if (password === "") throw new Error("No password was given on standard input.");
  return password;
}

function readLine(io: Io, prompt: string): Promise<string> {
  io.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = io.stdin.isTTY === true;
  const lines = createInterface({ input: io.stdin, output: silent, terminal, historySize: 0 });
  return new Promise((resolve, reject) => {
    lines.once("line", (line) => {
      resolve(line);
      lines.close();
    });
    lines.once("SIGINT", () => reject(new Error("Stopped; nothing was changed.")));
    lines.once("close", () => {
      if (prompt) io.stderr.write("\n");
      resolve("");
    });
  });
}
