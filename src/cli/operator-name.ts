/** Who runs the command: for the log, the history and the events, which name the operator. */
import { userInfo } from "node:os";

const MAX_NAME = 64;

/**
 * The person behind `sudo`, else the system's user. Nothing is decided by it: whoever may run the command may set the variable.
 * @param systemUser throws for a user whom the system has no name for, as in containers
 */
export function operatorName(
  env: Record<string, string | undefined>,
  systemUser: () => string = () => userInfo().username,
): string {
  // It goes to terminals and tables.
  const tidy = (name: string | undefined) =>
    name
      ?.replace(/[\p{C}\p{Z}]+/gu, " ")
      .trim()
      .slice(0, MAX_NAME);
  return tidy(env.SUDO_USER) || tidy(named(systemUser)) || `uid ${process.getuid?.() ?? "unknown"}`;
}

function named(systemUser: () => string): string | undefined {
  try {
    return systemUser();
  } catch {
    return undefined;
  }
}
