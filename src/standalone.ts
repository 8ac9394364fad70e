/** The app that `npm start` serves: Latchkey alone, mounted at the root. Tests: test/mount.test.ts */
import express, { type Express } from "express";
import type { Latchkey } from "./public-types.js";

export function standalone({ router, notFound }: Pick<Latchkey, "router" | "notFound">): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(router);
  app.use(notFound);
  return app;
}
