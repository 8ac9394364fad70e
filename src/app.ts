/** The Express app: the middleware in order, the routes, the error pages. It never listens. */
import path from "node:path";
import ejs from "ejs";
import express, { type Express } from "express";
import type { Logger } from "pino";
import { type Auth, FEW_RECOVERY_CODES, MOST_AUTHENTICATORS } from "./auth/index.js";
import type { Config } from "./config.js";
import { PACKAGE_ROOT } from "./package-root.js";
import { assetAddresses, assetFiles } from "./web/assets.js";
import { authVerify } from "./web/auth-verify.js";
import { deviceName } from "./web/device-name.js";
import { errorPages, lastResort, notFound } from "./web/errors.js";
import { eventText } from "./web/event-text.js";
import { formBody } from "./web/forms.js";
import { health } from "./web/health.js";
import { requestIds } from "./web/request-id.js";
import { type Answered, requestLog } from "./web/request-log.js";
import { routes } from "./web/routes.js";
import { refuseOtherSites, requireHttps, securityHeaders } from "./web/security.js";
import { sessions } from "./web/session.js";
import * as words from "./web/words.js";

/** The process around the app. */
export interface Surroundings {
  /** Whether it was told to end: connections are not kept open any more. */
  isStopping: () => boolean;
  /** Hears of every answer. */
  observe: (answer: Answered) => void;
}

/**
 * @param cookieSecrets what session cookies are signed with, newest first
 * @throws Error when dist/public is not built
 */
export function createApp(
  auth: Auth,
  config: Config,
  cookieSecrets: string[],
  log: Logger,
  { isStopping, observe }: Surroundings,
): Express {
  const site = { auth, config };
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("trust proxy", config.trustProxy);
  app.engine("ejs", (file, locals, done) => void ejs.renderFile(file, locals, done));
  app.set("view engine", "ejs");
  app.set("views", path.join(PACKAGE_ROOT, "views"));
  app.set("view cache", config.production);
  Object.assign(app.locals, words, {
    deviceName,
    eventText,
    fewRecoveryCodes: FEW_RECOVERY_CODES,
    mostAuthenticators: MOST_AUTHENTICATORS,
    appName: config.appName,
    asset: assetAddresses(),
    serverTime: auth.now,
  });

  app.use((_req, res, next) => {
    if (isStopping()) res.set("Connection", "close");
    next();
  });
  // Before all that concerns people: probes come often, over plain HTTP, without cookies, and want no line in the log.
  app.use(health(auth, isStopping, log));
  app.use(requestIds());
  app.use(requestLog(log, observe));
  app.get(/^\/assets\//, assetFiles());
  app.use(securityHeaders(config));
  app.use(requireHttps(config));
  // Before all that is for browsers' forms: a proxy asks about requests of any kind.
  app.use(authVerify(site, cookieSecrets));
  app.use(refuseOtherSites(config));
  app.use(formBody());
  // Not before the body: how long a browser takes to send it is no fault of the storage.
  app.use((_req, _res, next) => auth.withDeadline(next));
  app.use(sessions(site, cookieSecrets));
  app.use(routes(site));
  app.use(notFound);
  app.use(errorPages(log));
  app.use(lastResort(log));
  return app;
}
