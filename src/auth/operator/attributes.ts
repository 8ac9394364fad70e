/**
 * Checks what an operator or a host app says about a person: names, address, groups and the host's id. Lengths are checked first.
 * Tests: test/accounts/attributes.test.ts, test/security/accounts-input.test.ts
 */
import { isText, parseUsername } from "../passwords/username.js";
import {
  MAX_EMAIL_LENGTH,
  MAX_EXTERNAL_ID_LENGTH,
  MAX_FULL_NAME_LENGTH,
  MAX_GROUP_LENGTH,
  MAX_GROUPS_BYTES,
  MAX_HOST_NAME_LENGTH,
  MAX_USERNAME_LENGTH,
} from "../policy.js";
import type { AccountChanges } from "../store.js";

/** A field that was refused, and why, in one sentence. */
export interface Invalid {
  outcome: "invalid";
  field: "username" | "email" | "name" | "groups" | "externalId";
  message: string;
}

/** The fields as a program gave them, of any type; what is left out is not checked. `null` takes a value away. */
export interface GivenAttributes {
  email?: unknown;
  name?: unknown;
  groups?: unknown;
  externalId?: unknown;
}

export type Attributes = Pick<AccountChanges, "email" | "name" | "groups" | "externalId">;

/** @returns the attributes that were given, as they are stored; or the first that is refused */
export function checkAttributes({ email, name, groups, externalId }: GivenAttributes): Attributes | Invalid {
  if (email !== undefined && email !== null && !isAddress(email)) return invalid("email", NOT_AN_ADDRESS);
  if (name !== undefined && name !== null && !isText(name, MAX_FULL_NAME_LENGTH))
    return invalid("name", `A name has ${lengthOf(MAX_FULL_NAME_LENGTH)}.`);
  if (externalId !== undefined && externalId !== null && !isText(externalId, MAX_EXTERNAL_ID_LENGTH))
    return invalid(
      "externalId",
      `The externalId is a text of ${lengthOf(MAX_EXTERNAL_ID_LENGTH)}; a number is written as a text.`,
    );
  const grouped = groups === undefined ? undefined : checkGroups(groups);
  if (grouped && "outcome" in grouped) return grouped;
  return {
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(externalId !== undefined && { externalId }),
    ...(grouped && { groups: grouped }),
  };
}

/**
 * @param isHosts whether the account belongs to one of the host's people, whose name is a label: it is kept as it is, without
 * blanks around it
 * @returns the name as it is stored
 */
export function checkUsername(typed: unknown, isHosts: boolean): { username: string } | Invalid {
  if (isHosts) {
    return isText(typed, MAX_HOST_NAME_LENGTH)
      ? { username: typed.trim() }
      : invalid("username", `The name of one of the host's people has ${lengthOf(MAX_HOST_NAME_LENGTH)}.`);
  }
  // Blanks around a name are dropped, so it may be a little longer than what is stored.
  const isShort = typeof typed === "string" && typed.length <= 2 * MAX_USERNAME_LENGTH;
  const username = isShort ? parseUsername(typed) : undefined;
  return username === undefined ? invalid("username", NOT_A_USERNAME) : { username };
}

const NOT_A_USERNAME = `A name has 1 to ${MAX_USERNAME_LENGTH} of a-z, 0-9 and . _ @ + -, and starts with a letter or digit.`;

const NOT_AN_ADDRESS = `An email address looks like anna@example.org and has at most ${MAX_EMAIL_LENGTH} characters.`;

function lengthOf(max: number): string {
  return `1 to ${max} characters and no control characters`;
}

function checkGroups(groups: unknown): readonly string[] | Invalid {
  // Each has a byte or more, so that a longer list need not be looked at.
  if (!Array.isArray(groups) || groups.length > MAX_GROUPS_BYTES) return invalid("groups", NOT_GROUPS);
  const list: unknown[] = [...groups];
  let bytes = 0;
  for (const group of list) {
    if (!isText(group, MAX_GROUP_LENGTH) || /[,[\]]/.test(group)) return invalid("groups", NOT_GROUPS);
    bytes += Buffer.byteLength(group);
  }
  return bytes > MAX_GROUPS_BYTES ? invalid("groups", NOT_GROUPS) : (list as string[]);
}

const NOT_GROUPS =
  `Groups are a list; each has 1 to ${MAX_GROUP_LENGTH} characters without commas, brackets and control characters, ` +
  `all together at most ${MAX_GROUPS_BYTES.toLocaleString("en-GB")} bytes.`;

/**
 * What HTML's `input type=email` takes (HTML Standard, "valid email address"), and the same with letters of any script (RFC 6531
 * §3.3). Domain labels have at most 63 characters.
 */
const LOCAL_PART = /^(?:[\w.!#$%&'*+/=?^`{|}~-]|[^\0-\x7f])+$/u;
const DOMAIN_LABEL = /^(?!-)(?:[a-z0-9-]|[^\0-\x7f]){1,63}(?<!-)$/iu;

/** Separators, and characters that cannot be seen, of any script. */
const NOT_IN_ADDRESSES = /[\p{C}\p{Z}]/u;

function isAddress(value: unknown): value is string {
  if (typeof value !== "string" || value.length > MAX_EMAIL_LENGTH || NOT_IN_ADDRESSES.test(value))
    return false;
  const [local = "", domain = "", ...others] = value.split("@");
  if (others.length > 0 || !LOCAL_PART.test(local)) return false;
  return domain.split(".").every((label) => DOMAIN_LABEL.test(label));
}

function invalid(field: Invalid["field"], message: string): Invalid {
  return { outcome: "invalid", field, message };
}
