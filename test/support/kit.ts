/** An app with a test kit's Latchkey in it, as an app's own tests have it. */
import type { AddressInfo } from "node:net";
import type { ErrorRequestHandler } from "express";
import { onTestFinished } from "vitest";
import type { LatchkeyOptions } from "../../src/public-types.js";
import { createTestLatchkey, type TestLatchkey } from "../../src/testing.js";
import { express } from "./host.js";
import { Visitor } from "./visitor.js";

export type Kit = TestLatchkey & {
  /** Where the app listens. Latchkey is mounted under /sign-in. */
  origin: string;
  visitor(cookie?: string): Visitor;
  /** The status of a guarded page for a browser with this Cookie header: 200, 303 to the sign-in, 503. */
  ask(cookie?: string): Promise<number>;
};

/** Opens a kit and its app, until the running test is over. The app has `/private` behind a guard, and `/recent` behind a step-up. */
export async function openKit(options: LatchkeyOptions = {}): Promise<Kit> {
  const kit = await createTestLatchkey(options);
  const app = express();
  app.use("/sign-in", kit.latchkey.router);
  app.get("/private", kit.latchkey.requireSession(), (req, res) => {
    res.json(req.latchkey);
  });
  app.get("/recent", kit.latchkey.requireSession({ maxAge: "5m" }), (_req, res) => {
    res.json("recent");
  });
  app.use(answerError);
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await kit.close();
  });
  const { port } = server.address() as AddressInfo;
  const visitor = (cookie?: string) => new Visitor(server, cookie === undefined ? {} : { cookie });
  return {
    ...kit,
    origin: `http://127.0.0.1:${port}`,
    visitor,
    ask: async (cookie) => (await visitor(cookie).get("/private")).status,
  };
}

const answerError: ErrorRequestHandler = (error, _req, res, _next) => {
  res.status(error.status ?? 500).json(String(error));
};
