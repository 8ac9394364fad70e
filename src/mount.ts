/** How the pages get into an app: by a router that answers Latchkey's own paths and passes on everything else as it came. */
import type { Express, Request } from "express";
import { type App, NOWHERE, type Surroundings } from "./app.js";
import type { Latchkey } from "./public-types.js";

type Link = Surroundings["link"];

/** @param build makes the pages, which link to each other by what they are given */
export function mountable(build: (link: Link) => App): Pick<Latchkey, "router" | "notFound" | "link"> {
  const link: Link = (path) => mountPath() + path;
  const { app: router, pages, isOurs } = build(link);
  const mounts = countMounts(router);
  /** What no route of the host's has answered: wherever it was sent, the pages answer it. */
  const lost = new WeakSet<Request>();

  function mountPath(): string {
    if (mounts() !== 1) throw new Error(MOUNT_ON_APP);
    return router.path().replace(/\/$/, "");
  }

  router.use((req, res, next) => {
    if (!lost.has(req)) {
      // Not on an app, it would leave the host's later routes with a request that is Latchkey's.
      if (req.baseUrl.toLowerCase() !== mountPath().toLowerCase()) throw new Error(MOUNT_ON_APP);
      if (!isOurs(req)) return next();
    }
    pages(req, res, next);
  });
  return {
    router,
    notFound(req, res, next) {
      lost.add(req);
      // A path of ours that is asked for beside the place where the router is mounted is not there either.
      req.url = NOWHERE;
      router(req, res, next);
    },
    link,
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
