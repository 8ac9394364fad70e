/** Commands on one account: its name is their only argument. Tests: test/cli/account.test.ts, test/cli/account-rename.test.ts */
import type { ParseArgsConfig } from "node:util";
import type { Auth } from "../auth/index.js";
import { readArguments } from "./arguments.js";
import { type Command, UsageError } from "./command.js";
import { withAuth } from "./with-auth.js";

/** What an operation answers; `account` is left out by a removal. */
type Result = { outcome: "done"; account?: { username: string } } | { outcome: "unknown" };

type DoneResult<R extends Result> = Extract<R, { outcome: "done" }>;

interface AccountAction<R extends Result> extends Omit<Command, "run"> {
  act(auth: Auth, id: string): Promise<R>;
  /** The message about what was done and what ended. */
  done(username: string, result: DoneResult<R>): string;
}

/** Makes a command whose only argument is an account's name. */
export function onOneAccount<R extends Result>({ act, done, ...help }: AccountAction<R>): Command {
  return {
    ...help,
    async run(args, io) {
      const name = nameFrom(args, help);
      return withAuth(io, { create: false }, async (auth) => {
        const { id, username } = await accountNamed(auth, name);
        const result = await act(auth, id);
        if (!isDone(result)) throw notThere();
        io.stdout.write(`${done(result.account?.username ?? username, result)}\n`);
        return 0;
      });
    },
  };
}

function isDone<R extends Result>(result: R): result is DoneResult<R> {
  return result.outcome === "done";
}

/** The NAME argument. @param options what else the command takes. @throws UsageError */
export function nameFrom(
  args: string[],
  command: Pick<Command, "usage">,
  options: NonNullable<ParseArgsConfig["options"]> = {},
): string {
  // Checked first: a second argument is most likely a password, which is now in the shell's history.
  if (args.filter((arg) => !arg.startsWith("-")).length > 1)
    throw new UsageError("One name is enough; a password is never an argument.");
  return readArguments(args, command, ["NAME"], options).given.NAME;
}

/** The account of a name, as it was typed, else as names are stored. @throws Error in one sentence */
export async function accountNamed(auth: Auth, name: string) {
  const found = await auth.findAccount({ username: name });
  if (!found) throw notThere();
  return found;
}

export function notThere(): Error {
  return new Error("There is no account of that name.");
}
