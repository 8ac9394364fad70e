/**
 * The `latchkey` command without its process: finds the command, runs it, and reports a failure in one sentence.
 * Tests: test/cli/otp.test.ts, test/docs/commands.test.ts
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { PACKAGE_ROOT } from "../package-root.js";
import { type Command, type Commands, type Io, UsageError } from "./command.js";

/** Exit codes. */
const FAILED = 1;
const MISUSED = 2;

/** "add, list or password" */
const ANY_OF = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** The modules by a command's first word. Each is imported only when needed: `latchkey totp now` never loads the server. */
const modules = new Map<string, () => Promise<{ commands: Commands }>>([
  ["serve", () => import("./serve.js")],
  ["account", () => import("./account.js")],
  ["doctor", () => import("./doctor.js")],
  ["migrate", () => import("./migrate.js")],
  ["backup", () => import("./backup.js")],
  ["keys", () => import("./keys.js")],
  ["secret", () => import("./otp.js")],
  ["totp", () => import("./otp.js")],
  ["hotp", () => import("./otp.js")],
]);

/** Runs one command line (without node and the script) and resolves to the exit code. Never rejects. */
export async function runCli(argv: string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    io.stderr.write(`latchkey: ${inOneLine(error)}\n`);
    return error instanceof UsageError ? MISUSED : FAILED;
  }
}

async function dispatch(argv: string[], io: Io): Promise<number> {
  const [first, second] = argv;
  if (first === undefined) throw new UsageError("Which command? latchkey --help lists them.");
  if (first === "--version") return version(io);
  if (isHelp(first) || first === "help") return help(io, await allCommands());

  const load = modules.get(first);
  if (load === undefined) throw new UsageError(`There is no command "${first}"; latchkey --help lists them.`);
  const { commands } = await load();

  const command = commands[first];
  if (command) return run(command, argv.slice(1), io);

  const group = Object.entries(commands).filter(([words]) => words.startsWith(`${first} `));
  if (second !== undefined && isHelp(second)) return help(io, Object.fromEntries(group));
  const found = group.find(([words]) => words === `${first} ${second}`)?.[1];
  if (found) return run(found, argv.slice(2), io);
  const seconds = group.map(([words]) => words.slice(first.length + 1));
  throw new UsageError(`"${first}" is followed by ${ANY_OF.format(seconds)}.`);
}

function run(command: Command, args: string[], io: Io): number | Promise<number> {
  const beforeDashes = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  return beforeDashes.some(isHelp) ? helpOn(io, command) : command.run(args, io);
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

async function allCommands(): Promise<Commands> {
  const loaded = await Promise.all([...modules.values()].map((load) => load()));
  return Object.assign({}, ...loaded.map(({ commands }) => commands));
}

function version(io: Io): number {
  const { version } = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, "package.json"), "utf8"));
  io.stdout.write(`${version}\n`);
  return 0;
}

function help(io: Io, commands: Commands): number {
  const lines = Object.values(commands).map(({ usage, summary }) => `  ${usage}\n      ${summary}\n`);
  io.stdout.write(`Usage:\n${lines.join("")}\nlatchkey COMMAND --help says more about one of them.\n`);
  return 0;
}

function helpOn(io: Io, { usage, summary, details }: Command): number {
  io.stdout.write(`Usage: ${usage}\n${summary}\n${details ? `${details}\n` : ""}`);
  return 0;
}

/** Removes line breaks and control characters: a message may repeat an argument, which must not control the terminal. */
function inOneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/[\s\p{Cc}]+/gu, " ");
}
