/** Reads a password: from the terminal without echo, or as one line of standard input; never from an argument. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Io } from "./command.js";

/** @throws Error with a sentence when nothing was given, when two typings differ, or on Ctrl-C. */
export async function readPassword(io: Io): Promise<string> {
  if (!io.stdin.isTTY) {
    const password = await readLine(io, "");
    if (password === "") throw new Error("No password was given on standard input.");
    return password;
  }
  const password = await readLine(io, "Password: ");
  if (password === "") throw new Error("No password was typed; nothing was changed.");
  if ((await readLine(io, "Once more: ")) !== password) throw new Error("The two passwords differ.");
  return password;
}

function readLine(io: Io, prompt: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = io.stdin.isTTY === true;
  // The interface turns the terminal's echo off: only then may anything be asked.
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
