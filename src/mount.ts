/** Mounts Latchkey in a host app of Express 4 or 5: a router that answers its own paths and passes other requests on unchanged. */
import express, { type Express, type Request } from "express";
import { type App, NOWHERE } from "./app.js";
import type { Config } from "./config/config.js";
import type { Latchkey } from "./public-types.js";
import { trustProxies } from "./web/http/trusted-proxies.js";
import { throwWhereUnguarded } from "./web/unguarded.js";

interface Mount extends Pick<Latchkey, "router" | "link"> {
  /** Connects the pages to the router. Returns the host's 404 handler: it answers what no route has answered with our 404 page. */
  attach(pages: Pick<App, "handler" | "isOurs">): Latchkey["notFound"];
}

/**
 * Creates the router. It is an Express app of its own, so that its settings apply to our pages alone. It has no routes before
 * `attach`, and never listens.
 */
export function createMount({ trustProxy }: Pick<Config, "trustProxy">): Mount {
  const router = express();
  router.disable("x-powered-by");
  router.disable("etag");
  trustProxies(router, trustProxy);
  keepOwnPrototypes(router);
  router.on("mount", (parent) => throwWhereUnguarded((parent as Express).request));
  const mounts = countMounts(router);
  /** Requests that no route of the host has answered. They get our 404 page, whatever their path. */
  const unanswered = new WeakSet<Request>();

  /** Without a slash at the end. @throws Error unless the router is mounted exactly once */
  function mountPath(): string {
    if (mounts() !== 1) throw new Error(MOUNT_ON_APP);
    return router.path().replace(/\/$/, "");
  }

  return {
    router,
    link: (path) => mountPath() + path,
    attach({ handler, isOurs }) {
      router.use((req, res, next) => {
        if (!unanswered.has(req)) {
          // Differs when mounted on a Router, not on an app: Express would then leave our `req.app` on requests that we pass on.
          if (req.baseUrl.toLowerCase() !== mountPath().toLowerCase()) throw new Error(MOUNT_ON_APP);
          if (!isOurs(req)) return next();
        }
        dropParsedQuery(req);
        handler(req, res, next);
      });
      return (req, res, next) => {
        unanswered.add(req);
        // Replaces the path: one of ours, requested outside the mount path, is a 404 too.
        req.url = NOWHERE;
        router(req, res, next);
      };
    },
  };
}

/**
 * Keeps Express 5's requests and responses for our pages: on mounting, Express lets the app inherit those of the host, which may be
 * Express 4's.
 */
function keepOwnPrototypes(router: Express): void {
  router.on("mount", () => {
    Object.setPrototypeOf(router.request, express.request);
    Object.setPrototypeOf(router.response, express.response);
  });
}

/**
 * Removes the query that Express 4 has parsed, as objects and lists, with names like `__proto__`. Express 5 parses it when it is
 * read, by the router's own setting.
 */
function dropParsedQuery(req: Request): void {
  Reflect.deleteProperty(req, "query");
}

function countMounts(router: Express): () => number {
  let mounts = 0;
  router.on("mount", () => {
    mounts += 1;
  });
  return () => mounts;
}

const MOUNT_ON_APP =
  'latchkey.router is mounted once, on an app itself, and under one plain path, before one of its addresses is wanted, as app.use("/sign-in", latchkey.router): only so does it know where its pages are.';
