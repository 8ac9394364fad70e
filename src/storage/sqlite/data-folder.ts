/**
 * Checks the permissions of the data folder's files, and explains to the operator why one cannot be used.
 * Tests: test/data-folder.test.ts
 */
import { statSync } from "node:fs";
import path from "node:path";

/** Mode bits: others, the group, and setgid, which gives new files the folder's group. */
const [OTHERS, GROUP, SETGID] = [0o007, 0o070, 0o2000];

/**
 * The mode bits that no file of this folder may have. A setgid folder, for example one made by Kubernetes' fsGroup, may grant
 * its group access, because the operator has chosen that group.
 */
export function forbiddenBits(folder: string): number {
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
  return mode & SETGID ? OTHERS : OTHERS | GROUP;
}

/** The `chmod` command that clears the `closed` bits of a file or folder; undefined when none is set. */
export function chmodCommand(place: string, closed: number): string | undefined {
  const found = statSync(place, { throwIfNoEntry: false });
  // Windows has no such modes.
  if (!found || !(found.mode & closed) || process.platform === "win32") return undefined;
  if (closed === OTHERS) return `\`chmod o= ${place}\``;
  return `\`chmod ${found.isDirectory() ? "700" : "600"} ${place}\``;
}

/**
 * Refuses a file that other users can read: the database, its -wal and -shm files, the key.
 * @throws Error with the reason and the remedy
 */
export function assertPrivate(file: string): void {
  const remedy = chmodCommand(file, forbiddenBits(path.dirname(file)));
  if (remedy) throw new Error(`others may read it. Find out who has, then run ${remedy}`);
}

/** By error code of the system or SQLite, followed by the system call; each pattern matches the beginning. */
const REASONS: [code: RegExp, reason: string][] = [
  [/^(EACCES|EPERM|SQLITE_CANTOPEN|SQLITE_PERM)/, "this user may not read it, or may not write there"],
  // For a recursive mkdir on a read-only file system, Node reports ENOENT instead of EROFS.
  [/^(EROFS|ENOENT mkdir|SQLITE_READONLY)/, "nothing may be written there"],
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)/, "the disk is full"],
  [/^(ENOTDIR|EEXIST mkdir)/, "there is a file where a folder should be"],
];

const REMEDY = "Correct that, or set DATA_DIR to a folder that this user may write to";

/** Why a file cannot be read, written or created, without a full stop. `remedy` adds what to do about the data folder. */
export function reasonOf(error: unknown, { remedy = true } = {}): string {
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
