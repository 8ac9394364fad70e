/** One-time links as operators make them, and the browsers that open them. */
import { expect } from "vitest";
import { NEW_ACCOUNT } from "./account-row.js";
import { idOf } from "./operator.js";
import type { Visitor } from "./visitor.js";
import type { World } from "./world.js";

/** A password that every rule accepts. */
export const CHOSEN = "purple lantern drift";

/** Adds an account without a password. */
export async function addWithoutPassword(world: World, username = "anna"): Promise<string> {
  const account = { ...NEW_ACCOUNT, id: `id-of-${username}`, username, passwordHash: "" };
  await world.store.accounts.add(account);
  return account.id;
}

/** Makes a link for an account. @returns its path */
export async function newLink(
  world: World,
  name: string,
  make: "invite" | "passwordLink" | "resetSecondFactor" = "invite",
): Promise<string> {
  const made = await world.auth[make](await idOf(world, name));
  if (made.outcome !== "link") throw new Error(`No link for ${name}: ${made.outcome}.`);
  return `/link/${made.token}`;
}

/** A new account and its invitation. */
export async function invited(world: World, username = "anna"): Promise<string> {
  await addWithoutPassword(world, username);
  return newLink(world, username);
}

/** Sends the form of a link, which must open. */
export async function use(
  visitor: Visitor,
  path: string,
  fields: Record<string, string> = { new_password: CHOSEN },
) {
  const answer = await visitor.post(path, fields);
  expect({ status: answer.status, to: answer.headers.location }).toEqual({ status: 303, to: "/login/2fa" });
  return answer;
}

/** What a link's page says: its status and its reason; undefined while it is open. */
export async function stateOf(world: World, path: string) {
  const { status, text } = await world.visitor().get(path);
  return { status, reason: /data-reason="([^"]*)"/.exec(text)?.[1] };
}

export const OPEN = { status: 200, reason: undefined };
export const USED = { status: 410, reason: "used" };
export const ENDED = { status: 410, reason: "ended" };
export const EXPIRED = { status: 410, reason: "expired" };
export const UNKNOWN = { status: 404, reason: "unknown" };
