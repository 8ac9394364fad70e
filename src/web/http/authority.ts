/**
 * Hosts and origins, normalised to the form that browsers send. Every comparison of two hosts uses this form.
 * Tests: test/security/hosts.test.ts
 */
import type { Config } from "../../config/config.js";
import { parseUrl } from "./url.js";

type Scheme = "http:" | "https:";

/** A DNS name has at most 253 characters, and a port adds six. */
const MAX_AUTHORITY = 260;

/** A host name or IPv6 address with an optional port, in ASCII: browsers send any other name in Punycode. */
const AUTHORITY = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(?:0|[1-9]\d{0,4}))?$/i;

/**
 * Normalises a host: lower case, without the scheme's default port, IPv6 in its short form. A trailing dot stays, because to a
 * browser that is another host. Undefined for what no browser would send.
 */
export function authorityOf(scheme: Scheme, host: string | undefined): string | undefined {
  if (host === undefined || host.length > MAX_AUTHORITY) return undefined;
  const [, name] = AUTHORITY.exec(host) ?? [];
  const url = name === undefined ? undefined : parseUrl(`${scheme}//${host}`);
  if (!name || !url) return undefined;
  // Browsers never send `127.1`: it must not pass for 127.0.0.1.
  return name.startsWith("[") || url.hostname === name.toLowerCase() ? url.host : undefined;
}

/** The host name in a Host header, without brackets; undefined for what no browser would send. */
export function hostNameOf(host: string | undefined): string | undefined {
  return authorityOf("http:", host)
    ?.replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "");
}

/**
 * Whether an Origin header names the host that the request came to. The default port depends on the scheme. Behind a proxy that
 * does not tell us ours, only Origin has a scheme.
 */
export function isOriginOf(origin: string, host: string | undefined): boolean {
  const scheme = schemeOf(origin);
  if (scheme === undefined) return false;
  const theirs = authorityOf(scheme, origin.slice(scheme.length + 2));
  return theirs !== undefined && theirs === authorityOf(scheme, host);
}

/** An origin as browsers write it; undefined for anything that is not a scheme, a host and perhaps a port. */
export function originOf(text: string): string | undefined {
  const scheme = schemeOf(text);
  const host = scheme && authorityOf(scheme, text.slice(scheme.length + 2));
  return host && `${scheme}//${host}`;
}

function schemeOf(origin: string): Scheme | undefined {
  const [, scheme] = /^(https?:)\/\//i.exec(origin) ?? [];
  return scheme?.toLowerCase() as Scheme | undefined;
}

type Settings = Pick<Config, "allowedHosts" | "baseUrl">;

/** Cached by the setting's array, because the settings never change while the process runs. */
const cachedOrigins = new WeakMap<Settings["allowedHosts"], ReadonlySet<string>>();

/**
 * The origins of the apps in ALLOWED_HOSTS. Only https ones if BASE_URL is https: over http the session would travel in the
 * clear.
 */
export function allowedOrigins({ allowedHosts, baseUrl }: Settings): ReadonlySet<string> {
  const known = cachedOrigins.get(allowedHosts);
  if (known) return known;
  const schemes: Scheme[] = baseUrl?.protocol === "https:" ? ["https:"] : ["http:", "https:"];
  const origins = allowedHosts.flatMap((host) => schemes.map((scheme) => originOf(`${scheme}//${host}`)));
  const allowed = new Set(origins.filter((origin) => origin !== undefined));
  cachedOrigins.set(allowedHosts, allowed);
  return allowed;
}

/** Whether a request came to BASE_URL's own host, by its Host header, over either scheme. */
export function isOwnHost(host: string | undefined, { baseUrl }: Pick<Config, "baseUrl">): boolean {
  if (!baseUrl) return false;
  return (["http:", "https:"] as const).some((scheme) => {
    const theirs = authorityOf(scheme, host);
    return theirs !== undefined && theirs === authorityOf(scheme, baseUrl.host);
  });
}
