/** Start and stop: an app with Latchkey in it → listen → until a signal comes. */
import { realpathSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Config, readConfig } from "./config/config.js";
import { loadDotEnv } from "./config/dotenv.js";
import { createLatchkey } from "./latchkey.js";
import { createLog } from "./log.js";
import { closeServer, onStopSignal } from "./shutdown.js";
import { standalone } from "./standalone.js";

/** Load balancers ask /readyz about every second, and hear of the end before connections are refused. */
const NOTICE_MS = 3_000;

/**
 * A `next` address has up to 4,000 bytes, three times as many when encoded into another address; cookies and a Referer come with
 * it.
 */
const MAX_HEADER_BYTES = 32 * 1_024;

/** Longer than proxies keep a connection that rests (nginx: 60 s): the end that sends the requests must be the one to close it. */
const PROXY_KEEP_ALIVE_MS = 65_000;

/** Serves until SIGTERM or SIGINT; resolves once it listens. @throws ConfigError, SealError, StoreUnavailable */
export async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(env);
  const log = await createLog(config.logLevel);
  const latchkey = await createLatchkey({ settings: env, log });
  // A client that trickles its request holds no connection for long.
  const server = createServer(
    { connectionsCheckingInterval: 5_000, maxHeaderSize: MAX_HEADER_BYTES },
    standalone(latchkey),
  );
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  if (config.trustProxy.length > 0) server.keepAliveTimeout = PROXY_KEEP_ALIVE_MS;
  await listen(server, config);
  const { port } = server.address() as AddressInfo;
  if (config.demo !== "off" && isOpenToLoopback(config)) {
    log.info(`The demo account's codes, without a phone: http://127.0.0.1:${port}/dev/authenticator`);
  }
  log.info(`Latchkey is ready at ${config.baseUrl?.origin ?? `http://${urlHost(config.host)}:${port}`}`);

  onStopSignal(async () => {
    latchkey.drain();
    log.info("Latchkey is stopping");
    await closeServer(server, config.production ? NOTICE_MS : 0);
    await latchkey.close();
    log.info("Latchkey has stopped");
  });
}

function listen(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

/** The page of the demo account's codes answers only direct requests from this machine. */
function isOpenToLoopback({ host, baseUrl }: Config): boolean {
  return /^(127\.0\.0\.1|localhost|0\.0\.0\.0|::)$/.test(host) && baseUrl?.protocol !== "https:";
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Why it cannot start, in one message for the operator; never a stack trace. */
export function startProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "The port is in use: stop what uses it, or set PORT to another.";
  if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL") return "HOST is no address of this machine.";
  if (code === "EACCES") return "This user may not listen on that port: set PORT to another.";
  return error instanceof Error ? error.message : String(error);
}

/** What a process does that is nothing but the server: reads `.env`, serves, and says why where it cannot. */
export async function start(): Promise<void> {
  try {
    loadDotEnv(".env", process.env);
    await main(process.env);
  } catch (error) {
    process.stderr.write(`latchkey: ${startProblem(error)}\n`);
    process.exit(1);
  }
}

const isEntry =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isEntry) await start();
