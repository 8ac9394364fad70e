/** `latchkey account list`: prints the accounts, as a table for people or as JSON for programs. */
import type { ListedAccount } from "../auth/index.js";
import { readArguments } from "./arguments.js";
import type { Command } from "./command.js";
import { withAuth } from "./with-auth.js";

export const accountList: Command = {
  usage: "latchkey account list [--json]",
  summary: "Lists the accounts: second factor, last sign-in, and what keeps anyone out.",
  details: `  --json         print one array of JSON, all fields of each account
Times are in UTC. Delays end by themselves; \`latchkey account unlock NAME\` ends them, and locks, at once.`,
  async run(args, io) {
    const { options } = readArguments(args, accountList, [], { json: { type: "boolean" } });
    return withAuth(io, { create: false }, async (auth) => {
      const accounts = await auth.listAccounts();
      io.stdout.write(`${options.json ? asJson(accounts) : asText(accounts, auth.now())}\n`);
      return 0;
    });
  },
};

/** Prints absent fields as null, so that programs find the same fields in every account. */
function asJson(accounts: ListedAccount[]): string {
  const all = accounts.map((account) => ({ ...ABSENT, ...account }));
  return JSON.stringify(all, (_key, value) => (value === undefined ? null : value));
}

/** What an account may lack. */
const ABSENT = { email: null, name: null, externalId: null, lastSignInAt: null, invitationExpiresAt: null };

const HEADINGS = ["NAME", "SECOND FACTOR", "LAST SIGN-IN", "STATE"];

/** What the table shows of an account. */
type Shown = Pick<
  ListedAccount,
  | "username"
  | "authenticators"
  | "recoveryCodesLeft"
  | "isDemo"
  | "isDisabled"
  | "isLocked"
  | "codesDelayedUntil"
  | "passwordsDelayedUntil"
> & { lastSignInAt?: Date | undefined; invitationExpiresAt?: Date | undefined };

/** A table with a line per account. */
export function asText(accounts: readonly Shown[], now: Date): string {
  if (accounts.length === 0) return "There are no accounts yet: `latchkey account add NAME` adds one.";
  const rows = accounts.map((account) => [
    inOneLine(account.username),
    secondFactorOf(account),
    account.lastSignInAt ? isoMinute(account.lastSignInAt) : "never",
    stateOf(account, now),
  ]);
  return aligned([HEADINGS, ...rows]);
}

/** A host's label may hold characters that turn the writing round or cannot be seen: in a terminal they would garble the line. */
function inOneLine(username: string): string {
  return username.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD");
}

function secondFactorOf({ authenticators, recoveryCodesLeft }: Shown): string {
  if (authenticators === 0) return "none yet";
  return `${count(authenticators, "authenticator")}, ${count(recoveryCodesLeft, "recovery code")}`;
}

/** What keeps the owner out (disabled, lockout, delays, no password yet), or "open"; then whether it is the demo account. */
function stateOf(account: Shown, now: Date): string {
  const { isDemo, isDisabled, isLocked, codesDelayedUntil, passwordsDelayedUntil, invitationExpiresAt } =
    account;
  const hindrances = [
    isDisabled && "disabled",
    isLocked && "locked until unlock",
    // During a lockout the delay does not matter: no code is checked after it either.
    !isLocked && codesDelayedUntil && `codes delayed until ${clock(codesDelayedUntil)}`,
    passwordsDelayedUntil && `passwords delayed until ${clock(passwordsDelayedUntil)}`,
    invitationExpiresAt && invitation(invitationExpiresAt, now),
  ].filter((hindrance) => typeof hindrance === "string");
  const state = hindrances.length > 0 ? hindrances : ["open"];
  return [...state, ...(isDemo ? ["demo account"] : [])].join(", ");
}

function invitation(expiresAt: Date, now: Date): string {
  return now < expiresAt
    ? `invited until ${isoMinute(expiresAt)}`
    : `invitation expired ${isoMinute(expiresAt)}`;
}

/** "2026-11-24T12:05Z" */
function isoMinute(date: Date): string {
  return `${date.toISOString().slice(0, 16)}Z`;
}

/** "12:05 UTC", rounded up, so that nobody comes back too early. */
function clock(date: Date): string {
  const minute = new Date(Math.ceil(date.getTime() / 60_000) * 60_000);
  return `${minute.toISOString().slice(11, 16)} UTC`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

function aligned(rows: string[][]): string {
  // Not Math.max(...lengths): a million accounts are too many arguments.
  const widths = HEADINGS.map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return lines.map((line) => line.trimEnd()).join("\n");
}
