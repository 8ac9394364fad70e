/**
 * Reads one row of an import: a person with a password hash and a TOTP secret of another system. Lengths are checked before
 * anything is parsed, and no sentence repeats a part of a secret.
 * Tests: test/import/rows.test.ts, test/security/imported-rows.test.ts
 */

import { type GivenHash, readForeignHash } from "../passwords/foreign-hashes.js";
import { isHosts } from "../passwords/own-password.js";
import type { Account } from "../store.js";
import { checkAttributes, checkUsername } from "./attributes.js";
import { type ImportedSecret, readTotpSecret } from "./totp-secret.js";

type Attributes = Pick<Account, "username" | "externalId" | "email" | "emailConfirmed" | "name" | "groups">;

export interface ImportedPerson extends Attributes {
  /** Left out: the account has no password yet, or the host app knows it. */
  hash?: Exclude<GivenHash, { problem: string }>;
  totp?: ImportedSecret;
}

/** `username` only where it may be one. */
export type ReadPerson = { person: ImportedPerson } | { problem: string; username?: string };

/** Reads any value. */
export function readPerson(given: unknown): ReadPerson {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return { problem: "The row is not an object." };
  const row: Record<string, unknown> = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const named = checkUsername(
    row.username,
    isHosts({ externalId: textOrNull(row.externalId), passwordHash: hashPart(row) }),
  );
  if ("outcome" in named)
    return { problem: row.username === undefined ? "There is no username." : named.message };
  const { username } = named;
  const read = readRest(row, username);
  return "problem" in read ? { ...read, username } : read;
}

function readRest(row: Record<string, unknown>, username: string): ReadPerson {
  const unknown = Object.keys(row).findIndex((field) => !FIELDS.has(field));
  if (unknown >= 0) return { problem: unknownField(Object.keys(row)[unknown] ?? "", unknown + 1) };
  const { passwordHash, totp, emailConfirmed } = row;
  const attributes = row.externalId === null ? NO_ID : checkAttributes(row);
  if ("message" in attributes) return { problem: attributes.message };
  if (emailConfirmed !== undefined && typeof emailConfirmed !== "boolean")
    return { problem: "emailConfirmed is neither true nor false." };
  const hash = passwordHash === undefined ? undefined : readForeignHash(passwordHash as string);
  if (hash && "problem" in hash) return hash;
  const secret = totp === undefined ? undefined : readTotpSecret(totp);
  if (secret && "problem" in secret) return secret;
  const { externalId = null, email = null, name = null, groups = [] } = attributes;
  return {
    person: {
      ...{ username, externalId, email, name, groups },
      emailConfirmed: email !== null && emailConfirmed === true,
      ...(hash && { hash }),
      ...(secret && { totp: secret }),
    },
  };
}

const FIELDS = new Set([
  "username",
  "email",
  "emailConfirmed",
  "name",
  "groups",
  "externalId",
  "passwordHash",
  "totp",
]);

const NO_ID = { message: "The externalId is not a text." };

/** A field's name is shown only if it is shorter than any secret or hash: somebody may have mixed up names and values. */
function unknownField(name: string, position: number): string {
  const shown = /^[a-z_]{1,15}$/i.test(name) ? `\`${name}\`` : `Field ${position}`;
  const hint = name === "password" ? "; passwords in clear are not imported" : "";
  return `${shown} is none of the fields of a row${hint}.`;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** What stands for the hash before it is read: a row with one is an account of Latchkey's own, whose name is no mere label. */
function hashPart({ passwordHash }: Record<string, unknown>): string {
  return passwordHash === undefined ? "" : "given";
}
