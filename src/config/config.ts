/** Turns environment variables into a Config, or reports every problem at once for the operator. */
import path from "node:path";
import type { z } from "zod";
import type { Policy } from "../auth/index.js";
import { Environment, type LogLevel, VARIABLES } from "./schema.js";

export interface Config {
  port: number;
  host: string;
  appName: string;
  /** The public origin, `https://sign-in.example.org`; undefined in development, where it is taken from the request. */
  baseUrl: URL | undefined;
  /** Where a host app has mounted the router, for links that the command line prints; "" for the root. */
  mountPath: string;
  dataDir: string;
  /** `postgres://…`; undefined for a SQLite file in `dataDir`. */
  databaseUrl: string | undefined;
  production: boolean;
  /** APP_SECRETS, newest first; undefined in development, where a key is generated. */
  secrets: [string, ...string[]] | undefined;
  demo: "on" | "off" | "loopback";
  trustProxy: string[];
  /** The hosts of the apps that forward authentication protects: `app.example.org` or `app.example.org:8443`. */
  allowedHosts: string[];
  /** The domain whose sub-domains can use forward authentication; undefined for BASE_URL's host alone. */
  cookieDomain: string | undefined;
  policy: Policy;
  contact: string | undefined;
  /** The catalogues that are offered, the first one by default. */
  languages: string[];
  /** The port of /metrics, for this machine alone; undefined turns it off. */
  metricsPort: number | undefined;
  logLevel: LogLevel;
}

/** Every problem with the settings, one per line. */
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
  // An empty value counts as unset: that is how people switch off a line of .env. Values are trimmed, because some files leave a CR
  // at the end of each line.
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );
  const parsed = Environment.safeParse(given);
  const problems = [
    ...bomProblems(given),
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
    mountPath: settings.MOUNT_PATH,
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
      invitation: settings.INVITATION,
      resync: settings.RESYNC,
    },
    contact: settings.CONTACT,
    languages: settings.LANGUAGES,
    metricsPort: settings.METRICS_PORT,
    logLevel: settings.LOG_LEVEL,
  };
}

/** Finds names with a BOM before them, from a file that another program read: those settings would silently count as unset. */
function bomProblems(given: NodeJS.ProcessEnv): string[] {
  const hidden = VARIABLES.filter((name) => `\uFEFF${name}` in given);
  return hidden.map(
    (name) =>
      `${name} has a BOM before its name, so it has no effect: save the file that it comes from without one.`,
  );
}

/** Production requires settings that have a default in development. */
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

/** Forward authentication redirects people to the sign-in and back, so it needs the public address, in development too. */
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
 * Whether a browser sends one of our cookies to a host name: the session cookie to BASE_URL's, the forward-authentication
 * cookie to all of COOKIE_DOMAIN. An app that gets neither would redirect a signed-in person to /login for ever.
 */
export function isInReach(
  hostname: string,
  { baseUrl, cookieDomain }: Pick<Config, "baseUrl" | "cookieDomain">,
): boolean {
  return hostname === baseUrl?.hostname || (cookieDomain !== undefined && isWithin(hostname, cookieDomain));
}

/** Whether a host name is a domain or one of its sub-domains, to which browsers send the domain's cookies (RFC 6265 §5.1.3). */
function isWithin(hostname: string, domain: string): boolean {
  return hostname === domain || hostname.endsWith(`.${domain}`);
}
