/** What a command is, and the world it runs in: tests hand in a world of their own. */

export interface Io {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean | undefined };
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  env: Record<string, string | undefined>;
  /** Milliseconds since 1970. */
  now(): number;
  random(bytes: number): Uint8Array;
  /** Who runs the command, for the events. */
  operator(): string;
}

export interface Command {
  /** One line: "latchkey totp now SECRET [--at TIME]". */
  usage: string;
  /** What it does, in one line. */
  summary: string;
  /** What `--help` adds. */
  details?: string;
  /**
   * Resolves to the exit code. Throws UsageError when it was called wrongly, any other error when it failed; the
   * message is one sentence for the person at the terminal. Whatever is slow to load is imported in here.
   */
  run(args: string[], io: Io): Promise<number>;
}

/** Commands by the words that call them: "secret", "totp now". */
export type Commands = Record<string, Command>;

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
