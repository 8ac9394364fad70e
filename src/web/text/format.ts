/** Groups keys and codes, so that people who type them keep their place. */

/** "JBSW Y3DP …" */
export function groupsOfFour(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(" ") ?? "";
}

/** "123 456": six digits as apps show them, on one line. */
export function groupsOfThree(code: string): string {
  return code.match(/.{1,3}/g)?.join("\u00a0") ?? "";
}

/** How many seconds of the current 30-second time step have passed (RFC 6238 section 4.1): 0 to 29. */
export function secondOfStep(date: Date): number {
  return Math.floor(date.getTime() / 1_000) % 30;
}
