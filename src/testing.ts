/**
 * `latchkey/testing`: a Latchkey for the tests of an app, on a database in memory, with a clock that tests move.
 * Tests: test/testing/accounts.test.ts, test/testing/sign-in.test.ts, test/testing/outage.test.ts
 */
import { randomBytes } from "node:crypto";
import type { Client, CompleteLogin, TestAuth } from "./auth/index.js";
import type { Config } from "./config/config.js";
import { checkOptions, isPlain, plainOptions, shown } from "./config/options.js";
import { assemble } from "./latchkey.js";
import type { Accounts, NewAccount } from "./public-accounts.js";
import type { Latchkey, LatchkeyOptions } from "./public-types.js";
import { createClock } from "./testing/clock.js";
import { sessionCookies } from "./testing/cookies.js";
import { openTestAuth } from "./testing/open-test-auth.js";
import { createOutage } from "./testing/outage.js";

export interface TestLatchkey {
  latchkey: Latchkey;
  /** Stands where it is put plus real time; milliseconds since 1970. `advance` takes a duration (`5m`) or milliseconds, and returns at once. */
  clock: { now(): number; advance(by: string | number): void };
  /**
   * Adds an account with a password and a confirmed authenticator. Names and passwords that are left out are made up.
   * @throws Error when there can be no such account
   */
  account(how?: NewTestAccount): Promise<TestAccount>;
  /**
   * A code that will be accepted: of a time step that was not used yet, for which the clock moves on where it must. Of an account
   * without an authenticator, the code of the one that a page is setting up.
   * @throws Error when there is neither
   */
  code(account: TestAccount): Promise<string>;
  /** Signs the account in on a browser of its own, as with a password and a second factor. @throws Error when it cannot */
  signIn(account: TestAccount, how?: HowToSignIn): Promise<TestSession>;
  /** While `work` runs, the database fails. Answers or fails as `work` does. */
  outage<T>(work: () => Promise<T>): Promise<T>;
  /** Ends it, and with it its database; a second time it does nothing. */
  close(): Promise<void>;
}

export type SecondFactor = "totp";

export interface NewTestAccount extends Partial<NewAccount> {
  /** `none`: its owner sets one up at the first sign-in. */
  secondFactor?: SecondFactor | "none";
}

export interface HowToSignIn {
  /** `totp` unless it is given. */
  method?: SecondFactor | "recovery-code";
}

export interface TestAccount {
  id: string;
  username: string;
  password: string;
  /** Those that it was made with; none without a second factor. */
  recoveryCodes: readonly string[];
}

export interface TestSession {
  /** A Cookie header, for fetch and supertest. */
  cookie: string;
  /** For Playwright's `addCookies`. @param origin where the app is, for example `http://127.0.0.1:3000` */
  cookies(origin: string): { name: string; value: string; url: string }[];
}

/** The settings unless a test gives others: no demo account, and nothing in the log. */
const DEFAULTS = { NODE_ENV: "test", DEMO: "off", LOG_LEVEL: "silent" };

/** Empty, as unset: the database is always the kit's own, whatever settings of the app come along. */
const FIXED = { DATA_DIR: "", DATABASE_URL: "" };

/** The browser of `signIn`. */
const CLIENT: Client = {
  requestId: "latchkey-testing",
  address: "127.0.0.1",
  userAgent: "latchkey/testing",
  mayUseDemo: false,
  knownBrowserCookies: [],
  trustedTokens: [],
};

/**
 * A Latchkey on a throw-away database, which reads no environment and leaves no file. DATA_DIR and DATABASE_URL have no effect.
 * @throws Error as createLatchkey
 */
