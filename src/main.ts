/** Runs the server: builds the app, listens, and shuts down on SIGTERM or SIGINT. */
import { realpathSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Config, readConfig } from "./config/config.js";
import { loadDotEnv } from "./config/dotenv.js";
import { createLog } from "./log.js";
import { createLatchkey } from "./public-api.js";
import { closeServer, onStopSignal } from "./shutdown.js";
import { standalone } from "./standalone.js";

/**
 * How long a stopping server still accepts connections: load balancers ask /readyz about every second, and must see its 503
 * first.
 */
const DRAIN_MS = 3_000;

/**
 * Room for a `next` address of up to 4,000 bytes, which grows to three times that when it is percent-encoded, beside cookies and a
 * Referer.
 */
const MAX_HEADER_BYTES = 32 * 1_024;

/**
 * Longer than proxies keep an idle connection (nginx: 60 s), so that the proxy closes it first: if the server did, a request
 * could meet a closed connection.
 */
const PROXY_KEEP_ALIVE_MS = 65_000;

/**
 * Starts the server, which runs until SIGTERM or SIGINT; resolves once it listens.
 * @throws ConfigError, SealError, StoreUnavailable
 */
export async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(env);
  const log = await createLog(config.logLevel);
  const latchkey = await createLatchkey({ settings: env, log });
  // Limits how long a slow client can hold a connection (slowloris).
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
    await closeServer(server, config.production ? DRAIN_MS : 0);
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

/** Whether this machine can reach the page with the demo account's codes, which answers only direct requests from it. */
function isOpenToLoopback({ host, baseUrl }: Config): boolean {
  return /^(127\.0\.0\.1|localhost|0\.0\.0\.0|::)$/.test(host) && baseUrl?.protocol !== "https:";
}

/** A host as a URL writes it: IPv6 in brackets. */
function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Explains in one message for the operator, without a stack trace, why the server cannot start. */
export function startProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "The port is in use: stop what uses it, or set PORT to another.";
  if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL") return "HOST is no address of this machine.";
  if (code === "EACCES") return "This user may not listen on that port: set PORT to another.";
  return error instanceof Error ? error.message : String(error);
}

/** The whole process of `npm start`: reads `.env` and serves, or prints why it cannot and exits with 1. */
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
