/** What is wrong with settings, as a start tells it. */
import { ConfigError, readConfig } from "../../src/config/config.js";
import { appSecret } from "./app-secret.js";

/** Every problem of these settings, in a sentence each; none where they are accepted. */
export function problems(env: Record<string, string>): string[] {
  try {
    readConfig({ APP_SECRETS: appSecret(), ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
