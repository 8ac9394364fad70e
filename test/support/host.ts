/** An app of somebody else's with Latchkey mounted in it. */
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import type { Latchkey, LatchkeyOptions } from "../../src/face.js";
import { createLatchkey } from "../../src/latchkey.js";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { newFolder } from "./new-folder.js";
import { Visitor } from "./world.js";

interface Host {
  latchkey: Latchkey;
  port: number;
  visitor: (headers?: Record<string, string>) => Visitor;
}

/** Serves what `build` has put together until the running test is over. */
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

/** Goes all the way in as the demo account, by the clock that everybody has; answers with the secret and the last answer. */
export async function enter({ latchkey }: Host, visitor: Visitor, next?: string) {
  const fields = { username: "test", password: "password", ...(next !== undefined && { next }) };
  await visitor.post(latchkey.link("/login"), fields);
  const page = await visitor.get(latchkey.link("/login/2fa"));
  const secret = /<code id="key"[^>]*>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
  const answer = await visitor.post(latchkey.link("/login/2fa"), { otp: codeOf(secret) });
  if (answer.status !== 200) throw new Error(`Setting up ended with ${answer.status}.`);
  return { secret, answer };
}

/** @param steps time steps from now: a code is accepted once, and the next one early */
export function codeOf(secret: string, steps = 0): string {
  return totpAt(fromBase32(secret), Date.now() / 1000 + steps * 30);
}
