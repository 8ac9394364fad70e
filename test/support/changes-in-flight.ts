/** A process that begins four changes at once, prints which are done, and is killed in the middle of them. */
import { writeSync } from "node:fs";
import {
  createAuth,
  createKeyring,
  DEFAULT_POLICY,
  type PendingLogin,
  type Session,
} from "../../src/auth/index.js";
import { judgePassword } from "../../src/auth/passwords/password.js";
import { type Location, openStore } from "../../src/storage/index.js";
import { appSecret } from "./app-secret.js";
import { type Random, streamOf } from "./seed.js";

export const SECRET = appSecret("changes in flight");

/** What each of the four is about to send; logins and sessions by their ids. */
export interface Begun {
  "sign-in": { username: string; password: string; otp: string };
  "set-up": { login: string; otp: string };
  recovery: { login: string; recoveryCode: string };
  "password-change": { session: string; current: string; next: string };
}

export type Change = keyof Begun;

/** A visitor with its own address, or the throttle would count all of them as one. */
export function clientAt(address: string) {
  const nothing = { knownBrowserCookies: [], trustedTokens: [], mayUseDemo: false };
  return { requestId: "test", address, userAgent: "test", ...nothing };
}

export async function openAuthAt(location: Location, random: Random) {
  const store = await openStore(location);
  const keys = createKeyring([SECRET]);
  const authAt = async (clock: () => number) => {
    const world = { store, keys, clock, random, policy: DEFAULT_POLICY };
    const auth = createAuth({ ...world, report: () => {}, issuer: "Latchkey" });
    await auth.prepare();
    return auth;
  };
  return { auth: await authAt(Date.now), authAt, store };
}

async function begin(location: Location, begun: Begun, address: string): Promise<void> {
  const { auth } = await openAuthAt(location, streamOf(`changes in flight of ${JSON.stringify(begun)}`));
  const client = clientAt(address);
  const login = async (id: string) => (await auth.findSession(id)) as PendingLogin;
  const session = async (id: string) => (await auth.findSession(id)) as Session;
  // Loads now what is loaded at its first use, before the changes begin.
  await judgePassword("any password", []);
  const changes: Record<Change, () => Promise<{ outcome: string }>> = {
    async "sign-in"() {
      const { username, password, otp } = begun["sign-in"];
      const first = await auth.startLogin({ username, password, next: undefined }, client);
      if (first.outcome !== "password-accepted") return first;
      return auth.completeLogin(await login(first.pendingLogin.id), { otp }, client);
    },
    async "set-up"() {
      const { login: id, otp } = begun["set-up"];
      return auth.completeLogin(await login(id), { otp }, client);
    },
    async recovery() {
      const { login: id, recoveryCode } = begun.recovery;
      return auth.completeLogin(await login(id), { recoveryCode }, client);
    },
    async "password-change"() {
      const { session: id, current, next } = begun["password-change"];
      return auth.changePassword(await session(id), { current, next }, client);
    },
  };
  say("begun");
  await Promise.all(
    Object.entries(changes).map(async ([name, change]) => say(`${name} ${(await change()).outcome}`)),
  );
  say("over");
}

/** Prints synchronously, so that every line is out before the process is killed. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const [, , location, begun, address] = process.argv;
if (location && begun && address && process.env.CHANGES_IN_FLIGHT) {
  await begin(JSON.parse(location), JSON.parse(begun), address);
  // Keeps the process running until it is killed.
  setInterval(() => {}, 1_000);
}
