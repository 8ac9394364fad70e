/** The app that `npm start` serves: Latchkey alone, mounted at the root. Tests: test/mount.test.ts, test/web/http/icons.test.ts */
import express, { type Express } from "express";
import type { Latchkey } from "./public-types.js";
import { rootIcons } from "./web/http/assets.js";

export function standalone({ router, notFound }: Pick<Latchkey, "router" | "notFound">): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(router);
  app.use(rootIcons());
  app.use(notFound);
  return app;
}
