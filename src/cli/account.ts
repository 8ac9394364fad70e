/** `latchkey account …`: the operator's commands on accounts; each is one call into auth/. */
import { type Auth, MAX_USERNAME_LENGTH, PASSWORD_LENGTH, type PasswordProblem } from "../auth/index.js";
import { accountList } from "./account-list.js";
import { readArguments } from "./arguments.js";
import { type Command, type Commands, UsageError } from "./command.js";
import { readPassword } from "./read-password.js";
import { withAuth } from "./with-auth.js";

const PASSWORD_DETAILS = `The password is asked for without showing it, or read as one line of standard input; it is never an argument.
At least ${PASSWORD_LENGTH.min} characters, and none that attackers try first.`;

const add: Command = {
  usage: "latchkey account add NAME",
  summary: "Adds an account, whose owner sets up an authenticator at the first sign-in.",
  details: PASSWORD_DETAILS,
  async run(args, io) {
    const name = nameFrom(args, add);
    // Read the password first, so that cancelling here creates no database.
    const password = await readPassword(io);
    return withAuth(io, { create: true }, async (auth) => {
      const result = await auth.addAccount(name, password);
      switch (result.outcome) {
        case "added":
          io.stdout.write(`Added ${result.username}, who sets up an authenticator at the first sign-in.\n`);
          return 0;
        case "taken":
          throw new Error(`There is an account ${result.username} already.`);
        case "not-a-username":
          throw new UsageError(
            `A name has 1 to ${MAX_USERNAME_LENGTH} of a-z, 0-9 and . _ @ + -, and starts with a letter or digit.`,
          );
        case "password-refused":
          throw new Error(PASSWORD_PROBLEMS[result.problem]);
      }
    });
  },
};

const password: Command = {
  usage: "latchkey account password NAME",
  summary: "Sets a new password and ends every session of the account.",
  details: `${PASSWORD_DETAILS}\nTrusted devices are forgotten too; authenticators and recovery codes stay.`,
  async run(args, io) {
    const name = nameFrom(args, password);
    return withAuth(io, { create: false }, async (auth) => {
      const result = await auth.setPassword(name, await readPassword(io));
      if (result.outcome === "password-refused") throw new Error(PASSWORD_PROBLEMS[result.problem]);
      const { username } = ofExistingAccount(result);
      io.stdout.write(
        `${username} has a new password; every session of the account has ended, and its trusted devices are forgotten.\n`,
      );
      return 0;
    });
  },
};

const PASSWORD_PROBLEMS: Record<PasswordProblem, string> = {
  "too-short": `That password is too short: at least ${PASSWORD_LENGTH.min} characters.`,
  "too-long": `That password is too long: at most ${PASSWORD_LENGTH.max.toLocaleString("en-GB")} characters.`,
  common: "That password is among the first that attackers try: choose another.",
  name: "That password is little more than the account's or the site's name: choose another.",
  keyboard: "That password is little more than a run of neighbouring keys: choose another.",
  repeat: "That password is little more than one thing repeated: choose another.",
  sequence: "That password is little more than a sequence of letters or digits: choose another.",
  date: "That password is little more than a date: choose another.",
};

const disable = onOneAccount({
  usage: "latchkey account disable NAME",
  summary: "Closes an account: signed out everywhere, and nobody signs in to it.",
  details:
    "Trusted devices are forgotten. Password, authenticators and recovery codes stay for when it is enabled.",
  act: (auth, name) => auth.disableAccount(name),
  done: (name) =>
    `${name} is disabled: signed out everywhere, and nobody can sign in as ${name} until \`latchkey account enable ${name}\`.`,
});

const enable = onOneAccount({
  usage: "latchkey account enable NAME",
  summary: "Opens a disabled account again.",
  act: (auth, name) => auth.enableAccount(name),
  done: (name) => `${name} is enabled; sessions that were ended stay ended.`,
});

const remove = onOneAccount({
  usage: "latchkey account remove NAME",
  summary: "Removes an account with everything that is its own, its history included.",
  details:
    "It asks nothing and cannot be undone; `latchkey account disable NAME` can. A record of the removal, and of who did it, is kept.",
  act: (auth, name) => auth.removeAccount(name),
  done: (name) => `Removed ${name} with everything that was the account's own.`,
});

const unlock = onOneAccount({
  usage: "latchkey account unlock NAME",
  summary: "Opens an account that too many wrong codes or passwords have locked or delayed.",
  details: `Also opens an account whose codes are all refused because the server's clock ran ahead. Set the clock right first. Codes
that were accepted meanwhile stay used; new codes work from a minute later on.`,
  act: (auth, name) => auth.unlockAccount(name),
  done: (name, { lifted }) =>
    `${name} can try again at once: failed attempts are forgotten.${liftedText(lifted)}`,
});

function liftedText(lifted: number): string {
  if (lifted === 0) return "";
  const whose = lifted === 1 ? "One authenticator" : `${lifted} authenticators`;
  return ` ${whose} had accepted codes from the future: new codes work again in a minute.`;
}

const reset2fa = onOneAccount({
  usage: "latchkey account reset-2fa NAME",
  summary: "For whoever has lost authenticator and recovery codes: the next sign-in sets up anew.",
  details: `Ends the account's authenticators, recovery codes, sessions and trusted devices.
Until the next sign-in the password alone opens the account: make sure who is asking.`,
  act: (auth, name) => auth.resetSecondFactor(name),
  done: (name) =>
    `${name} sets up an authenticator anew at the next sign-in; sessions, trusted devices and recovery codes have ended. ` +
    `Until then the password alone opens the account: tell ${name} to sign in soon.`,
});

export const commands: Commands = {
  "account add": add,
  "account list": accountList,
  "account password": password,
  "account disable": disable,
  "account enable": enable,
  "account remove": remove,
  "account unlock": unlock,
  "account reset-2fa": reset2fa,
};

type Result = { outcome: string; username: string } | { outcome: "unknown" };

type DoneResult<R extends Result> = Extract<R, { username: string }>;

interface AccountAction<R extends Result> extends Omit<Command, "run"> {
  act(auth: Auth, name: string): Promise<R>;
  /** The message about what was done and what ended. */
  done(username: string, result: DoneResult<R>): string;
}

/** Makes a command whose only argument is an account's name. */
function onOneAccount<R extends Result>({ act, done, ...help }: AccountAction<R>): Command {
  return {
    ...help,
    async run(args, io) {
      const name = nameFrom(args, help);
      return withAuth(io, { create: false }, async (auth) => {
        const result = ofExistingAccount(await act(auth, name));
        io.stdout.write(`${done(result.username, result)}\n`);
        return 0;
      });
    },
  };
}

/** The NAME argument. @throws UsageError */
function nameFrom(args: string[], command: Pick<Command, "usage">): string {
  // Checked first: a second argument is most likely a password, which is now in the shell's history.
  if (args.filter((arg) => !arg.startsWith("-")).length > 1)
    throw new UsageError("One name is enough; a password is never an argument.");
  return readArguments(args, command, ["NAME"], {}).given.NAME;
}

/** The result for an existing account. @throws Error when there is no account of that name */
function ofExistingAccount<R extends Result>(result: R): DoneResult<R> {
  if (!("username" in result)) throw new Error("There is no account of that name.");
  return result as DoneResult<R>;
}
