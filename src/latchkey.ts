/** Assembles Latchkey for an Express app: configuration → storage → auth → pages; `npm start` serves such an app too. */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { createApp } from "./app.js";
import { type Auth, DEMO_ACCOUNT, type Report } from "./auth/index.js";
import { type Config, readConfig } from "./config/config.js";
import { ignoreForeign } from "./config/foreign-settings.js";
import { checkOptions, checkPath } from "./config/options.js";
import { createLog, isForPeople, securityLog } from "./log.js";
import type { Metrics } from "./metrics.js";
import { createMount } from "./mount.js";
import { openAuth } from "./open-auth.js";
import type { Latchkey, LatchkeyOptions } from "./public-types.js";
import { hostGuards } from "./web/host-guards.js";
import type { Answered } from "./web/http/request-log.js";

export type { Account, Demand, Latchkey, LatchkeyOptions, SignedIn } from "./public-types.js";

/** How often the background jobs run, and how long shutdown waits for each of them. */
const MAINTENANCE_INTERVAL_MS = 60_000;
const MAINTENANCE_STOP_MS = 500;

/** Soon after the start, before anyone can have signed in and changed a password. */
const WARM_UP_AFTER_MS = 2_000;

/**
 * Opens the database, creating it if it is missing, and builds the app on it.
 * @throws Error with a sentence for the operator: about settings, colours, views, keys or the database
 */
export async function createLatchkey(options: LatchkeyOptions = {}): Promise<Latchkey> {
  checkOptions(options);
  const { env, warnings } = settingsOf(options);
  const config = readConfig(env);
  const log = options.log ?? (await createLog(config.logLevel));
  for (const warning of warnings) log.warn(warning);
  const metrics = await createMetrics(config);
  const write = securityLog(log);
  const report: Report = (event) => {
    write(event);
    metrics?.count(event);
  };
  const { auth, cookieSecrets, close } = await openAuth(config, { report });
  let stopping = false;
  try {
    const { views, colours } = options;
    const { router, link, serve } = createMount(config);
    const surroundings = {
      isStopping: () => stopping,
      observe: (answer: Answered) => metrics?.observe(answer),
      logsAssets: !isForPeople(log),
      link,
    };
    const app = createApp(auth, config, cookieSecrets, log, surroundings, { views, colours });
    const notFound = serve(app);
    if (config.demo !== "off") await auth.ensureDemoAccount();
    await logStartNotices(auth, config, log);
    const metricsServer = await metrics?.serve(auth);
    const maintenance = startMaintenance(auth, log);
    const warmUp = startWarmUp([() => auth.warmUp(), () => app.site.render.prepare()], log);
    return {
      router,
      notFound,
      link: (path) => link(checkPath(path)),
      ...hostGuards(app.site, cookieSecrets),
      drain() {
        stopping = true;
      },
      async close() {
        stopping = true;
        metricsServer?.close();
        warmUp.stop();
        await maintenance.stop();
        await close().catch((err) => log.error({ err }, "the database was not closed in good order"));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The environment to read the settings from. The host app listens, so PORT and HOST do not apply. NODE_ENV comes from the
 * process unless it is among `settings`, so that passing other settings does not turn production off.
 */
function settingsOf({ settings, name }: LatchkeyOptions): ReturnType<typeof ignoreForeign> {
  const given = settings ? { env: settings, warnings: [] } : ignoreForeign(process.env);
  // Empty counts as unset, as for every setting.
  const NODE_ENV = given.env.NODE_ENV?.trim() || process.env.NODE_ENV;
  const ours = { NODE_ENV, PORT: "0", HOST: "", ...(name !== undefined && { APP_NAME: name }) };
  return { ...given, env: { ...given.env, ...ours } };
}

/** Imports the metrics library only if METRICS_PORT is set: it would slow every start. */
async function createMetrics({ metricsPort }: Config): Promise<Metrics | undefined> {
  if (metricsPort === undefined) return undefined;
  const metrics = await import("./metrics.js");
  return metrics.createMetrics(metricsPort);
}

/** Logs what the operator should know after a start: risks, a missing account, the demo account. */
async function logStartNotices(
  auth: Auth,
  { demo, production, baseUrl }: Config,
  log: Logger,
): Promise<void> {
  if (demo === "on") log.warn("DEMO=on: anyone who reaches this server can sign in as the demo account");
  if (production && baseUrl?.protocol === "http:") {
    log.warn("BASE_URL is http: passwords and codes travel in the clear, and cookies are not Secure");
  }
  if (production && !(await auth.hasAccounts())) {
    log.warn(
      "There is no account yet: add one with `latchkey account add NAME`, on this machine and with these settings",
    );
  }
  if (demo === "loopback") {
    const { username, password } = DEMO_ACCOUNT;
    log.info(`Demo account, for direct requests from this machine: ${username} / ${password}`);
  }
}

/** Loads in advance what the first requests would otherwise wait for, and retries after a failure. */
function startWarmUp(parts: (() => Promise<void>)[], log: Logger) {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const warmUp = async () => {
    try {
      for (const part of parts) if (!stopped) await part();
    } catch (err) {
      if (stopped) return;
      log.warn({ err }, "what the first requests need could not be loaded; trying again later");
      later(MAINTENANCE_INTERVAL_MS);
    }
  };
  const later = (ms: number) => {
    timer = setTimeout(warmUp, ms).unref();
  };
  later(WARM_UP_AFTER_MS);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/**
 * Runs the background jobs every minute: reports the operator's events, flushes the clock drifts, prunes expired rows. On
 * shutdown it flushes once more. A failure in reporting or flushing does not stop the other jobs.
 */
function startMaintenance(auth: Auth, log: Logger) {
  let stopped = false;
  const flushDrifts = () =>
    auth.flushDrifts().catch((err) => {
      // If a shutdown interrupts it, only a statistic is lost, which is no error.
      if (!closed) log.error({ err }, "the clock drifts of the last minute are lost");
    });
  let closed = false;
  const reportEvents = () =>
    auth.reportOperatorEvents().catch((err) => {
      if (!stopped) log.error({ err }, "the operator's events could not be reported; trying again later");
    });
  // Runs at once, for events from when no server ran.
  let running = reportEvents();
  const timer = setInterval(() => {
    running = running
      .then(reportEvents)
      .then(flushDrifts)
      .then(() => auth.prune())
      .catch((err) => {
        // During shutdown the database may be closed half way, which is no failure.
        if (!stopped) log.error({ err }, "pruning failed; it is tried again");
      });
  }, MAINTENANCE_INTERVAL_MS).unref();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      // A job that is still running may stop half way; the next start continues it.
      await Promise.race([running, delay(MAINTENANCE_STOP_MS, undefined, { ref: false })]);
      await Promise.race([flushDrifts(), delay(MAINTENANCE_STOP_MS, undefined, { ref: false })]);
      closed = true;
    },
  };
}
