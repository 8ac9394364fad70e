/**
 * What `latchkey/testing` does in place of a person with a phone. It asks for no proof, so only createTestAuth binds it, and no
 * server has it.
 * Tests: test/testing/accounts.test.ts, test/testing/codes.test.ts, test/testing/sign-in.test.ts
 */
import { STANDARD_PARAMETERS, timeStep, totpAt } from "../../otp/index.js";
import { clockOf } from "../authenticators/authenticator-clock.js";
import { defaultName } from "../authenticators/authenticator-name.js";
import { insertAuthenticator } from "../authenticators/authenticators.js";
import { isSpent } from "../authenticators/diagnosis.js";
import { openSecret, sealSecret, secretOf } from "../authenticators/secrets.js";
import { type AuthContext, type Client, newId } from "../context.js";
import { SECRET_BYTES } from "../policy.js";
import { readRecoveryCode } from "../recovery/recovery-code.js";
import { hashRecoveryCode, makeSheet } from "../recovery/recovery-codes.js";
import { findByHash, openSession, type PendingLogin } from "../sessions/sessions.js";
import type { Authenticator } from "../store.js";
import { onAccount } from "../transaction.js";

/** Gives an account its first authenticator. @returns its recovery codes; undefined when it has one already, or is gone */
export function setUpAuthenticator(auth: AuthContext, accountId: string): Promise<string[] | undefined> {
  return onAccount(auth, accountId, undefined, async ({ auth, account, store, record }) => {
    const number = await store.accounts.nextEnrolment(accountId);
    if (number === undefined || !(await store.accounts.startSecondFactor(accountId, auth.clock())))
      return undefined;
    const authenticatorId = newId(auth.random);
    const enrolment = {
      sessionHash: "",
      accountId,
      authenticatorId,
      number,
      sealedSecret: sealSecret(auth, { accountId, authenticatorId }, auth.random(SECRET_BYTES)),
      createdAt: auth.clock(),
      label: null,
    };
    const name = defaultName([], auth.unnamedApp);
    // The present step stays unspent, so that the first code needs no wait.
    await insertAuthenticator(auth, store, enrolment, timeStep(auth.clock() / 1000) - 1, name);
    const { number: sheet, codes } = await makeSheet(auth, store, accountId);
    const about = { accountId, username: account.username };
    await record({ type: "authenticator-set-up", subject: name, ...about });
    await record({ type: "recovery-codes-made", subject: String(sheet), ...about });
    return codes;
  });
}

/**
 * Opens a pending login as a right password does, by the account's own or the host's check; without either, as startSecondFactor.
 * @returns undefined when the account is disabled or gone
 */
export async function openLogin(
  auth: AuthContext,
  accountId: string,
  client: Client,
): Promise<PendingLogin | undefined> {
  const opened = await onAccount(auth, accountId, undefined, async ({ auth, account, store }) => {
    if (account.disabledAt !== null) return undefined;
    return openSession(auth, store, {
      kind: "pending",
      accountId,
      methods: auth.users || account.passwordHash !== "" ? "password" : "host",
      next: undefined,
      client,
      isSettingUp: account.secondFactorSince === null,
    });
  });
  const state = opened && (await findByHash(auth, opened.idHash));
  return state?.kind === "pending" ? state : undefined;
}

export interface NextCode {
  code: string;
  /** Of which secret it is, and of which of its time steps. */
  authenticatorId: string;
  step: number;
  /** How long (ms) until its time step begins; 0 for the present one. */
  wait: number;
}

/**
 * The next code of an account's first authenticator, or of the one that is being set up.
 * @param given the last step, by authenticator, whose code was given out before
 * @returns undefined when the account has neither
 */
export async function nextCode(
  auth: AuthContext,
  accountId: string,
  given: ReadonlyMap<string, number>,
): Promise<NextCode | undefined> {
  const now = auth.clock();
  const one = (await firstAuthenticator(auth, accountId)) ?? (await beingSetUp(auth, accountId, now));
  if (!one) return undefined;
  const { secret, authenticatorId, spent } = one;
  const { currentStep } = clockOf(auth, spent);
  let step = Math.max(currentStep, spent.lastStep + 1, (given.get(authenticatorId) ?? -1) + 1);
  while (isSpent(spent, step)) step += 1;
  const periodMs = STANDARD_PARAMETERS.period * 1000;
  const ahead = step - currentStep;
  const beginsAt = (timeStep(now / 1000) + ahead) * periodMs;
  const code = totpAt(secret, step * STANDARD_PARAMETERS.period);
  return { code, authenticatorId, step, wait: ahead === 0 ? 0 : beginsAt - now };
}

interface Shown {
  secret: Uint8Array;
  authenticatorId: string;
  spent: Pick<Authenticator, "lastStep" | "spentFuture" | "driftSeconds">;
}

async function firstAuthenticator(auth: AuthContext, accountId: string): Promise<Shown | undefined> {
  const [one] = await auth.store.authenticators.of(accountId);
  return one && { secret: secretOf(auth, one), authenticatorId: one.id, spent: one };
}

/** The newest secret that a page shows. */
async function beingSetUp(auth: AuthContext, accountId: string, now: number): Promise<Shown | undefined> {
  const live = await auth.store.enrolments.live(accountId, now, now - auth.policy.sessionIdle);
  const newest = live.at(-1);
  if (!newest) return undefined;
  const { authenticatorId } = newest;
  return { secret: openSecret(auth, newest), authenticatorId, spent: { lastStep: -1, driftSeconds: null } };
}

/** The first of these recovery codes that still works; undefined when none does. */
export async function unusedRecoveryCode(
  auth: AuthContext,
  accountId: string,
  codes: readonly string[],
): Promise<string | undefined> {
  for (const code of codes) {
    const read = readRecoveryCode(code);
    if (read === undefined || read === "typo") continue;
    const found = await auth.store.recoveryCodes.find(accountId, hashRecoveryCode(accountId, read.code));
    if (found && found.usedAt === null && found.endedAt === null) return code;
  }
  return undefined;
}
