/** Accounts on which the four changes of changes-in-flight.ts are about to happen. */
import { hash } from "@node-rs/argon2";
import type { PendingLogin } from "../../src/auth/index.js";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { NEW_ACCOUNT } from "./account-row.js";
import { type Begun, clientAt, type openAuthAt } from "./changes-in-flight.js";

/** Quick to check: these tests are not about the hash. */
const CHEAP = { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 };

export const PASSWORD = "a quiet orange harbour";
export const NEW_PASSWORD = "seven green lanterns";

export type Opened = Awaited<ReturnType<typeof openAuthAt>>;
export type Prepared = Awaited<ReturnType<typeof prepareChanges>>;

let cheapHash: Promise<string> | undefined;

/** Four accounts, each about to make one change, with nothing done yet. @param address stands in their names */
export async function prepareChanges({ authAt, store }: Opened, address: string) {
  const client = clientAt(address);
  // A stopped clock: otherwise a time step may end between making a code and sending it, and the code of the step before is too old.
  const now = Date.now();
  const auth = await authAt(() => now);
  const code = (secret: string, step: number) => totpAt(fromBase32(secret), now / 1000 + step * 30);

  async function newAccount(name: string): Promise<string> {
    const username = `${name}-${address}`;
    cheapHash ??= hash(PASSWORD, CHEAP);
    const passwordHash = await cheapHash;
    await store.accounts.add({ ...NEW_ACCOUNT, id: username, username, passwordHash });
    return username;
  }

  async function pendingLogin(username: string): Promise<string> {
    const began = await auth.startLogin({ username, password: PASSWORD, next: undefined }, client);
    if (began.outcome !== "password-accepted") throw new Error(`${username}: ${began.outcome}`);
    return began.pendingLogin.id;
  }

  async function beingSetUp(name: string) {
    const username = await newAccount(name);
    const login = await pendingLogin(username);
    const step = await auth.secondStep((await auth.findSession(login)) as PendingLogin, client);
    if (step.step !== "set-up") throw new Error(`${username}: ${step.step}`);
    return { username, login, secret: step.enrolment.secret };
  }

  /** An account with an authenticator and a session. */
  async function settled(name: string) {
    const { username, login, secret } = await beingSetUp(name);
    // The code of the step before: the present one stays good.
    const otp = code(secret, -1);
    const result = await auth.completeLogin((await auth.findSession(login)) as PendingLogin, { otp }, client);
    if (result.outcome !== "signed-in") throw new Error(`${username}: ${result.outcome}`);
    return { username, secret, session: result.session.id, codes: result.sheet?.codes ?? [] };
  }

  const [signer, newcomer, loser, changer] = [
    await settled("signer"),
    await beingSetUp("newcomer"),
    await settled("loser"),
    await settled("changer"),
  ];
  const begun: Begun = {
    "sign-in": { username: signer.username, password: PASSWORD, otp: code(signer.secret, 0) },
    "set-up": { login: newcomer.login, otp: code(newcomer.secret, 0) },
    recovery: { login: await pendingLogin(loser.username), recoveryCode: loser.codes[0] ?? "" },
    "password-change": { session: changer.session, current: PASSWORD, next: NEW_PASSWORD },
  };
  const names = {
    "sign-in": signer.username,
    "set-up": newcomer.username,
    recovery: loser.username,
    "password-change": changer.username,
  };
  const other = await pendingLogin(changer.username);
  return { begun, names, other, client, address };
}
