/** Start and stop: configuration → storage → auth → app → listen. */
import { randomBytes } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Logger, pino } from "pino";
import { createApp } from "./app.js";
import { type Auth, createAuth, createKeyring, DEMO_ACCOUNT, type Report } from "./auth/index.js";
import { type Config, readConfig } from "./config.js";
import { developmentKey } from "./development-key.js";
import type { Metrics } from "./metrics.js";
import { closeServer, onStopSignal } from "./stop.js";
import { openStore } from "./storage/index.js";

const TIDY_EVERY_MS = 60_000;
const TIDIED_WITHIN_MS = 500;

/** Load balancers ask /readyz about every second, and hear of the end before connections are refused. */
const NOTICE_MS = 3_000;

/** Longer than proxies keep a connection that rests (nginx: 60 s): the end that sends the requests must be the one to close it. */
const PROXY_KEEP_ALIVE_MS = 65_000;

/**
 * The product on its database; `close` when done.
 * @throws SealError, StoreUnavailable, or an Error with a sentence: no development key, a database of a newer version
 */
export async function openAuth(config: Config, report: Report) {
  const keys = createKeyring(config.secrets ?? [developmentKey(config.dataDir)]);
  const store = await openStore(config);
  const { policy, appName: issuer } = config;
  const auth = createAuth({ store, clock: Date.now, random: randomBytes, keys, policy, report, issuer });
  try {
    await auth.prepare();
  } catch (error) {
    await store.close();
    throw error;
  }
  return { auth, cookieSecrets: keys.cookieSecrets, close: () => store.close() };
}

/** Serves until SIGTERM or SIGINT; resolves once it listens. @throws ConfigError, SealError, StoreUnavailable */
export async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(env);
  const log = await createLog(config);
  const metrics = await createMetrics(config);
  const report: Report = (event) => {
    log.info(event, "security event");
    metrics?.count(event);
  };
  const { auth, cookieSecrets, close } = await openAuth(config, report);
  if (config.demo !== "off") await auth.ensureDemoAccount();
  warnOfRisks(config, log);
  if (config.production && !(await auth.hasAccounts())) {
    log.warn(
      "There is no account yet: add one with `latchkey account add NAME`, on this machine and with these settings",
    );
  }

  const metricsServer = await metrics?.serve(auth);
  let stopping = false;
  const app = createApp(auth, config, cookieSecrets, log, {
    isStopping: () => stopping,
    observe: (answer) => metrics?.observe(answer),
  });
  // A client that trickles its request holds no connection for long.
  const server = createServer({ connectionsCheckingInterval: 5_000 }, app);
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  if (config.trustProxy.length > 0) server.keepAliveTimeout = PROXY_KEEP_ALIVE_MS;
  await listen(server, config);
  let tidied = Promise.resolve();
  const tidying = setInterval(() => {
    tidied = tidied.then(() => tidy(auth, log));
  }, TIDY_EVERY_MS).unref();
  const { port } = server.address() as AddressInfo;
  log.info(`Latchkey is ready at ${config.baseUrl?.origin ?? `http://${urlHost(config.host)}:${port}`}`);

  if (config.demo === "loopback") {
    const { username, password } = DEMO_ACCOUNT;
    log.info(`Demo account, for direct requests from this machine: ${username} / ${password}`);
  }

  onStopSignal(async () => {
    stopping = true;
    clearInterval(tidying);
    log.info("Latchkey is stopping");
    await closeServer(server, config.production ? NOTICE_MS : 0);
    metricsServer?.close();
    // What is being tidied up may be left half done, and is done next time.
    await Promise.race([tidied, delay(TIDIED_WITHIN_MS)]);
    await keepDrifts(auth, log);
    await close().catch((err) => log.error({ err }, "the database was not closed in good order"));
    log.info("Latchkey has stopped");
  });
}

/** JSON lines; in a terminal, lines for people. */
async function createLog({ logLevel: level }: Config): Promise<Logger> {
  if (!process.stdout.isTTY) return pino({ level });
  const { default: pretty } = await import("pino-pretty");
  return pino({ level }, pretty({ sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss" }));
}

/** Their library is loaded only where they are wanted: every start would wait for it. */
async function createMetrics({ metricsPort }: Config): Promise<Metrics | undefined> {
  if (metricsPort === undefined) return undefined;
  const metrics = await import("./metrics.js");
  return metrics.createMetrics(metricsPort);
}

function warnOfRisks({ demo, production, baseUrl }: Config, log: Logger): void {
  if (demo === "on") log.warn("DEMO=on: anyone who reaches this server can sign in as the demo account");
  if (production && baseUrl?.protocol === "http:") {
    log.warn("BASE_URL is http: passwords and codes travel in the clear, and cookies are not Secure");
  }
}

function listen(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** What is done now and then; neither stops for the other. */
async function tidy(auth: Auth, log: Logger): Promise<void> {
  await keepDrifts(auth, log);
  await auth.prune().catch((err) => log.error({ err }, "pruning failed; it is tried again"));
}

async function keepDrifts(auth: Auth, log: Logger): Promise<void> {
  await auth.keepDrifts().catch((err) => log.error({ err }, "the clock drifts of the last minute are lost"));
}

/** Why it cannot start, in one message for the operator; never a stack trace. */
export function startProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "The port is in use: stop what uses it, or set PORT to another.";
  if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL") return "HOST is no address of this machine.";
  if (code === "EACCES")
    return "The port or the data directory may not be used by this user: set PORT or DATA_DIR.";
  return error instanceof Error ? error.message : String(error);
}

const isEntry =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isEntry) {
  if (existsSync(".env")) process.loadEnvFile(".env");
  main(process.env).catch((error) => {
    process.stderr.write(`latchkey: ${startProblem(error)}\n`);
    process.exit(1);
  });
}
