/** The settings: the only reader of the environment. Reports every problem at once, in words for the operator. */
import path from "node:path";
import type { z } from "zod";
import type { Policy } from "../auth/index.js";
import { Environment, type LogLevel, VARIABLES } from "./schema.js";

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

/** Everything that is wrong with the settings, a line each. */
export class ConfigError extends Error {
  override name = "ConfigError";
  constructor(readonly problems: string[]) {
    super(`The settings need attention:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

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
