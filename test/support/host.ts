/** A host app: somebody else's Express app with Latchkey mounted in it. */
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createLatchkey } from "../../src/latchkey.js";
import type { Latchkey, LatchkeyOptions } from "../../src/public-types.js";
import { newFolder } from "./new-folder.js";
import { Visitor } from "./visitor.js";

interface Host {
  latchkey: Latchkey;
  port: number;
  visitor: (headers?: Record<string, string>) => Visitor;
}

/** Serves the app that `build` puts together, until the running test is over. */
export async function openHost(
  build: (app: Express, latchkey: Latchkey) => void,
  { settings, ...options }: LatchkeyOptions = {},
): Promise<Host> {
  const latchkey = await createLatchkey({
    log: pino({ level: "silent" }),
    ...options,
    settings: { DATA_DIR: newFolder(), ...settings },
  });
  const app = express();
  build(app, latchkey);
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await latchkey.close();
  });
  const { port } = server.address() as AddressInfo;
  return { latchkey, port, visitor: (headers = {}) => new Visitor(server, headers) };
}
