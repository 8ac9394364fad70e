/** Ways to sign in: accounts, authenticators and browsers in the state that a test starts from. */
import { RECOVERY_CODES } from "../../src/auth/policy.js";
import { cookieFrom } from "./cookies.js";
import type { Visitor } from "./visitor.js";
import type { World } from "./world.js";

/** Where a set-up, and the form for new recovery codes, lead. */
export const CURRENT_CODES = "/account/recovery-codes/current";

/** Signs in for the first time and sets up an authenticator; returns its secret. Advances the clock by one time step. */
export async function setUp(world: World, visitor: Visitor, username = "test", password = "password") {
  return (await setUpWithSheet(world, visitor, username, password)).secret;
}

/** The same, and with the recovery codes that were shown. */
export async function setUpWithSheet(
  world: World,
  visitor: Visitor,
  username = "test",
  password = "password",
) {
  await visitor.password(username, password);
  const secret = await visitor.secret();
  const answer = await visitor.code(world.code(secret));
  const codes = await currentCodes(visitor);
  if (answer.headers.location !== CURRENT_CODES || codes.length !== RECOVERY_CODES)
    throw new Error(`Setting up failed with ${answer.status}.`);
  world.advance(30_000);
  return { secret, codes };
}

/** The recovery codes that this browser has just made; empty once they are no longer shown. */
export async function currentCodes(visitor: Visitor): Promise<string[]> {
  return codesOn((await visitor.get(CURRENT_CODES)).text);
}

/** Makes recovery codes, the set of this number, and reads them. */
export async function makeCodes(visitor: Visitor, sheet: number | string): Promise<string[]> {
  await visitor.post("/account/recovery-codes", { sheet: String(sheet) });
  return currentCodes(visitor);
}

/** The recovery codes on a page, in order. */
export function codesOn(html: string): string[] {
  return [
    ...new Set(html.match(/\b[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}-[0-9A-HJKMNP-TV-Z]{5}\b/g)),
  ];
}

/** Signs in with password and code, and advances the clock by one time step. */
export async function signIn(
  world: World,
  visitor: Visitor,
  secret: string,
  username = "test",
  password = "password",
) {
  await visitor.password(username, password);
  const answer = await visitor.code(world.code(secret));
  // An anonymous browser is redirected too, to the login page.
  const isIn = answer.status === 303 && !answer.headers.location?.startsWith("/login");
  if (!isIn) throw new Error(`Signing in failed with ${answer.status}.`);
  world.advance(30_000);
  return answer;
}

/** Adds an account other than the demo one. */
export async function addAccount(world: World, username: string, password = "correct horse battery") {
  const { outcome } = await world.auth.createAccount({ username, password });
  if (outcome !== "created") throw new Error(`Adding ${username} failed: ${outcome}.`);
  return { username, password };
}

/** Sets up an authenticator and signs out again; returns its secret. The account then asks for codes. */
export async function enrolled(world: World, username = "test", password = "password"): Promise<string> {
  const visitor = world.visitor();
  const secret = await setUp(world, visitor, username, password);
  await visitor.post("/logout");
  return secret;
}

/** A browser behind the password, and the cookie it holds. */
export async function pendingCookie(world: World, username = "test", password = "password"): Promise<string> {
  return cookieFrom(await world.visitor().password(username, password));
}

/** A browser that is signed in and trusted, and the secret of its authenticator. */
export async function trustedVisitor(world: World): Promise<{ visitor: Visitor; secret: string }> {
  const visitor = world.visitor();
  const secret = await setUp(world, visitor);
  await visitor.post("/logout");
  await visitor.password();
  await visitor.code(world.code(secret), { trust_device: "on" });
  return { visitor, secret };
}

/** `count` browsers, all behind the password of one account. */
export async function pendingVisitors(world: World, count: number, username = "test", password = "password") {
  const visitors: Visitor[] = [];
  for (let n = 0; n < count; n++) {
    const visitor = world.visitor();
    await visitor.password(username, password);
    visitors.push(visitor);
  }
  return visitors;
}
