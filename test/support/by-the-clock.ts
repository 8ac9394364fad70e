/** Signing in by the real clock: to a Latchkey whose clock no test can turn, wherever it is mounted. */
import { diagnose } from "../../src/auth/authenticators/diagnosis.js";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { NEVER_A_CODE } from "./distinct-codes.js";
import { CURRENT_CODES } from "./sign-in.js";
import type { Visitor } from "./visitor.js";
import { secretOn } from "./visitor.js";

/** Sets up the demo account's authenticator. @returns its secret, and the page with the recovery codes */
export async function enter(visitor: Visitor, mountedAt = "", next?: string) {
  const fields = { username: "test", password: "password", ...(next !== undefined && { next }) };
  await visitor.post(`${mountedAt}/login`, fields);
  const page = await visitor.get(`${mountedAt}/login/2fa`);
  const secret = secretOn(page.text);
  const { headers } = await visitor.post(`${mountedAt}/login/2fa`, { otp: codeOf(secret) });
  const answer = await visitor.get(headers.location ?? "");
  if (headers.location !== `${mountedAt}${CURRENT_CODES}` || answer.status !== 200)
    throw new Error(`Setting up led to ${headers.location}.`);
  return { secret, answer };
}

/** @param steps time steps from now: a code is accepted once, and the next one early */
export function codeOf(secret: string, steps = 0): string {
  return totpAt(fromBase32(secret), Date.now() / 1000 + steps * 30);
}

/** Six digits that match no code now nor in a minute: for child processes, which draw their secrets without the seed. */
export function wrongCodeOf(secret: string): string {
  const isWrong = (code: string, seconds: number) =>
    diagnose(fromBase32(secret), code, Date.now() / 1000 + seconds)?.reason === "wrong";
  const code = NEVER_A_CODE.find((code) => [0, 30, 60].every((seconds) => isWrong(code, seconds)));
  if (code === undefined) throw new Error("Each of these codes is one of this secret.");
  return code;
}
