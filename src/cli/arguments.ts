/** Reads a command's arguments, and says in one sentence what is wrong with them. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { type Command, UsageError } from "./command.js";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Config<O extends Options> = { args: string[]; options: O; allowPositionals: true; strict: true };
type Values<O extends Options> = ReturnType<typeof parseArgs<Config<O>>>["values"];

/**
 * The named arguments, all of them required, and the options of a command.
 * Throws UsageError on one that is missing, one too many, or an option that it does not know.
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
    // Node explains at length; the first sentence says what is wrong.
    throw new UsageError(error.message.split(/\.?\n|\. /)[0]?.replace(/\.?$/, "."));
  }
}

/** A whole number from `least` to `most`, in plain digits. `what` opens the sentence when it is not. */
export function wholeNumber(text: string, what: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < least || value > most) {
    throw new UsageError(`${what} must be a whole number from ${least} to ${most}.`);
  }
  return value;
}
