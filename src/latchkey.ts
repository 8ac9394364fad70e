/**
 * Assembles Latchkey for an Express app: configuration → storage → auth → pages; `npm start` serves such an app too.
 * Tests: test/latchkey.test.ts, test/testing/clock.test.ts
 */
import type { Logger } from "pino";
import { accountsFor } from "./accounts.js";
import { createApp } from "./app.js";
import { type Auth, DEMO_ACCOUNT, type Report } from "./auth/index.js";
import { startMaintenance, startWarmUp } from "./background-jobs.js";
import { type Config, readConfig } from "./config/config.js";
import { ignoreForeign } from "./config/foreign-settings.js";
import { checkOptions, checkPath } from "./config/options.js";
import { DEFAULT_PORT } from "./config/schema.js";
import { createListeners } from "./event-listeners.js";
import { linkUrl } from "./link-url.js";
import { createLog, isForPeople, securityLog } from "./log.js";
import type { Metrics } from "./metrics.js";
import { createMount } from "./mount.js";
import type { openAuth } from "./open-auth.js";
import type { Latchkey, LatchkeyOptions } from "./public-types.js";
import { readLanguages } from "./web/catalogue/languages.js";
import { hostGuards } from "./web/host-guards.js";
import { hostSignIn } from "./web/host-sign-in.js";
import type { Answered } from "./web/http/request-log.js";
import { constantsOf } from "./web/text/numbers.js";

/**
 * Opens the database and builds the app on it.
 * @param open a server's database and clock, or those of a test
 * @throws Error with a sentence for the operator: about settings, colours, views, keys or the database
 */
export async function assemble(options: LatchkeyOptions, open: typeof openAuth): Promise<Latchkey> {
  checkOptions(options);
  const { env, warnings, port } = settingsOf(options);
  const { users, onSignIn } = options;
  const settings = readConfig(env);
  // Where the app decides who is let in, nobody else is.
  const config: Config = users ? { ...settings, demo: "off" } : settings;
  const log = options.log ?? (await createLog(config.logLevel));
  for (const warning of warnings) log.warn(warning);
  const metrics = await createMetrics(config);
  const write = securityLog(log);
  const listeners = createListeners(log);
  const report: Report = (event) => {
    write(event);
    metrics?.count(event);
    listeners.publish(event);
  };
  const languages = await readLanguages(config.languages, options.messages, {
    constants: constantsOf(config),
    onError: (err) => log.error({ err }, "a message is incomplete"),
  });
  const { auth, cookieSecrets, close } = await open(config, {
    report,
    unnamedApp: languages.first.text("app-unnamed"),
    users,
  });
  let stopping = false;
  try {
    const { views, colours, mark, signUpUrl } = options;
    const { router, link, attach } = createMount(config);
    const surroundings = {
      isStopping: () => stopping,
      observe: (answer: Answered) => metrics?.observe(answer),
      logsAssets: !isForPeople(log),
      languages,
      link,
    };
    const app = createApp(auth, config, cookieSecrets, log, surroundings, {
      views,
      colours,
      mark,
      signUpUrl,
      users,
      onSignIn,
    });
    const notFound = attach(app);
    if (config.demo !== "off") await auth.ensureDemoAccount();
    await logStartNotices(auth, config, log, users !== undefined);
    const metricsServer = await metrics?.serve(auth);
    const maintenance = startMaintenance(auth, log);
    const warmUp = startWarmUp([() => auth.warmUp(), () => app.site.render.prepare()], log);
    return {
      router,
      notFound,
      link: (path) => link(checkPath(path)),
      ...hostGuards(app.site, cookieSecrets),
      ...hostSignIn(app.site, cookieSecrets),
      on: listeners.on,
      accounts: accountsFor(auth, () => linkUrl(config, port, link("/link/"))),
      drain() {
        stopping = true;
      },
      async close() {
        stopping = true;
        metricsServer?.close();
        warmUp.stop();
        await maintenance.stop();
        listeners.flush();
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
 * process unless it is among `settings`, so that passing other settings does not turn production off. `port` is where a host
 * most likely listens: for links in development, where there may be no BASE_URL.
 */
function settingsOf({ settings, name }: LatchkeyOptions) {
  const given = settings ? { env: settings, warnings: [] } : ignoreForeign(process.env);
  // Empty counts as unset, as for every setting.
  const NODE_ENV = given.env.NODE_ENV?.trim() || process.env.NODE_ENV;
  const ours = { NODE_ENV, PORT: "0", HOST: "", ...(name !== undefined && { APP_NAME: name }) };
  const port = Number(given.env.PORT) || DEFAULT_PORT;
  return { ...given, env: { ...given.env, ...ours }, port };
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
  isByHost: boolean,
): Promise<void> {
  if (demo === "on") log.warn("DEMO=on: anyone who reaches this server can sign in as the demo account");
  if (production && baseUrl?.protocol === "http:") {
    log.warn("BASE_URL is http: passwords and codes travel in the clear, and cookies are not Secure");
  }
  if (production && !isByHost && !(await auth.hasAccounts())) {
    log.warn(
      "There is no account yet: add one with `latchkey account add NAME`, on this machine and with these settings",
    );
  }
  if (demo === "loopback") {
    const { username, password } = DEMO_ACCOUNT;
    log.info(`Demo account, for direct requests from this machine: ${username} / ${password}`);
  }
}
