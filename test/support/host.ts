/** A host app: somebody else's Express app with Latchkey mounted in it. */
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import express5, { type Express } from "express";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createLatchkey } from "../../src/public-api.js";
import type { Latchkey, LatchkeyOptions } from "../../src/public-types.js";
import { newFolder } from "./new-folder.js";
import { Visitor } from "./visitor.js";

/** The host's own Express: 5, or the version 4 of the project "Express 4" in vitest.config.ts. The types are those of 5. */
export const express: typeof express5 =
  process.env.HOST_EXPRESS === "4" ? createRequire(import.meta.url)("express4") : express5;

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
