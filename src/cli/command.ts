/**
 * Defines a command, and the streams, settings, clock and randomness that it is given; tests pass their own.
 * Tests: test/docs/commands.test.ts
 */

export interface Io {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean | undefined };
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  env: Record<string, string | undefined>;
  /** Milliseconds since 1970. */
  now(): number;
  random(bytes: number): Uint8Array;
  /** The name of the operator who runs the command, for events and history. */
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
   * Resolves to the exit code. It imports slow modules itself, so that other commands start fast.
   * @throws UsageError when it was called wrongly, any other error when it failed; the message is one sentence for the operator
   */
  run(args: string[], io: Io): Promise<number>;
}

/** Commands by their words, for example "secret" or "totp now". */
export type Commands = Record<string, Command>;

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
