/** How the pages get into an app: by a router that answers Latchkey's own paths and passes on everything else as it came. */
import express, { type Express, type Request } from "express";
import { type App, NOWHERE } from "./app.js";
import type { Config } from "./config/config.js";
import type { Latchkey } from "./public-types.js";
import { trustProxies } from "./web/http/trusted-proxy.js";

interface Mount extends Pick<Latchkey, "router" | "link"> {
  /** Answers by these pages, which link to each other by `link`. */
  serve(pages: Pick<App, "pages" | "isOurs">): Latchkey["notFound"];
}

/** Makes the router, an Express app of its own: its settings are those of the pages. It has no routes yet, and never listens. */
export function createMount({ trustProxy }: Pick<Config, "trustProxy">): Mount {
  const router = express();
  router.disable("x-powered-by");
  router.disable("etag");
  trustProxies(router, trustProxy);
  const mounts = countMounts(router);
  /** What no route of the host's has answered: wherever it was sent, the pages answer it. */
  const lost = new WeakSet<Request>();

  function mountPath(): string {
    if (mounts() !== 1) throw new Error(MOUNT_ON_APP);
    return router.path().replace(/\/$/, "");
  }

  return {
    router,
    link: (path) => mountPath() + path,
    serve({ pages, isOurs }) {
      router.use((req, res, next) => {
        if (!lost.has(req)) {
          // Not on an app, it would leave the host's later routes with a request that is Latchkey's.
          if (req.baseUrl.toLowerCase() !== mountPath().toLowerCase()) throw new Error(MOUNT_ON_APP);
          if (!isOurs(req)) return next();
        }
        pages(req, res, next);
      });
      return (req, res, next) => {
        lost.add(req);
        // A path of ours that is asked for beside the place where the router is mounted is not there either.
        req.url = NOWHERE;
        router(req, res, next);
      };
    },
  };
}

function countMounts(router: Express): () => number {
  let mounts = 0;
  router.on("mount", () => {
    mounts += 1;
  });
  return () => mounts;
}

const MOUNT_ON_APP =
  'latchkey.router is mounted once, on an app itself, and under one plain path, as app.use("/sign-in", latchkey.router): only so does it know where its pages are.';
