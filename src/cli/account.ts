/** `latchkey account …`: what an operator does with accounts; each is one call into auth/. */
import { existsSync } from "node:fs";
import { type Command, type Commands, type Io, UsageError } from "./command.js";
import { readPassword } from "./read-password.js";

export const commands: Commands = {
  "account add": {
    usage: "latchkey account add NAME",
    summary: "Adds an account; the password is asked for, or read as one line of standard input.",
    details: "Its owner sets up an authenticator at the first sign-in. Passwords have at least 8 characters.",
    run: (args, io) => add(nameFrom(args), io),
  },
  "account unlock": {
    usage: "latchkey account unlock NAME",
    summary: "Opens an account that too many wrong codes or passwords have locked or delayed.",
    run: (args, io) => unlock(nameFrom(args), io),
  },
};

function nameFrom(args: string[]): string {
  const [name, ...rest] = args;
  if (name === undefined || name.startsWith("-")) throw new UsageError("Which account? Give its name.");
  if (rest.length > 0) throw new UsageError("One name is enough; a password is never an argument.");
  return name;
}

async function add(name: string, io: Io): Promise<number> {
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
          "A name has 1 to 64 of a-z, 0-9 and . _ @ + -, and starts with a letter or digit.",
        );
      case "password-refused":
        throw new Error(PASSWORD_PROBLEMS[result.problem]);
    }
  });
}

const PASSWORD_PROBLEMS = {
  "too-short": "That password is too short: at least 8 characters.",
  "too-long": "That password is too long: at most 1,024 characters.",
  common: "That password is among the first that attackers try: choose another.",
};

function unlock(name: string, io: Io): Promise<number> {
  return withAuth(io, { create: false }, async (auth) => {
    const result = await auth.unlockAccount(name);
    if (result.outcome === "unknown") throw new Error("There is no account of that name.");
    io.stdout.write(`${result.username} can sign in: failed attempts are forgotten.\n`);
    return 0;
  });
}

type Auth = Awaited<ReturnType<typeof import("../main.js").openAuth>>["auth"];

async function withAuth(
  io: Io,
  { create }: { create: boolean },
  work: (auth: Auth) => ReturnType<Command["run"]>,
) {
  const [{ readConfig }, { openAuth }, { databaseFile }] = await Promise.all([
    import("../config.js"),
    import("../main.js"),
    import("../storage/index.js"),
  ]);
  const config = readConfig(io.env);
  const file = databaseFile(config.dataDir);
  io.stderr.write(`Database: ${file}\n`);
  if (!create && !existsSync(file))
    throw new Error("There is no database yet: `latchkey account add NAME` makes one.");
  const { auth, close } = await openAuth(config, () => {});
  try {
    return await work(auth);
  } finally {
    await close();
  }
}
