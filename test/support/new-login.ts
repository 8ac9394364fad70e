/** New sign-ins to the demo account, each from a browser of its own. */
import { expect } from "vitest";
import type { Visitor } from "./visitor.js";
import type { World } from "./world.js";

/** A browser that has proved the password and is asked for a code. */
export async function newLogin(world: World): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password()).headers.location).toBe("/login/2fa");
  return visitor;
}

/** Where a code leads a new sign-in, or the status that refuses it. */
export async function signInWith(world: World, otp: string): Promise<string | number> {
  const answer = await (await newLogin(world)).code(otp);
  return answer.headers.location ?? answer.status;
}
