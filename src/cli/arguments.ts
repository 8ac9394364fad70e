/**
 * Parses a command's arguments, and says in one sentence what is wrong with them.
 * Tests: test/cli/otp.test.ts, test/cli/account.test.ts
 */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { type Command, UsageError } from "./command.js";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Config<O extends Options> = { args: string[]; options: O; allowPositionals: true; strict: true };
type Values<O extends Options> = ReturnType<typeof parseArgs<Config<O>>>["values"];

/**
 * Returns a command's named arguments, all of which are required, and its options.
 * @throws UsageError when an argument is missing, when there are too many, or on an unknown option
 */
export function readArguments<Name extends string, O extends Options>(
  args: string[],
  command: Pick<Command, "usage">,
  names: readonly Name[],
  options: O,
): { given: Record<Name, string>; options: Values<O> } {
  const { positionals, values } = parsed(args, options);
  if (positionals.length > names.length) throw new UsageError(`Too many arguments; usage: ${command.usage}`);
  const missing = names[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing; usage: ${command.usage}`);
  const given = Object.fromEntries(names.map((name, index) => [name, positionals[index]]));
  return { given: given as Record<Name, string>, options: values };
}

function parsed<O extends Options>(args: string[], options: O) {
  try {
    return parseArgs<Config<O>>({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node.js explains at length; its first sentence says what is wrong.
    throw new UsageError(error.message.split(/\.?\n|\. /)[0]?.replace(/\.?$/, "."));
  }
}

/** Parses a whole number from `min` to `max`, in plain digits. @throws UsageError, whose sentence begins with `what` */
export function wholeNumber(text: string, what: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max) {
    throw new UsageError(`${what} must be a whole number from ${min} to ${max}.`);
  }
  return value;
}
