/** Opens auth/ on the operator's database for one command, and prints which database that is. Tests: test/cli/account.test.ts */
import type { Auth } from "../auth/index.js";
import type { Config } from "../config/config.js";
import type { Io } from "./command.js";

/**
 * Runs `work` on the database that the settings name, and resolves to its exit code. `create`: whether to create a missing
 * database.
 * @throws what openAuth throws; Error when there is no database and `create` is false
 */
export async function withAuth(
  io: Io,
  { create }: { create: boolean },
  work: (auth: Auth, config: Config) => Promise<number>,
): Promise<number> {
  const [{ readConfig }, { openAuth }, { databaseName, schemaIn }] = await Promise.all([
    import("../config/config.js"),
    import("../open-auth.js"),
    import("../storage/index.js"),
  ]);
  const config = readConfig(io.env);
  io.stderr.write(`Database: ${databaseName(config)}\n`);
  if (!create && (await schemaIn(config)) === "none")
    throw new Error("There is no database yet: `latchkey migrate` or `latchkey account add NAME` makes one.");
  const { auth, close } = await openAuth(config, { operator: io.operator() });
  try {
    return await work(auth, config);
  } finally {
    await close();
  }
}
