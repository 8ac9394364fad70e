/** A browser behind the password: the second step is what a test is about. */
import { expect } from "vitest";
import type { Visitor } from "./visitor.js";
import type { World } from "./world.js";

export async function newLogin(world: World, username = "test", password = "password"): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password(username, password)).headers.location).toBe("/login/2fa");
  return visitor;
}
