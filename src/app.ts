/**
 * The Express app: the middleware in order, the routes, the error pages.
 * Tests: test/mount.test.ts, test/web/http/health.test.ts, test/security/headers.test.ts
 */
import { type Request, type RequestHandler, Router } from "express";
import type { Logger } from "pino";
import type { Auth } from "./auth/index.js";
import type { Config } from "./config/config.js";
import type { HostUsers } from "./public-types.js";
import type { Languages } from "./web/catalogue/languages.js";
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
import { bandsOf, type Colours } from "./web/render/colours.js";
import { createViews } from "./web/render/views.js";
import { addRows, hiddenFrom, pageRouter, pathsOf, type UrlTable, urlTable } from "./web/routes.js";
import { sessions } from "./web/session/session.js";
import type { OnSignIn, Site } from "./web/site.js";
import * as format from "./web/text/format.js";
import { NUMBERS } from "./web/text/numbers.js";

/** The process around the app. */
export interface Surroundings {
  /** Whether shutdown has begun: each answer then closes its connection. */
  isStopping: () => boolean;
  /** Called after every answer, for the metrics. */
  observe: (answer: Answered) => void;
  /** The path of one of our pages, mount path included: `/login` → `/sign-in/login`. */
  link: (path: string) => string;
  languages: Languages;
  /** Whether requests for assets are logged too; true by default. */
  logsAssets?: boolean;
}

/** What a host app can replace. */
export interface Look {
  /** A folder whose views override ours of the same name. */
  views?: string | undefined;
  colours?: Colours | undefined;
  /** The address of the host's own mark, on its host. */
  mark?: string | undefined;
  /** Where people without an account go: a path of the host, or an address. */
  signUpUrl?: string | undefined;
  /** Set where the host checks passwords. */
  users?: HostUsers | undefined;
  onSignIn?: OnSignIn | undefined;
}

export interface App {
  /** Answers every request, unknown paths with the 404 page. */
  handler: RequestHandler;
  /** Whether a request is for one of our paths, and its sender may know that the path exists. */
  isOurs: (req: Request) => boolean;
  /** The dependencies of every handler. */
  site: Site;
  /** The URL table. */
  urls: UrlTable;
}

/** A path without a page. mount.ts sends here what must get our 404. */
export const NOWHERE = "/no-such-page";

/**
 * Builds the app. It does not listen.
 * @param cookieSecrets the secrets that sign session cookies, newest first
 * @throws Error when dist/public is not built; Error in one sentence when the host's views or colours cannot be used
 */
export function createApp(
  auth: Auth,
  config: Config,
  cookieSecrets: string[],
  log: Logger,
  { isStopping, observe, link, languages, logsAssets = true }: Surroundings,
  look: Look = {},
): App {
  const assets = createAssets(look.colours);
  const shared = {
    ...format,
    numbers: NUMBERS,
    appName: config.appName,
    link,
    asset: (name: string) => link(assets.pathOf(name)),
    mark: look.mark,
    signUpUrl: look.signUpUrl,
    bands: bandsOf(look.colours),
  };
  const render = createViews(look.views, shared, config);
  const { users, onSignIn } = look;
  const host = {
    checksPasswords: users !== undefined,
    changePasswordUrl: users?.changePasswordUrl,
    onSignIn,
  };
  const site: Site = {
    auth,
    config,
    link,
    render,
    languages,
    hasHostViews: look.views !== undefined,
    host,
    warn: (facts, sentence) => log.warn(facts, sentence),
  };
  const urls = urlTable(site, {
    ...health(auth, isStopping, log),
    files: assets.files,
    verify: authVerify(site, cookieSecrets, log),
  });

  const handler = Router();
  handler.use((_req, res, next) => {
    if (isStopping()) res.set("Connection", "close");
    // The host's Express has set it before our router runs.
    res.removeHeader("X-Powered-By");
    // Views find the host's locals under `host`, so that none of them passes for one of ours.
    res.locals = { host: res.locals };
    next();
  });
  // Probes come first: they are frequent, use plain HTTP, carry no cookies and stay out of the log.
  addRows(handler, urls.probes);
  handler.use(requestIds());
  handler.use(requestLog(log, observe, { logsAssets }));
  handler.use(dropClosedConnections);
  addRows(handler, urls.assets);
  handler.use(securityHeaders(config));
  // Before the middleware for browsers: a proxy asks over plain HTTP, and about requests of any method and origin.
  addRows(handler, urls.proxy);
  handler.use(requireHttps(config));
  handler.use(refuseCrossSite(config));
  const loadSession = sessions(site, cookieSecrets);
  // Before the form reader: programs send a host more than forms, and an unknown path is a 404 for them too, not a 415.
  handler.use(NOWHERE, loadSession, notFound);
  // loadSession starts the storage deadline. It comes after the body, so that a slow upload does not use the deadline up.
  handler.use(formBody(), loadSession, pageRouter(urls.pages), notFound);
  handler.use(errorPages(site, log));
  handler.use(lastResort(site, log));

  const isKnown = ownPaths(pathsOf([...urls.probes, ...urls.proxy, ...urls.pages]), assets.paths);
  const isHidden = hiddenFrom(urls.pages);
  return { handler, isOurs: (req) => isKnown(req.path) && !isHidden(req), site, urls };
}
