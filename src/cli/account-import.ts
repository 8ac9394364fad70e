/** `latchkey account import`: brings people over from another system, and says what became of each row. Tests: test/cli/account-import.test.ts */
import { stat } from "node:fs/promises";
import type { ImportReport } from "../auth/index.js";
import { readArguments } from "./arguments.js";
import { type Command, type Io, UsageError } from "./command.js";
import { readJsonLines } from "./json-lines.js";
import { withAuth } from "./with-auth.js";

export const accountImport: Command = {
  usage: "latchkey account import FILE [--dry-run] [--json]",
  summary: "Adds people from JSON lines, with the password hashes and TOTP secrets of another system.",
  details: `  --dry-run      write nothing, and say what would happen
  --json         print the report as one object
A line is one person: { "username", "email", "emailConfirmed", "name", "groups", "externalId", "passwordHash", "totp" }; only the
username must be there. A line that cannot be imported is named and left out, and the rest goes in. Accounts that are there
already stay as they are, so a second run does no harm. It may run while servers do. The exit code is 0 when no line was
refused, else 1. docs/moving-in.md says how to make such a file.`,
  async run(args, io) {
    const { given, options } = readArguments(args, accountImport, ["FILE"], {
      "dry-run": { type: "boolean" },
      json: { type: "boolean" },
    });
    const dryRun = options["dry-run"] === true;
    await checkFile(given.FILE, io);
    return withAuth(io, { create: !dryRun }, async (auth) => {
      const report = await auth.importAccounts(readJsonLines(given.FILE), { dryRun });
      io.stdout.write(`${options.json ? JSON.stringify(report) : asText(report, dryRun)}\n`);
      if (!dryRun)
        io.stderr.write(`${given.FILE} holds password hashes and secrets: remove it once nobody needs it.\n`);
      return report.refused.length > 0 ? 1 : 0;
    });
  },
};

/** Before a database is opened, or made. @throws UsageError */
async function checkFile(file: string, io: Io): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      error.code === "ENOENT" ? "There is no such file." : `The file cannot be read (${error.code}).`,
    );
  });
  if (found.isDirectory()) throw new UsageError("That is a folder, not a file.");
  const isOpenToOthers = found.isFile() && process.platform !== "win32" && (found.mode & 0o077) !== 0;
  if (isOpenToOthers)
    io.stderr.write(`Other users of this machine may read ${file}: chmod 600 takes that from them.\n`);
}

function asText({ imported, skipped, refused, moreRefused = 0 }: ImportReport, dryRun: boolean): string {
  const lines = refused.map(
    ({ line, username, message }) =>
      `line ${line}${username === undefined ? "" : ` (${printable(username)})`}: ${message}`,
  );
  if (moreRefused > 0) lines.push(`and ${moreRefused} more`);
  const counts = `${imported} imported, ${skipped} there already, ${refused.length + moreRefused} refused`;
  return [dryRun ? `Nothing was written. It would be: ${counts}.` : `${counts}.`, ...lines].join("\n");
}

/** A name is a label where it is the host's, and must not control the terminal. */
function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}
