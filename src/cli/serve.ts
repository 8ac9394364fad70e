/** `latchkey serve`: runs the web server, as `npm start` does. Tests: test/main.test.ts */
import { type Commands, UsageError } from "./command.js";

export const commands: Commands = {
  serve: {
    usage: "latchkey serve",
    summary: "Serves the sign-in pages; the settings come from the environment and from .env.",
    async run(args, io) {
      if (args.length > 0)
        throw new UsageError("latchkey serve takes no arguments: the settings are variables.");
      const { main, startProblem } = await import("../main.js");
      try {
        await main(io.env);
        return 0;
      } catch (error) {
        io.stderr.write(`latchkey: ${startProblem(error)}\n`);
        return 1;
      }
    },
  },
};
