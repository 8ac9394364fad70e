/** `latchkey keys rotate`: re-encrypts everything with the newest of APP_SECRETS, while the servers run. */
import { readArguments } from "./arguments.js";
import type { Command, Commands } from "./command.js";
import { withAuth } from "./with-auth.js";

const rotate: Command = {
  usage: "latchkey keys rotate",
  summary: "Seals every secret in the database anew with the newest of APP_SECRETS, while the servers go on.",
  details: `Put the new key first in APP_SECRETS, on every node, before: docs/operate.md says how. Stopped half way, run it again.`,
  run(args, io) {
    readArguments(args, rotate, [], {});
    return withAuth(io, { create: false }, async (auth) => {
      const { reencrypted, unreadable } = await auth.rotateKeys();
      io.stdout.write(
        reencrypted > 0
          ? `Sealed anew: ${reencrypted}. Everything is sealed with the newest key now.\n`
          : "Everything is sealed with the newest key already.\n",
      );
      if (unreadable > 0) {
        io.stderr.write(
          `No key here opens ${unreadable}: unfinished set-ups and recovery codes just made, which go by themselves, or damaged secrets.\n`,
        );
      }
      return 0;
    });
  },
};

export const commands: Commands = { "keys rotate": rotate };
