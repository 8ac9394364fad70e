/** The settings: the only reader of the environment. Reports every problem at once, in words for the operator. */
import { isIP } from "node:net";
import { homedir } from "node:os";
import path from "node:path";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { DEFAULT_POLICY, type Policy } from "../auth/index.js";
import { isDatabaseUrl } from "./database-url.js";
import { isRandomEnough } from "./randomness.js";

export interface Config {
  port: number;
  host: string;
  appName: string;
  /** The public origin, `https://sign-in.example.org`; undefined in development: taken from the request. */
  baseUrl: URL | undefined;
  dataDir: string;
  /** `postgres://…`; undefined: a SQLite file in `dataDir`. */
  databaseUrl: string | undefined;
  production: boolean;
  /** APP_SECRETS, newest first; undefined in development: a key is generated. */
  secrets: [string, ...string[]] | undefined;
  demo: "on" | "off" | "loopback";
  trustProxy: string[];
  /** The hosts of apps that Latchkey stands before, `app.example.org` or `app.example.org:8443`. */
  allowedHosts: string[];
  /** The domain whose sub-domains' proxies may ask about a session; undefined: BASE_URL's host alone. */
  cookieDomain: string | undefined;
  policy: Policy;
  contact: string | undefined;
  /** Where /metrics is served, on this machine alone; undefined: nowhere. */
  metricsPort: number | undefined;
  logLevel: LogLevel;
}

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything that is wrong with the settings, a line each. */
export class ConfigError extends Error {
  override name = "ConfigError";
  constructor(readonly problems: string[]) {
    super(`The settings need attention:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/** Every variable that Latchkey reads; the README and `.env.example` list the same. */
const Environment = z.object({
  PORT: z.string().transform(toPort("PORT", 0)).default(3000),
  HOST: z.string().optional(),
  APP_NAME: z
    .string()
    .regex(
      /^[^:\p{Cc}]{1,64}$/u,
      "APP_NAME is one line of at most 64 characters without a colon: apps split labels there.",
    )
    .default("Latchkey"),
  BASE_URL: z.string().transform(toBaseUrl).optional(),
  DATA_DIR: z.string().transform(toFolder).default("./data"),
  DATABASE_URL: z
    .string()
    .refine(
      isDatabaseUrl,
      "DATABASE_URL is the address of a PostgreSQL database, as postgres://latchkey@127.0.0.1/latchkey; " +
        "in a password, write / as %2F, ? as %3F, # as %23, @ as %40, % as %25 and a space as %20.",
    )
    .optional(),
  NODE_ENV: z
    .enum(["development", "production", "test"], "NODE_ENV is development, production or test.")
    .default("development"),
  APP_SECRETS: z.string().transform(toSecrets).optional(),
  DEMO: z.enum(["on", "off"], "DEMO is on, off or unset.").optional(),
  TRUST_PROXY: z.string().transform(toProxies).default([]),
  ALLOWED_HOSTS: z.string().transform(toHosts).default([]),
  COOKIE_DOMAIN: z.string().transform(toDomain).optional(),
  SESSION_IDLE: z.string().transform(toDuration("SESSION_IDLE")).default(DEFAULT_POLICY.sessionIdle),
  SESSION_MAX: z.string().transform(toDuration("SESSION_MAX")).default(DEFAULT_POLICY.sessionMax),
  PENDING_LOGIN: z.string().transform(toDuration("PENDING_LOGIN")).default(DEFAULT_POLICY.pendingLogin),
  STEP_UP: z.string().transform(toDuration("STEP_UP")).default(DEFAULT_POLICY.stepUp),
  TRUSTED_DEVICE: z
    .string()
    .transform((text, context) => (text === "0" ? 0 : toDuration("TRUSTED_DEVICE")(text, context)))
    .default(DEFAULT_POLICY.trustedDevice),
  RESYNC: z
    .enum(["on", "off"], "RESYNC is on or off.")
    .default("off")
    .transform((setting) => setting === "on"),
  CONTACT: z.string().max(200, "CONTACT is at most 200 characters.").optional(),
  METRICS_PORT: z.string().transform(toPort("METRICS_PORT", 1)).optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `LOG_LEVEL is one of ${LOG_LEVELS.join(", ")}.`).default("info"),
});

/** The names of all settings. */
export const VARIABLES = Object.keys(Environment.shape);

/**
 * Reads the settings.
 * @throws ConfigError with every problem found.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  // An empty value means "unset": that is how people switch a line of .env off. Trimmed, because some files leave a CR at the end
  // of each line.
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );
  const parsed = Environment.safeParse(given);
  const problems = [
    ...hiddenProblems(given),
    ...(parsed.error?.issues.map((issue) => issue.message) ?? []),
    ...(given.NODE_ENV === "production" ? productionProblems(given) : []),
  ];
  const settings = parsed.data;
  if (settings && settings.SESSION_IDLE > settings.SESSION_MAX) {
    problems.push("SESSION_IDLE is longer than SESSION_MAX, and so would never count.");
  }
  if (settings) problems.push(...forwardingProblems(settings));
  if (settings && settings.METRICS_PORT === settings.PORT) {
    problems.push(
      "METRICS_PORT is the same as PORT: the metrics have a port of their own, which nobody else reaches.",
    );
  }
  if (!settings || problems.length > 0) throw new ConfigError(problems);
  const production = settings.NODE_ENV === "production";

  return {
    port: settings.PORT,
    host: settings.HOST ?? (production ? "0.0.0.0" : "127.0.0.1"),
    appName: settings.APP_NAME,
    baseUrl: settings.BASE_URL,
    dataDir: path.resolve(settings.DATA_DIR),
    databaseUrl: settings.DATABASE_URL,
    production,
    secrets: settings.APP_SECRETS,
    demo: settings.DEMO ?? (production ? "off" : "loopback"),
    trustProxy: settings.TRUST_PROXY,
    allowedHosts: settings.ALLOWED_HOSTS,
    cookieDomain: settings.COOKIE_DOMAIN,
    policy: {
      sessionIdle: settings.SESSION_IDLE,
      sessionMax: settings.SESSION_MAX,
      pendingLogin: settings.PENDING_LOGIN,
      stepUp: settings.STEP_UP,
      trustedDevice: settings.TRUSTED_DEVICE,
      resync: settings.RESYNC,
    },
    contact: settings.CONTACT,
    metricsPort: settings.METRICS_PORT,
    logLevel: settings.LOG_LEVEL,
  };
}

/** Finds settings from a file with a BOM that another program read without removing it: they would silently count as unset. */
function hiddenProblems(given: NodeJS.ProcessEnv): string[] {
  const hidden = VARIABLES.filter((name) => `\uFEFF${name}` in given);
  return hidden.map(
    (name) =>
      `${name} has a BOM before its name, so it has no effect: save the file that it comes from without one.`,
  );
}

/** What has a default in development must be said in production. */
function productionProblems(given: NodeJS.ProcessEnv): string[] {
  const problems: string[] = [];
  if (!given.BASE_URL) {
    problems.push(
      "BASE_URL is required in production: the address people open, as https://sign-in.example.org.",
    );
  }
  if (!given.APP_SECRETS) {
    problems.push(
      "APP_SECRETS is required in production: make one with `latchkey secret --hex --bytes 32` and keep it safe.",
    );
  }
  if (given.DEMO === "on") problems.push("DEMO=on is refused in production: its password is public.");
  if (given.BASE_URL?.startsWith("https:") && !given.TRUST_PROXY) {
    problems.push(
      "TRUST_PROXY is required when BASE_URL is https: the address of the proxy that ends TLS, for example loopback.",
    );
  }
  return problems;
}

/** People are sent away to sign in, and back again: for both the address must be known, in development too. */
function forwardingProblems(settings: z.output<typeof Environment>): string[] {
  const { ALLOWED_HOSTS, COOKIE_DOMAIN, BASE_URL, NODE_ENV } = settings;
  if (BASE_URL) {
    if (COOKIE_DOMAIN === undefined || isWithin(BASE_URL.hostname, COOKIE_DOMAIN)) return [];
    return [`COOKIE_DOMAIN is ${COOKIE_DOMAIN}, in which BASE_URL is not: no browser would take the cookie.`];
  }
  const isUsed = ALLOWED_HOSTS.length > 0 || COOKIE_DOMAIN !== undefined;
  if (!isUsed || NODE_ENV === "production") return [];
  return ["ALLOWED_HOSTS and COOKIE_DOMAIN need BASE_URL: the address where people sign in."];
}

/**
 * Whether a cookie of ours gets to a host name: the session's own to that of BASE_URL, the other one to all of COOKIE_DOMAIN.
 * An app that none reaches would send whoever is signed in back to /login for ever.
 */
export function isInReach(
  hostname: string,
  { baseUrl, cookieDomain }: Pick<Config, "baseUrl" | "cookieDomain">,
): boolean {
  return hostname === baseUrl?.hostname || (cookieDomain !== undefined && isWithin(hostname, cookieDomain));
}

/** Whether a host name is a domain or stands below it: where a browser sends that domain's cookies (RFC 6265 §5.1.3). */
function isWithin(hostname: string, domain: string): boolean {
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

type Context = z.core.$RefinementCtx<string>;

function toPort(name: string, least: number) {
  return (text: string, context: Context): number => {
    const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (port >= least && port <= 65_535) return port;
    context.addIssue(`${name} is a number from ${least} to 65535.`);
    return z.NEVER;
  };
}

/** Only a shell expands these; here they would name a new folder. */
function toFolder(text: string, context: Context): string {
  if (!/^(~|\$\{?\w)/.test(text)) return text;
  const example = path.join(homedir(), "latchkey");
  context.addIssue(
    `DATA_DIR begins with ~ or $, which only a shell expands: write the full path, for example ${example}.`,
  );
  return z.NEVER;
}

function toBaseUrl(text: string, context: Context): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.search && !url.hash;
  if (isOrigin && !url.username && !url.password) return url;
  context.addIssue("BASE_URL is an origin without a path, as https://sign-in.example.org.");
  return z.NEVER;
}

function toSecrets(text: string, context: Context): [string, ...string[]] {
  const secrets = text.split(",").map((secret) => secret.trim());
  const [first = "", ...rest] = secrets;
  const make = "make one with `latchkey secret --hex --bytes 32`.";
  if (secrets.some((secret) => Buffer.byteLength(secret) < 32)) {
    context.addIssue(`Each of APP_SECRETS, separated by commas, is at least 32 bytes: ${make}`);
  } else if (!secrets.every(isRandomEnough)) {
    const which = secrets.findIndex((secret) => !isRandomEnough(secret)) + 1;
    const key = rest.length > 0 ? `Key ${which} of APP_SECRETS` : "APP_SECRETS";
    context.addIssue(`${key} is not random and could be guessed: ${make}`);
  } else return [first, ...rest];
  return z.NEVER;
}

function toProxies(text: string, context: Context): string[] {
  const proxies = text.split(",").map((proxy) => proxy.trim());
  for (const proxy of proxies) {
    if (!isProxy(proxy)) {
      context.addIssue(
        `TRUST_PROXY has "${proxy}", which is not a full IP address, a CIDR range or "loopback": give the proxy's address, for ` +
          "example loopback or 10.0.0.5.",
      );
    } else if (ipaddr.isValidCIDR(proxy) && isEverybody(proxy)) {
      context.addIssue(`TRUST_PROXY has "${proxy}", by which everyone could name any address as their own.`);
    }
  }
  return proxies;
}

