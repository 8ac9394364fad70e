/** Latchkey as a part of an Express app: configuration → storage → auth → pages. `npm start` serves such an app as well. */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { createApp } from "./app.js";
import { type Auth, DEMO_ACCOUNT, type Report } from "./auth/index.js";
import { type Config, readConfig } from "./config/config.js";
import { passOverForeign } from "./config/foreign-settings.js";
import { checkOptions, checkPath } from "./config/options.js";
import { createLog, isForPeople, securityLog } from "./log.js";
import type { Metrics } from "./metrics.js";
import { createMount } from "./mount.js";
import { openAuth } from "./open-auth.js";
import type { Latchkey, LatchkeyOptions } from "./public-types.js";
import { hostGuards } from "./web/host-guards.js";
import type { Answered } from "./web/http/request-log.js";

export type { Account, Demand, Latchkey, LatchkeyOptions, SignedIn } from "./public-types.js";

const TIDY_EVERY_MS = 60_000;
const TIDIED_WITHIN_MS = 500;

/** Soon after the start, and before anybody can have signed in and changed a password. */
const WARM_UP_AFTER_MS = 2_000;

/**
 * Opens the database, making it where there is none, and everything that stands on it.
 * @throws Error with a sentence for whoever runs it: settings, colours, views, keys, database
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
    const around = {
      isStopping: () => stopping,
      observe: (answer: Answered) => metrics?.observe(answer),
      logsAssets: !isForPeople(log),
      link,
    };
    const app = createApp(auth, config, cookieSecrets, log, around, { views, colours });
    const notFound = serve(app);
    if (config.demo !== "off") await auth.ensureDemoAccount();
    await sayWhatMatters(auth, config, log);
    const metricsServer = await metrics?.serve(auth);
    const tidying = startTidying(auth, log);
    const warming = startWarmingUp([() => auth.warmUp(), () => app.site.render.prepare()], log);
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
        warming.stop();
        await tidying.stop();
        await close().catch((err) => log.error({ err }, "the database was not closed in good order"));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where to listen is the host's affair; that this is production is not forgotten because other settings are given by name. */
function settingsOf({ settings, name }: LatchkeyOptions): ReturnType<typeof passOverForeign> {
  const given = settings ? { env: settings, warnings: [] } : passOverForeign(process.env);
  // An empty one is an unset one, here as everywhere.
  const NODE_ENV = given.env.NODE_ENV?.trim() || process.env.NODE_ENV;
  const ours = { NODE_ENV, PORT: "0", HOST: "", ...(name !== undefined && { APP_NAME: name }) };
  return { ...given, env: { ...given.env, ...ours } };
}

/** Their library is loaded only where they are wanted: every start would wait for it. */
async function createMetrics({ metricsPort }: Config): Promise<Metrics | undefined> {
  if (metricsPort === undefined) return undefined;
  const metrics = await import("./metrics.js");
  return metrics.createMetrics(metricsPort);
}

async function sayWhatMatters(auth: Auth, { demo, production, baseUrl }: Config, log: Logger): Promise<void> {
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

/** Loads in advance what a first request would wait for, and tries again after a failure. */
function startWarmingUp(parts: (() => Promise<void>)[], log: Logger) {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const warmUp = async () => {
    try {
      for (const part of parts) if (!stopped) await part();
    } catch (err) {
      if (stopped) return;
      log.warn({ err }, "what the first requests need could not be loaded; trying again later");
      later(TIDY_EVERY_MS);
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

/** What is done now and then, and once more at the end; one part does not stop for the other. */
function startTidying(auth: Auth, log: Logger) {
  let stopped = false;
  const flushDrifts = () =>
    auth.flushDrifts().catch((err) => {
      // Interrupted by a shutdown, it is only a lost statistic, not an error.
      if (!closed) log.error({ err }, "the clock drifts of the last minute are lost");
    });
  let closed = false;
  const reportEvents = () =>
    auth.reportOperatorEvents().catch((err) => {
      if (!stopped) log.error({ err }, "the operator's events could not be reported; trying again later");
    });
  // Reports at once what was done while no server ran.
  let tidied = reportEvents();
  const timer = setInterval(() => {
    tidied = tidied
      .then(reportEvents)
      .then(flushDrifts)
      .then(() => auth.prune())
      .catch((err) => {
        // What is half done when the database is closed has not failed.
        if (!stopped) log.error({ err }, "pruning failed; it is tried again");
      });
  }, TIDY_EVERY_MS).unref();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      // What is being tidied up may be left half done, and is done next time.
      await Promise.race([tidied, delay(TIDIED_WITHIN_MS, undefined, { ref: false })]);
      await Promise.race([flushDrifts(), delay(TIDIED_WITHIN_MS, undefined, { ref: false })]);
      closed = true;
    },
  };
}
