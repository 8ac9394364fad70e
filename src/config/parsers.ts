/** Parsers of single settings: each gives the value, or reports in a sentence what is wrong with the text. */
import { isIP } from "node:net";
import { homedir } from "node:os";
import path from "node:path";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { isRandomEnough } from "./randomness.js";

type Context = z.core.$RefinementCtx<string>;

/** A port from `min` to 65,535. */
export function toPort(name: string, min: number) {
  return (text: string, context: Context): number => {
    const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (port >= min && port <= 65_535) return port;
    context.addIssue(`${name} is a number from ${min} to 65535.`);
    return z.NEVER;
  };
}

/** A folder's path, without ~ and $NAME: only a shell expands these, and here they would name a new folder. */
export function toFolder(text: string, context: Context): string {
  if (!/^(~|\$\{?\w)/.test(text)) return text;
  const example = path.join(homedir(), "latchkey");
  context.addIssue(
    `DATA_DIR begins with ~ or $, which only a shell expands: write the full path, for example ${example}.`,
  );
  return z.NEVER;
}

/** An origin: http or https, without a path, a query and credentials. */
export function toBaseUrl(text: string, context: Context): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.search && !url.hash;
  if (isOrigin && !url.username && !url.password) return url;
  context.addIssue("BASE_URL is an origin without a path, as https://sign-in.example.org.");
  return z.NEVER;
}

const MAX_MOUNT_PATH = 200;

/** The path under which a host app has mounted the router, without a slash at the end: `/` gives "". */
export function toMountPath(text: string, context: Context): string {
  if (text.length <= MAX_MOUNT_PATH && /^(?:\/[\w~-][\w.~-]*)*\/?$/.test(text))
    return text.replace(/\/$/, "");
  context.addIssue("MOUNT_PATH is the path under which an app has mounted Latchkey, as / or /sign-in.");
  return z.NEVER;
}

/** One or more keys, newest first, each at least 32 bytes and random. */
export function toSecrets(text: string, context: Context): [string, ...string[]] {
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

/** Addresses and ranges of trusted proxies; refuses ranges that include everyone. */
export function toProxies(text: string, context: Context): string[] {
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

/** "loopback", a full IPv4 or IPv6 address, or a CIDR range. `1` and `127.1` are addresses too, but probably typing mistakes. */
function isProxy(proxy: string): boolean {
  const [address = "", bits, ...more] = proxy.split("/");
  if (proxy === "loopback") return true;
  if (!isIP(address) || address.includes("%") || more.length > 0) return false;
  return bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && ipaddr.isValidCIDR(proxy));
}

/** Whether a range covers all of IPv4 or IPv6. IPv4 clients also match ranges of IPv4-mapped addresses (`::ffff:0:0/96`). */
function isEverybody(range: string): boolean {
  const [address, bits] = ipaddr.parseCIDR(range);
  return bits === 0 || (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits <= 96);
}

/** A host name as browsers write it: labels separated by dots, in lower case, without a dot at the end. */
const HOST_NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/** Host names of apps, each with an optional port. */
export function toHosts(text: string, context: Context): string[] {
  const hosts = text.split(",").map((host) => host.trim().toLowerCase());
  for (const host of hosts) {
    if (isHost(host)) continue;
    context.addIssue(
      `ALLOWED_HOSTS has "${host}", which is no host such as app.example.org or app.example.org:8443.`,
    );
  }
  return hosts;
}

/** Names of catalogues: `en`, `pt-BR`. Whether there is such a file, `readLanguages` says. */
export function toLanguages(text: string, context: Context): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (
    names.every((name) => /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(name)) &&
    new Set(names).size === names.length
  )
    return names;
  context.addIssue("LANGUAGES is a list of catalogues, each named once and separated by commas, as en.");
  return z.NEVER;
}

/** Whether a browser writes the host in exactly this way; any other form, for example `127.1`, would never match a request. */
function isHost(host: string): boolean {
  const [, name = "", port = "0"] = /^(.+?)(?::([0-9]{1,5}))?$/.exec(host) ?? [];
  const url = `http://${name}`;
  return (
    HOST_NAME.test(name) && Number(port) <= 65_535 && URL.canParse(url) && new URL(url).hostname === name
  );
}

/** A domain for cookies, without a leading dot. */
export function toDomain(text: string, context: Context): string {
  const domain = text.trim().toLowerCase().replace(/^\./, "");
  // A name that ends in digits is an IP address, which has no sub-domains.
  if (HOST_NAME.test(domain) && /\.[a-z][a-z0-9-]*$/.test(domain)) return domain;
  context.addIssue("COOKIE_DOMAIN is a domain with at least one dot and no address, as example.org.");
  return z.NEVER;
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses a number with a unit, for example `90s`, `10m`, `1h` or `30d`, into milliseconds; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const [, amount, unit = ""] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (UNITS[unit] ?? Number.NaN);
  return milliseconds >= 1_000 ? milliseconds : undefined;
}

/** @param max in milliseconds; whole days */
export function toDuration(name: string, max = Number.POSITIVE_INFINITY) {
  return (text: string, context: Context): number => {
    const milliseconds = durationOf(text);
    if (milliseconds !== undefined && milliseconds <= max) return milliseconds;
    const most = Number.isFinite(max) ? `, at most ${max / (UNITS.d ?? 1)}d` : "";
    context.addIssue(`${name} is a number with a unit, as 90s, 10m, 1h or 30d${most}.`);
    return z.NEVER;
  };
}
