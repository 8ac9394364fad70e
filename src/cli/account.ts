/** `latchkey account …`: the operator's commands on accounts; each is one call into auth/. */
import { type Auth, PASSWORD_LENGTH } from "../auth/index.js";
import { accountImport } from "./account-import.js";
import { linkCommands, NO_OWN_PASSWORD, printInvitation, printPasswordLink } from "./account-links.js";
import { accountList } from "./account-list.js";
import { readArguments } from "./arguments.js";
import { type Command, type Commands, UsageError } from "./command.js";
import { accountNamed, nameFrom, notThere, onOneAccount } from "./one-account.js";
import { readPassword } from "./read-password.js";
import { withAuth } from "./with-auth.js";

const PASSWORD_DETAILS = `The password is asked for without showing it, or read as one line of standard input; it is never an argument.
At least ${PASSWORD_LENGTH.min} characters, and none that attackers try first.`;

const add: Command = {
  usage: "latchkey account add NAME [--invite]",
  summary: "Adds an account, whose owner sets up an authenticator at the first sign-in.",
  details: `${PASSWORD_DETAILS}
  --invite       print a one-time link instead, by which its owner chooses the password`,
  async run(args, io) {
    const options = { invite: { type: "boolean" } } as const;
    const username = nameFrom(args, add, options);
    const { invite } = readArguments(args, add, ["NAME"], options).options;
    // Read the password first, so that cancelling here creates no database.
    const password = invite ? undefined : await readPassword(io);
    return withAuth(io, { create: true }, async (auth, config) => {
      const result = await auth.createAccount({ username, ...(password !== undefined && { password }) });
      switch (result.outcome) {
        case "created": {
          const { id, username } = result.account;
          if (invite) {
            await printInvitation(auth, config, io, id);
            return 0;
          }
          io.stdout.write(`Added ${username}, who sets up an authenticator at the first sign-in.\n`);
          return 0;
        }
        case "taken":
          throw await isTaken(auth, username);
        case "invalid":
          throw new UsageError(result.message);
        case "password-refused":
          throw new Error(result.message);
      }
    });
  },
};

const password: Command = {
  usage: "latchkey account password NAME [--link]",
  summary: "Sets a new password and ends every session of the account.",
  details: `${PASSWORD_DETAILS}\nTrusted browsers are forgotten too; authenticators and recovery codes stay.
  --link         print a one-time link instead, by which its owner chooses the password; the old one holds until then`,
  async run(args, io) {
    const options = { link: { type: "boolean" } } as const;
    const name = nameFrom(args, password, options);
    const { link } = readArguments(args, password, ["NAME"], options).options;
    return withAuth(io, { create: false }, async (auth, config) => {
      const typed = link ? "" : await readPassword(io);
      const { id } = await accountNamed(auth, name);
      if (link) {
        await printPasswordLink(auth, config, io, id);
        return 0;
      }
      const result = await auth.setPassword(id, typed);
      switch (result.outcome) {
        case "done": {
          const { username } = result.account;
          io.stdout.write(
            `${username} has a new password; every session of the account has ended, and its trusted browsers are forgotten.\n`,
          );
          return 0;
        }
        case "unknown":
          throw notThere();
        case "not-possible":
          throw new Error(NO_OWN_PASSWORD);
        case "password-refused":
          throw new Error(result.message);
      }
    });
  },
};

const rename: Command = {
  usage: "latchkey account rename NAME NEW",
  summary: "Gives an account another name; everything else stays.",
  details: `Sessions go on, and the entry in an authenticator app keeps the name that it was set up with.
The owner signs in with the new name from now on.`,
  async run(args, io) {
    const { NAME, NEW } = readArguments(args, rename, ["NAME", "NEW"], {}).given;
    return withAuth(io, { create: false }, async (auth) => {
      const { id, username } = await accountNamed(auth, NAME);
      const result = await auth.updateAccount(id, { username: NEW });
      switch (result.outcome) {
        case "done":
          io.stdout.write(`${username} is called ${result.account.username} from now on.\n`);
          return 0;
        case "unknown":
          throw notThere();
        case "taken":
          throw await isTaken(auth, NEW);
        case "invalid":
          throw new UsageError(result.message);
      }
    });
  },
};

/** Says which account has the name already, in the form in which it is stored. */
async function isTaken(auth: Auth, name: string): Promise<Error> {
  const taken = await auth.findAccount({ username: name });
  return new Error(`There is an account ${taken?.username ?? name} already.`);
}

const disable = onOneAccount({
  usage: "latchkey account disable NAME",
  summary: "Closes an account: signed out everywhere, and nobody signs in to it.",
  details:
    "Trusted browsers are forgotten. Password, authenticators and recovery codes stay for when it is enabled.",
  act: (auth, id) => auth.disableAccount(id),
  done: (name) =>
    `${name} is disabled: signed out everywhere, and nobody can sign in as ${name} until \`latchkey account enable ${name}\`.`,
});

const enable = onOneAccount({
  usage: "latchkey account enable NAME",
  summary: "Opens a disabled account again.",
  act: (auth, id) => auth.enableAccount(id),
  done: (name) => `${name} is enabled; sessions that were ended stay ended.`,
});

const remove = onOneAccount({
  usage: "latchkey account remove NAME",
  summary: "Removes an account with everything that is its own, its history included.",
  details:
    "It asks nothing and cannot be undone; `latchkey account disable NAME` can. A record of the removal, and of who did it, is kept.",
  act: (auth, id) => auth.removeAccount(id),
  done: (name) => `Removed ${name} with everything that was the account's own.`,
});

const unlock = onOneAccount({
  usage: "latchkey account unlock NAME",
  summary: "Opens an account that too many wrong codes or passwords have locked or delayed.",
  details: `Also opens an account whose codes are all refused because the server's clock ran ahead. Set the clock right first. Codes
that were accepted meanwhile stay used; new codes work from a minute later on.`,
  act: (auth, id) => auth.unlockAccount(id),
  done: (name, { lifted }) =>
    `${name} can try again at once: failed attempts are forgotten.${liftedText(lifted)}`,
});

function liftedText(lifted: number): string {
  if (lifted === 0) return "";
  const whose = lifted === 1 ? "One authenticator" : `${lifted} authenticators`;
  return ` ${whose} had accepted codes from the future: new codes work again in a minute.`;
}

const signOut = onOneAccount({
  usage: "latchkey account sign-out NAME",
  summary: "Signs an account out everywhere, and forgets its trusted browsers.",
  details: "Its password and its authenticators stay as they are, and it can sign in again at once.",
  act: (auth, id) => auth.signOutAccount(id),
  done: (name) => `${name} is signed out everywhere; no browser is trusted any more.`,
});

export const commands: Commands = {
  "account add": add,
  "account list": accountList,
  "account import": accountImport,
  "account password": password,
  "account rename": rename,
  "account disable": disable,
  "account enable": enable,
  "account remove": remove,
  "account unlock": unlock,
  "account sign-out": signOut,
  ...linkCommands,
};
