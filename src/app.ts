/** The Express app: the middleware in order, the routes, the error pages. */
import { type Request, type RequestHandler, Router } from "express";
import type { Logger } from "pino";
import type { Auth } from "./auth/index.js";
import type { Config } from "./config/config.js";
import { createAssets } from "./web/http/assets.js";
import { dropClosedConnections, requireHttps } from "./web/http/connection.js";
import { refuseCrossSite } from "./web/http/csrf.js";
import { errorPages, lastResort, notFound } from "./web/http/errors.js";
import { formBody } from "./web/http/forms.js";
import { securityHeaders } from "./web/http/headers.js";
import { health } from "./web/http/health.js";
import { ownPaths } from "./web/http/own-paths.js";
import { requestIds } from "./web/http/request-id.js";
import { type Answered, requestLog } from "./web/http/request-log.js";
import { authVerify } from "./web/proxy/auth-verify.js";
import type { Colours } from "./web/render/colours.js";
import { createViews } from "./web/render/views.js";
import { addRows, hiddenFrom, pageRouter, pathsOf, type UrlTable, urlTable } from "./web/routes.js";
import { sessions } from "./web/session/session.js";
import type { Site } from "./web/site.js";
import { deviceName } from "./web/text/device-name.js";
import { eventText } from "./web/text/event-text.js";
import * as format from "./web/text/format.js";
import { NUMBERS } from "./web/text/numbers.js";

/** The process around the app. */
export interface Surroundings {
  /** Whether it was told to end: connections are not kept open any more. */
  isStopping: () => boolean;
  /** Hears of every answer. */
  observe: (answer: Answered) => void;
  /** The address of one of our pages: under the path at which it is mounted. */
  link: (path: string) => string;
  /** Whether requests for assets are logged too. */
  logsAssets?: boolean;
}

/** What a host may put in place of ours. */
export interface Look {
  /** A folder of views that are looked for first. */
  views?: string | undefined;
  colours?: Colours | undefined;
}

export interface App {
  /** Answers everything: what it does not know, with a page that says so. */
  pages: RequestHandler;
  /** Whether a request is for one of our paths, and one that its sender may know of. */
  isOurs: (req: Request) => boolean;
  /** What every handler is given. */
  site: Site;
  /** Every URL. */
  urls: UrlTable;
}

/** Leads to the page that is not there, and to no other. */
export const NOWHERE = "/no-such-page";

/**
 * @param cookieSecrets what session cookies are signed with, newest first
 * @throws Error when dist/public is not built, or with a sentence about the look
 */
export function createApp(
  auth: Auth,
  config: Config,
  cookieSecrets: string[],
  log: Logger,
  { isStopping, observe, link, logsAssets = true }: Surroundings,
  look: Look = {},
): App {
  const assets = createAssets(look.colours);
  const shared = {
    ...format,
    deviceName,
    eventText,
    numbers: NUMBERS,
    appName: config.appName,
    link,
    asset: (name: string) => link(assets.pathOf(name)),
  };
  const render = createViews(look.views, shared, config);
  const site: Site = { auth, config, link, render, hasHostViews: look.views !== undefined };
  const urls = urlTable(site, {
    ...health(auth, isStopping, log),
    files: assets.files,
    verify: authVerify(site, cookieSecrets, log),
  });

  const pages = Router();
  pages.use((_req, res, next) => {
    if (isStopping()) res.set("Connection", "close");
    // The host's Express has said by what it is served.
    res.removeHeader("X-Powered-By");
    // What the host keeps for its own pages must not look like ours.
    res.locals = { host: res.locals };
    next();
  });
  // Before all that concerns people: probes come often, over plain HTTP, without cookies, and want no line in the log.
  addRows(pages, urls.probes);
  pages.use(requestIds());
  pages.use(requestLog(log, observe, { logsAssets }));
  pages.use(dropClosedConnections);
  addRows(pages, urls.assets);
  pages.use(securityHeaders(config));
  // Before all that is for browsers: a proxy asks by plain HTTP, and about requests of any kind.
  addRows(pages, urls.proxy);
  pages.use(requireHttps(config));
  pages.use(refuseCrossSite(config));
  const readCookie = sessions(site, cookieSecrets);
  // Whatever was sent there: a host's programs send more than forms.
  pages.use(NOWHERE, readCookie, notFound);
  // The deadline not before the body: how long a browser takes to send it is no fault of the storage.
  pages.use(formBody(), readCookie, pageRouter(urls.pages), notFound);
  pages.use(errorPages(site, log));
  pages.use(lastResort(log));

  const isKnown = ownPaths(pathsOf([...urls.probes, ...urls.proxy, ...urls.pages]), assets.paths);
  const isHidden = hiddenFrom(urls.pages);
  return { pages, isOurs: (req) => isKnown(req.path) && !isHidden(req), site, urls };
}
