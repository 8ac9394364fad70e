/** Checks that the settings are valid, and reports every problem in one line. Tests: test/cli/doctor.test.ts */
import { type Examined, type Finding, ok, problem } from "./finding.js";

export async function checkSettings(examined: Examined): Promise<Finding> {
  const { ConfigError, readConfig } = await import("../../config/config.js");
  try {
    examined.config = readConfig(examined.io.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return problem(
      error.problems.join(" "),
      "Change them in the environment or in .env; docs/settings.md lists them all.",
    );
  }
  return ok(`They are those of ${examined.config.production ? "production" : "development"}.`);
}
