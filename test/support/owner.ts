/** The owner of an account beside the operator: signed in, behind the password, signed out. */
import { expect } from "vitest";
import { idOf } from "./operator.js";
import { addAccount, setUpWithSheet } from "./sign-in.js";
import type { Visitor } from "./visitor.js";
import type { World } from "./world.js";

export const PASSWORD = "correct horse battery";

/** A new account with an authenticator, whose owner is signed in. */
export async function newOwner(world: World, name = "alice") {
  await addAccount(world, name, PASSWORD);
  const visitor = world.visitor();
  const { secret, codes } = await setUpWithSheet(world, visitor, name, PASSWORD);
  return { visitor, secret, codes, id: await idOf(world, name) };
}

/** Another browser of the same owner, behind the password. */
export async function pending(world: World, name = "alice", password = PASSWORD): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password(name, password)).status).toBe(303);
  expect((await visitor.get("/login/2fa")).status).toBe(200);
  return visitor;
}

export async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.get("/account")).status === 200;
}

/** Signed out, and asked for the password again. */
export async function expectSignedOut(visitor: Visitor): Promise<void> {
  const answer = await visitor.get("/account");
  expect(answer.status).toBe(303);
  expect(answer.headers.location).toMatch(/^\/login\?/);
}
