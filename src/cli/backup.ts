/** `latchkey backup FILE`: copies the embedded database while the server runs. */
import { readArguments } from "./arguments.js";
import type { Command, Commands } from "./command.js";

const backup: Command = {
  usage: "latchkey backup FILE",
  summary: "Copies the embedded database into a new file, whole and consistent, while the server goes on.",
  details: `The copy is readable by its owner alone, and useless without APP_SECRETS: keep those elsewhere. PostgreSQL has pg_dump
for this; docs/operate.md shows both, and how to restore.`,
  async run(args, io) {
    const {
      given: { FILE },
    } = readArguments(args, backup, ["FILE"], {});
    const [{ readConfig }, { backUp, databaseName }] = await Promise.all([
      import("../config/config.js"),
      import("../storage/index.js"),
    ]);
    const config = readConfig(io.env);
    io.stderr.write(`Database: ${databaseName(config)}\n`);
    await backUp(config, FILE);
    io.stdout.write(`Copied to ${FILE}.\n`);
    return 0;
  },
};

export const commands: Commands = { backup };
