/** A whole Latchkey on a real SQLite file, with a clock that tests turn; and people who visit it. */
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { pino } from "pino";
import request from "supertest";
import { createApp } from "../../src/app.js";
import { createAuth, createKeyring, type SecurityEvent } from "../../src/auth/index.js";
import { type Config, readConfig } from "../../src/config/config.js";
import { securityLog } from "../../src/log.js";
import { createMount } from "../../src/mount.js";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { standalone } from "../../src/standalone.js";
import { databaseFile, openStore } from "../../src/storage/index.js";
import type { Answered } from "../../src/web/http/request-log.js";
import { appSecret } from "./app-secret.js";
import { newDatabase } from "./database.js";
import { newFolder } from "./new-folder.js";
import { seeded } from "./phones.js";
import { randomOfWorld } from "./random.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A moment in the middle of a time step, far from its edges. */
const START = Date.parse("2026-11-24T12:00:10Z");

export type World = Awaited<ReturnType<typeof createWorld>>;

/**
 * @param env settings as the environment gives them, over those of a test
 * @param running the seed of a clock that runs: each reading is 1 to 3 ms after the one before. Without it the clock stands still.
 */
export async function createWorld(env: Record<string, string> = {}, running?: number) {
  const dataDir = env.DATA_DIR ?? newFolder();
  const config: Config = readConfig({
    APP_SECRETS: appSecret(),
    ...(await engineFor(dataDir)),
    ...env,
    DATA_DIR: dataDir,
  });
  // Tests of races are not about time, and a busy machine has little of it.
  const store = await openStore(config, isOnPostgres && !env.DATABASE_URL ? 20_000 : undefined);
  const keys = createKeyring(config.secrets ?? ["unused"]);
  const time = { now: START };
  const random = running === undefined ? undefined : seeded(running);
  const readClock = () => {
    if (random) time.now += 1 + Math.floor(3 * random());
    return time.now;
  };
  const events: SecurityEvent[] = [];
  const logLines: string[] = [];
  const auth = createAuth({
    store,
    keys,
    clock: readClock,
    random: randomOfWorld(() => time.now),
    policy: config.policy,
    report: (event) => {
      events.push(event);
      writeEvent(event);
    },
    issuer: config.appName,
  });
  const log = pino(
    { level: "trace" },
    new Writable({
      write(chunk, _encoding, done) {
        logLines.push(String(chunk));
        done();
      },
    }),
  );
  const writeEvent = securityLog(log);
  await auth.prepare();
  if (config.demo !== "off") await auth.ensureDemoAccount();
  let stopping = false;
  const answers: Answered[] = [];
  const { router, link, serve } = createMount(config);
  const { site, urls, ...pages } = createApp(auth, config, keys.cookieSecrets, log, {
    isStopping: () => stopping,
    observe: (answer) => answers.push(answer),
    link,
  });
  const notFound = serve(pages);
  // One listening server for all requests: supertest would open one each, and close it under parallel ones.
  const app = standalone({ router, notFound });
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));

  const { port } = server.address() as AddressInfo;

  return {
    /** Where a browser finds it. */
    address: `http://127.0.0.1:${port}`,
    auth,
    store,
    keys,
    app,
    site,
    /** The URL table. */
    urls,
    config,
    events,
    logLines,
    dataDir,
    databaseFile: databaseFile(dataDir),
    port,
    now: () => time.now,
    /** Every answer, as the metrics hear of it. */
    answers,
    /** As after SIGTERM: it still serves, and says that it will not for long. */
    beginToStop() {
      stopping = true;
    },
    wait(ms: number) {
      time.now += ms;
    },
    visitor: (headers: Record<string, string> = {}) => new Visitor(server, headers),
    /** The code that an app with this secret shows now, or some time steps away. */
    code: (secret: string, steps = 0) => totpAt(fromBase32(secret), time.now / 1000 + steps * 30),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
    },
  };
}

/** The databases of worlds on PostgreSQL: those that share a data directory share one. */
const databases = new Map<string, Promise<string>>();

/** Vitest runs some files once more with this variable; see its configuration. */
const isOnPostgres = process.env.TEST_ENGINE === "PostgreSQL";

async function engineFor(dataDir: string): Promise<{ DATABASE_URL?: string }> {
  if (!isOnPostgres) return {};
  const database = databases.get(dataDir) ?? newDatabase();
  databases.set(dataDir, database);
  return { DATABASE_URL: await database };
}

/** A browser without JavaScript: keeps cookies, sends forms, does not follow redirects by itself. */
export class Visitor {
  readonly agent: ReturnType<typeof request.agent>;
  readonly #headers: Record<string, string>;

  constructor(server: Parameters<typeof request.agent>[0], headers: Record<string, string>) {
    this.agent = request.agent(server);
    this.#headers = headers;
  }

  get(url: string) {
    return this.agent.get(url).set(this.#headers);
  }

  post(url: string, fields: Record<string, string> = {}) {
    return this.agent.post(url).set(this.#headers).type("form").send(fields);
  }

  password(username = "test", password = "password", more: Record<string, string> = {}) {
    return this.post("/login", { username, password, ...more });
  }

  code(otp: string, more: Record<string, string> = {}) {
    return this.post("/login/2fa", { otp, ...more });
  }

  recoveryCode(code: string) {
    return this.post("/login/recovery-code", { recovery_code: code });
  }

  /** Proves both factors again. */
  confirm(password: string, otp: string, more: Record<string, string> = {}) {
    return this.post("/confirm", { password, otp, ...more });
  }

  /** The secret on the set-up page. */
  async secret(): Promise<string> {
    const page = await this.get("/login/2fa");
    const shown = /<code id="key"[^>]*>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1];
    if (!shown) throw new Error(`No secret on this page (${page.status}).`);
    return shown.replaceAll(" ", "");
  }
}

/** Goes all the way in for the first time, and answers with the secret that was set up. */
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
  const codes = codesOn(answer.text);
  if (answer.status !== 200 || codes.length !== 10)
    throw new Error(`Setting up failed with ${answer.status}.`);
  world.wait(30_000);
  return { secret, codes };
}

/** The recovery codes on a page, in order. */
export function codesOn(html: string): string[] {
  return [
    ...new Set(html.match(/\b[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}-[0-9A-HJKMNP-TV-Z]{5}\b/g)),
  ];
}

/** Signs in with password and code, some time after the code before. */
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
  world.wait(30_000);
  return answer;
}

/** Adds an account other than the demo one. */
export async function addAccount(world: World, username: string, password = "correct horse battery") {
  const { outcome } = await world.auth.addAccount(username, password);
  if (outcome !== "added") throw new Error(`Adding ${username} failed: ${outcome}.`);
  return { username, password };
}

/** Why a page refused what was sent: its `data-reason`; undefined where nothing is wrong. */
export function reasonOn(html: string): string | undefined {
  return /data-reason="([^"]*)"/.exec(html)?.[1];
}
