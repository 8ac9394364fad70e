/** The folder of the data: who else may get at its files, and, in words, why they cannot be used. */
import { statSync } from "node:fs";
import path from "node:path";

/** What a mode gives to others, to the group, and what has a folder's files belong to the folder's group. */
const [OTHERS, GROUP, SETGID] = [0o007, 0o070, 0o2000];

/**
 * The bits that no file of this folder may have. Where the folder hands its group on to its files (setgid), as Kubernetes'
 * fsGroup has it, whoever runs this has chosen that group.
 */
export function closedTo(folder: string): number {
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
  return mode & SETGID ? OTHERS : OTHERS | GROUP;
}

/** What takes those bits from a file or folder that has them; undefined where none has to be taken. */
export function remedyFor(place: string, closed: number): string | undefined {
  const found = statSync(place, { throwIfNoEntry: false });
  // Windows has no such modes.
  if (!found || !(found.mode & closed) || process.platform === "win32") return undefined;
  if (closed === OTHERS) return `\`chmod o= ${place}\``;
  return `\`chmod ${found.isDirectory() ? "700" : "600"} ${place}\``;
}

/** The one rule for the database, what is beside it, and the key. @throws Error with the reason and the remedy */
export function refuseOpen(file: string): void {
  const remedy = remedyFor(file, closedTo(path.dirname(file)));
  if (remedy) throw new Error(`others may read it. Find out who has, then run ${remedy}`);
}

/** By the beginning of the code that the system or SQLite gives. */
const REASONS: [code: RegExp, reason: string][] = [
  [/^(EACCES|EPERM|SQLITE_CANTOPEN|SQLITE_PERM)/, "this user may not read it, or not write there"],
  // Node itself makes an ENOENT of EROFS, where folders are made one in the other.
  [/^(EROFS|ENOENT mkdir|SQLITE_READONLY)/, "it is where nothing may be written"],
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)/, "the disk is full"],
  [/^(ENOTDIR|EEXIST mkdir)/, "there is a file where a folder should be"],
];

const REMEDY = "Make that good, or set DATA_DIR to a folder that this user may write";

/** Why a file cannot be read, written or made; without a full stop. `remedy`: and what to do, for those of the data. */
export function inWords(error: unknown, { remedy = true } = {}): string {
  if (!(error instanceof Error)) return String(error);
  const {
    code = "",
    syscall = "",
    sqliteCodeName = code,
  } = error as Error & Record<string, string | undefined>;
  const reason = REASONS.find(([codes]) => codes.test(`${sqliteCodeName} ${syscall}`))?.[1];
  if (reason === undefined) return error.message;
  return remedy ? `${reason}. ${REMEDY}` : reason;
}