/** Four numbers or IPv6. `1` and `127.1` are addresses too, but hardly the ones that were meant. */
function isProxy(proxy: string): boolean {
  const [address = "", bits, ...more] = proxy.split("/");
  if (proxy === "loopback") return true;
  if (!isIP(address) || address.includes("%") || more.length > 0) return false;
  return bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && ipaddr.isValidCIDR(proxy));
}

/** All of IPv4 or of IPv6; IPv4 addresses are met in their mapped form as well. */
function isEverybody(range: string): boolean {
  const [address, bits] = ipaddr.parseCIDR(range);
  return bits === 0 || (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits <= 96);
}

/** A name with dots between, as browsers write it: lower case, no full stop at its end. */
const HOST_NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

function toHosts(text: string, context: Context): string[] {
  const hosts = text.split(",").map((host) => host.trim().toLowerCase());
  for (const host of hosts) {
    if (isHost(host)) continue;
    context.addIssue(
      `ALLOWED_HOSTS has "${host}", which is no host such as app.example.org or app.example.org:8443.`,
    );
  }
  return hosts;
}

/** One whose name a browser would write in another way, as `127.1`, would never be met. */
function isHost(host: string): boolean {
  const [, name = "", port = "0"] = /^(.+?)(?::([0-9]{1,5}))?$/.exec(host) ?? [];
  const url = `http://${name}`;
  return (
    HOST_NAME.test(name) && Number(port) <= 65_535 && URL.canParse(url) && new URL(url).hostname === name
  );
}

function toDomain(text: string, context: Context): string {
  const domain = text.trim().toLowerCase().replace(/^\./, "");
  // What ends in digits is an address, which has no sub-domains.
  if (HOST_NAME.test(domain) && /\.[a-z][a-z0-9-]*$/.test(domain)) return domain;
  context.addIssue("COOKIE_DOMAIN is a domain with at least one dot and no address, as example.org.");
  return z.NEVER;
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** In milliseconds: a number with a unit, as `90s`, `10m`, `1h` or `30d`; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const [, amount, unit = ""] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (UNITS[unit] ?? Number.NaN);
  return milliseconds >= 1_000 ? milliseconds : undefined;
}

function toDuration(name: string) {
  return (text: string, context: Context): number => {
    const milliseconds = durationOf(text);
    if (milliseconds !== undefined) return milliseconds;
    context.addIssue(`${name} is a number with a unit, as 90s, 10m, 1h or 30d.`);
    return z.NEVER;
  };
}