export async function createTestLatchkey(options: LatchkeyOptions = {}): Promise<TestLatchkey> {
  checkOptions(options);
  const clock = createClock();
  const outage = createOutage();
  let opened: { auth: TestAuth; config: Config; cookieSecrets: string[] } | undefined;
  const settings = { ...DEFAULTS, APP_SECRETS: newSecret(), ...given(options.settings), ...FIXED };
  const latchkey = await assemble({ ...options, settings }, async (config, reporting) => {
    const found = await openTestAuth(config, reporting, { clock: clock.now, outage });
    opened = { ...found, config };
    return found;
  });
  if (!opened) throw new Error("A Latchkey was assembled without a database.");
  const { auth, config, cookieSecrets } = opened;
  /** The last step of which a code was given out, by authenticator. */
  const givenOut = new Map<string, number>();
  let made = 0;

  async function account(how: NewTestAccount = {}): Promise<TestAccount> {
    const given: unknown = how;
    if (!isPlain(given)) throw new Error(`account takes an object, not ${shown(given)}.`);
    const { secondFactor, ...rest } = how;
    const factor = checkFactor("secondFactor", secondFactor, ["totp", "none"]);
    made += 1;
    const password = rest.password ?? newPassword();
    const created = await latchkey.accounts.create({ username: `person-${made}`, ...rest, password });
    if (created.outcome !== "created") throw new Error(`account: ${refusalOf(created)}`);
    const { id, username } = created.account;
    const recoveryCodes = factor === "none" ? [] : ((await auth.setUpAuthenticator(id)) ?? []);
    return { id, username, password, recoveryCodes };
  }

  async function code({ id, username }: TestAccount): Promise<string> {
    const next = await auth.nextCode(id, givenOut);
    if (!next) throw new Error(`${username} has no authenticator, and none is being set up.`);
    givenOut.set(next.authenticatorId, next.step);
    clock.advance(next.wait);
    return next.code;
  }

  /** One at a time: a code for one person may move the clock on, beyond the code of another. */
  const inTurn = createTurns();

  function signIn(account: TestAccount, how: HowToSignIn = {}): Promise<TestSession> {
    return inTurn(() => signInBy(account, how));
  }

  async function signInBy(account: TestAccount, how: HowToSignIn): Promise<TestSession> {
    const { id, username } = account;
    const options = plainOptions("signIn", how, ["method"]);
    const method = checkFactor("method", options.get("method"), ["totp", "recovery-code"]);
    const login = await auth.openLogin(id, CLIENT);
    if (!login) throw new Error(`${username} cannot sign in: the account is disabled, or gone.`);
    if (login.isSettingUp) throw new Error(`${username} cannot sign in without a second factor.`);
    const typed =
      method === "totp" ? { otp: await code(account) } : { recoveryCode: await recoveryCode(account) };
    const done = await auth.completeLogin(login, typed, CLIENT);
    if (done.outcome !== "signed-in") throw new Error(`${username} cannot sign in: ${reasonOf(done)}.`);
    return sessionCookies(config, cookieSecrets[0] ?? "", {
      sessionId: done.session.id,
      knownBrowser: done.knownBrowserCookie,
      forwardToken: auth.forwardToken(done.session),
    });
  }

  async function recoveryCode({ id, username, recoveryCodes }: TestAccount): Promise<string> {
    const unused = await auth.unusedRecoveryCode(id, recoveryCodes);
    if (unused !== undefined) return unused;
    throw new Error(`${username} has no recovery code left of those that it was made with.`);
  }

  let closed: Promise<void> | undefined;
  return {
    latchkey,
    clock,
    account,
    code,
    signIn,
    outage: outage.during,
    close() {
      closed ??= latchkey.close();
      return closed;
    },
  };
}

/** The settings that are set: an empty one counts as unset, and must not take the place of a default. */
function given(settings: LatchkeyOptions["settings"] = {}): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value?.trim()));
}

/** A key that no other Latchkey has, so that no cookie of one opens another. */
function newSecret(): string {
  return randomBytes(32).toString("hex");
}

/** Like nothing in a list of words. */
function newPassword(): string {
  return randomBytes(12).toString("base64url");
}

/** Runs one piece of work after the other, whether the one before has succeeded or not. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };
}

/** The first of `known` by default. @throws Error for anything else */
function checkFactor<Known extends string>(name: string, value: unknown, known: [Known, Known]): Known {
  if (value === undefined) return known[0];
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new Error(`${name} is ${known.map(shown).join(" or ")}, not ${shown(value)}.`);
}

function refusalOf(refused: Exclude<Created, { outcome: "created" }>): string {
  if (refused.outcome === "taken") return `this ${refused.field} is taken already.`;
  return refused.message;
}

type Created = Awaited<ReturnType<Accounts["create"]>>;

function reasonOf(refused: Exclude<CompleteLogin, { outcome: "signed-in" }>): string {
  return "reason" in refused ? `${refused.outcome}, ${refused.reason}` : refused.outcome;
}
