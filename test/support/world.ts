/** A whole Latchkey on a real database, with a clock that tests set. */
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import type { Express } from "express";
import { pino } from "pino";
import { afterAll, onTestFinished } from "vitest";
import { createApp, type Look } from "../../src/app.js";
import { createAuth, createKeyring, type ReportedEvent } from "../../src/auth/index.js";
import { type Config, readConfig } from "../../src/config/config.js";
import { createListeners } from "../../src/event-listeners.js";
import { securityLog } from "../../src/log.js";
import { createMount } from "../../src/mount.js";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import type { Latchkey } from "../../src/public-types.js";
import { standalone } from "../../src/standalone.js";
import { databaseFile, openStore } from "../../src/storage/index.js";
import { readLanguages } from "../../src/web/catalogue/languages.js";
import type { Answered } from "../../src/web/http/request-log.js";
import type { Site } from "../../src/web/site.js";
import { constantsOf } from "../../src/web/text/numbers.js";
import { appSecret } from "./app-secret.js";
import { newDatabase } from "./database.js";
import { namedAccounts } from "./named-accounts.js";
import { newFolder } from "./new-folder.js";
import { seeded } from "./phones.js";
import { randomOfWorld } from "./random.js";
import { Visitor } from "./visitor.js";

export const MINUTE = 60_000;

export const HOUR = 60 * MINUTE;

/** A moment in the middle of a time step, far from its edges. */
const START = Date.parse("2026-11-24T12:00:10Z");

export type World = Awaited<ReturnType<typeof openWorld>>;

/**
 * Opens a world. It closes by itself after the test, or after the file where no test is running.
 * @param env settings as the environment gives them, over those of a test
 * @param clockSeed the seed of a clock that runs: each reading is 1 to 3 ms after the one before. Without it the clock stands still.
 * @param look what a host app has replaced
 * @param build puts the app together that is served, by default Latchkey alone
 */
export async function openWorld(
  env: Record<string, string> = {},
  clockSeed?: number,
  look: Look = {},
  build: (latchkey: Pick<Latchkey, "router" | "notFound">, site: Site) => Express = standalone,
) {
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
  const random = clockSeed === undefined ? undefined : seeded(clockSeed);
  const readClock = () => {
    if (random) time.now += 1 + Math.floor(3 * random());
    return time.now;
  };
  const events: ReportedEvent[] = [];
  const logLines: string[] = [];
  const languages = await readLanguages(config.languages, undefined, {
    constants: constantsOf(config),
    // In service a gap in a page is logged. In a test it fails the request.
    onError: (error) => {
      throw error;
    },
  });
  const auth = createAuth({
    store,
    keys,
    clock: readClock,
    random: randomOfWorld(() => time.now),
    policy: config.policy,
    report: (event) => {
      events.push(event);
      writeEvent(event);
      listeners.publish(event);
    },
    issuer: config.appName,
    unnamedApp: languages.first.text("app-unnamed"),
    users: look.users,
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
  const listeners = createListeners(log);
  await auth.prepare();
  if (config.demo !== "off") await auth.ensureDemoAccount();
  let stopping = false;
  const answers: Answered[] = [];
  const { router, link, attach } = createMount(config);
  const surroundings = {
    isStopping: () => stopping,
    observe: (answer: Answered) => answers.push(answer),
    link,
    languages,
  };
  const { site, urls, ...pages } = createApp(auth, config, keys.cookieSecrets, log, surroundings, look);
  const notFound = attach(pages);
  // One listening server for all requests: supertest would open one each, and close it under parallel ones.
  const app = build({ router, notFound }, site);
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));

  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= end();
    return closed;
  };
  async function end() {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await store.close();
  }
  closeLater(close);

  return {
    /** Where a browser finds it. */
    address: `http://127.0.0.1:${port}`,
    auth: namedAccounts(auth, store),
    store,
    keys,
    app,
    site,
    /** The URL table. */
    urls,
    config,
    events,
    /** As `latchkey.on`. */
    on: listeners.on,
    logLines,
    dataDir,
    databaseFile: databaseFile(dataDir),
    port,
    now: () => time.now,
    /** Every answer, as the metrics hear of it. */
    answers,
    /** As after SIGTERM: it still serves, and says that it will not for long. */
    startShutdown() {
      stopping = true;
    },
    advance(ms: number) {
      time.now += ms;
    },
    visitor: (headers: Record<string, string> = {}) => new Visitor(server, headers),
    /** The code that an app with this secret shows now, or some time steps away. */
    code: (secret: string, steps = 0) => totpAt(fromBase32(secret), time.now / 1000 + steps * 30),
    close,
  };
}

/** Closes after the test, or after the file where no test is running: in `beforeAll`. */
function closeLater(close: () => Promise<void>): void {
  try {
    onTestFinished(close);
  } catch {
    openForFile.push(close);
  }
}

const openForFile: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of openForFile.splice(0)) await close();
});

/** Two Latchkeys on one database file, as two processes would be. */
export async function openTwoWorlds(env: Record<string, string> = {}): Promise<[World, World]> {
  const DATA_DIR = sharedDataDir();
  return [await openWorld({ ...env, DATA_DIR }), await openWorld({ ...env, DATA_DIR })];
}

/** A data directory for several worlds: two Latchkeys on one file, or one before and after a restart. */
export function sharedDataDir(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-shared-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
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
