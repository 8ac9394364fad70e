/**
 * `latchkey migrate`: runs the pending migrations, as every start does, at a moment of the operator's choice.
 * Tests: test/storage/migrations.test.ts
 */
import { readArguments } from "./arguments.js";
import type { Command, Commands } from "./command.js";

const migrate: Command = {
  usage: "latchkey migrate",
  summary: "Brings the database's tables up to date, creating them where there are none.",
  details: "Every start does the same, one node at a time. Make a copy of the database before.",
  async run(args, io) {
    readArguments(args, migrate, [], {});
    const [{ readConfig }, { bringUpToDate, databaseName }] = await Promise.all([
      import("../config/config.js"),
      import("../storage/index.js"),
    ]);
    const config = readConfig(io.env);
    io.stderr.write(`Database: ${databaseName(config)}\n`);
    const steps = await bringUpToDate(config);
    io.stdout.write(steps.length > 0 ? `Brought up to date: ${steps.join(", ")}.\n` : "It was up to date.\n");
    return 0;
  },
};

export const commands: Commands = { migrate };
