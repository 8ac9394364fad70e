/**
 * The commands that make one-time links. The link stands alone on standard output, so that a script can pass it on; all else that
 * they say goes to standard error.
 */
import type { Auth, LinkMade } from "../auth/index.js";
import type { Config } from "../config/config.js";
import { linkUrl } from "../link-url.js";
import { readArguments } from "./arguments.js";
import type { Command, Commands, Io } from "./command.js";
import { accountNamed, nameFrom, notThere } from "./one-account.js";
import { withAuth } from "./with-auth.js";

const GIVE = "Give it to them yourself, and to nobody else: anyone who opens it can choose the password.";

const invite: Command = {
  usage: "latchkey account invite NAME",
  summary: "Prints a new link for an account that has not chosen its first password.",
  details: "It ends the link before. INVITATION says how long it opens.",
  async run(args, io) {
    const name = nameFrom(args, invite);
    return withAuth(io, { create: false }, async (auth, config) => {
      const { id } = await accountNamed(auth, name);
      await printInvitation(auth, config, io, id);
      return 0;
    });
  },
};

/** Makes an invitation and prints it. @throws Error in one sentence */
export async function printInvitation(auth: Auth, config: Config, io: Io, id: string): Promise<void> {
  const result = await auth.invite(id);
  switch (result.outcome) {
    case "link":
      return printLink(config, io, result, (name) => `${name} chooses a password by this link. ${GIVE}`);
    case "unknown":
      throw notThere();
    case "not-needed":
      throw new Error(
        "This account needs no invitation: it has a password, or belongs to an app. `latchkey account password NAME --link` makes " +
          "a link for a new password.",
      );
  }
}

/** Makes a link for a password and prints it. @throws Error in one sentence */
export async function printPasswordLink(auth: Auth, config: Config, io: Io, id: string): Promise<void> {
  const result = await auth.passwordLink(id);
  switch (result.outcome) {
    case "link":
      return printLink(
        config,
        io,
        result,
        (name) => `${name} chooses a password by this link; until then everything stays as it is. ${GIVE}`,
      );
    case "unknown":
      throw notThere();
    case "not-possible":
      throw new Error(NO_OWN_PASSWORD);
  }
}

export const NO_OWN_PASSWORD =
  "This account has no password of Latchkey's own: only the app that it belongs to knows it.";

const reset2fa: Command = {
  usage: "latchkey account reset-2fa NAME [--without-link]",
  summary: "For anyone who has lost authenticator and recovery codes: prints the link to set up again.",
  details: `Ends the account's authenticators, recovery codes, sessions and trusted browsers.
Setting up again takes the link and the password: neither opens the account alone. \`latchkey account password NAME --link\` is for
anyone who has lost the password too.
  --without-link  the next sign-in sets up; until then the password alone opens the account`,
  async run(args, io) {
    const options = { "without-link": { type: "boolean" } } as const;
    const name = nameFrom(args, reset2fa, options);
    const withoutLink = readArguments(args, reset2fa, ["NAME"], options).options["without-link"] ?? false;
    return withAuth(io, { create: false }, async (auth, config) => {
      const { id } = await accountNamed(auth, name);
      const result = await auth.resetSecondFactor(id, { withoutLink });
      switch (result.outcome) {
        case "link":
          printLink(
            config,
            io,
            result,
            (name) =>
              `${ENDED(name)} By this link ${name} sets up again. Give it to them yourself: it opens nothing without the password.`,
          );
          return 0;
        case "done": {
          const { username } = result.account;
          io.stdout.write(
            `${ENDED(username)} ${username} sets up an authenticator at the next sign-in. Until then the first factor alone opens the ` +
              `account: tell ${username} to sign in soon.\n`,
          );
          return 0;
        }
        case "unknown":
          throw notThere();
      }
    });
  },
};

const ENDED = (username: string) =>
  `Authenticators, recovery codes, sessions and trusted browsers of ${username} have ended.`;

function printLink(config: Config, io: Io, made: LinkMade, say: (username: string) => string): void {
  const { account, token, expiresAt } = made;
  const until = `${expiresAt.toISOString().slice(0, 16)}Z`;
  const closed = account.disabled ? ` ${account.username} is disabled: enable the account first.` : "";
  io.stderr.write(`${say(account.username)} It works once, until ${until}.${closed}\n`);
  io.stdout.write(`${linkUrl(config, config.port, `${config.mountPath}/link/${token}`)}\n`);
}

export const linkCommands: Commands = {
  "account invite": invite,
  "account reset-2fa": reset2fa,
};
