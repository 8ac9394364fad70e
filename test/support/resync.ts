/** Resynchronisation (RFC 6238 §6): worlds that allow it, and pairs of codes from an app whose clock is off. */
import { waitForDistinct } from "./codes-around.js";
import { newLogin } from "./new-login.js";
import { enrolled } from "./sign-in.js";
import type { Visitor } from "./visitor.js";
import { MINUTE, openWorld, type World } from "./world.js";

export const RESYNC_PATH = "/login/2fa/resync";

/** Two codes in a row are accepted, and no sign-in runs out while a test waits for codes. */
export const RESYNC_ON = { RESYNC: "on", PENDING_LOGIN: "12h", STEP_UP: "12h", SESSION_IDLE: "12h" };

export const openResyncWorld = (env: Record<string, string> = {}) => openWorld({ ...RESYNC_ON, ...env });

/** An account whose authenticator has not been used for some time: its secret. */
export async function rested(world: World): Promise<string> {
  const secret = await enrolled(world);
  world.advance(25 * MINUTE);
  waitForDistinct(world, secret);
  return secret;
}

export const typePair = (visitor: Visitor, otp: string, otp_next: string) =>
  visitor.post(RESYNC_PATH, { otp, otp_next });

/** The codes that an app shows whose clock is so many steps ahead, and at the step after. */
export function pairAt(world: World, secret: string, steps: number): [string, string] {
  return [world.code(secret, steps), world.code(secret, steps + 1)];
}

/** Resynchronises the authenticator from a new browser, by a clock that is so many steps ahead. */
export async function resynchronise(world: World, secret: string, steps: number): Promise<void> {
  const visitor = await newLogin(world);
  const answer = await typePair(visitor, ...pairAt(world, secret, steps));
  if (answer.headers.location !== "/") throw new Error(`Resynchronising failed with ${answer.status}.`);
  await visitor.post("/logout");
}

/** Sends one code from a new browser, after the failures before it are forgotten; answers with the status. */
export async function tryCode(world: World, otp: string): Promise<number> {
  await world.auth.unlockAccount("test");
  return (await (await newLogin(world)).code(otp)).status;
}
