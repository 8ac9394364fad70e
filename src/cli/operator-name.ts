/** The operator's name, for the log, the history and the events. Tests: test/cli/operator-events.test.ts */
import { userInfo } from "node:os";

const MAX_NAME = 64;

/**
 * The user who ran `sudo`, else the operating system's user. For information only: anyone who may run the command can set
 * SUDO_USER.
 * @param systemUser throws for a user without a name, as in some containers
 */
export function operatorName(
  env: Record<string, string | undefined>,
  systemUser: () => string = () => userInfo().username,
): string {
  // The name is printed in terminals and tables, so control characters are removed.
  const tidy = (name: string | undefined) =>
    name
      ?.replace(/[\p{C}\p{Z}]+/gu, " ")
      .trim()
      .slice(0, MAX_NAME);
  return tidy(env.SUDO_USER) || tidy(named(systemUser)) || `uid ${process.getuid?.() ?? "unknown"}`;
}

/** The system user's name; undefined for a user without one. */
function named(systemUser: () => string): string | undefined {
  try {
    return systemUser();
  } catch {
    return undefined;
  }
}
