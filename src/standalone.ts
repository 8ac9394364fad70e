/** An app that has no pages but Latchkey's: the server of `npm start`. */
import express, { type Express } from "express";
import type { Latchkey } from "./public-types.js";

export function standalone({ router, notFound }: Pick<Latchkey, "router" | "notFound">): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(router);
  app.use(notFound);
  return app;
}
