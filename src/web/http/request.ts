/** What a request tells about its sender: the client, whether a person navigates, and whether a trusted proxy is in between. */
import type { Express, Request } from "express";
import type { Client } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import { browserTokens, trustedTokens } from "../session/cookies.js";
import { addressOf, peerOf } from "./address.js";
import { hostNameOf } from "./authority.js";

/**
 * The client as auth/ counts and records it: address, User-Agent as sent, tokens from its cookies, and whether it may use the demo
 * account.
 * @throws Error when the connection was closed before the request was read; dropClosedConnections keeps such requests out
 */
export function clientOf(req: Request, config: Pick<Config, "demo" | "baseUrl">): Client {
  const address = addressOf(req);
  if (address === undefined)
    throw new Error("This request has no address: dropClosedConnections must run first.");
  return {
    requestId: req.id,
    address,
    device: req.get("user-agent") ?? "",
    mayUseDemo: mayUseDemo(req, config),
    browserTokens: browserTokens(req, config),
    trustedTokens: trustedTokens(req, config),
  };
}

/** Whether the request may use the demo account: with `loopback`, only from this machine. */
export function mayUseDemo(req: Request, { demo }: Pick<Config, "demo">): boolean {
  return demo === "on" || (demo === "loopback" && isDirectLoopback(req));
}

/** Headers that a proxy adds: with one of these the person may be anywhere. */
const PROXY_HEADERS = ["forwarded", "via", "x-real-ip"];

/** Whether the request was sent from this machine, to this machine, without a proxy in between. */
export function isDirectLoopback(req: Request): boolean {
  // No browser has spoken HTTP/1.0 for decades. Proxies do: nginx by its old default, which adds no header either.
  if (req.httpVersion === "1.0") return false;
  const names = Object.keys(req.headers);
  if (names.some((name) => PROXY_HEADERS.includes(name) || name.startsWith("x-forwarded-"))) return false;
  return isLoopback(peerOf(req) ?? "") && isLoopback(hostNameOf(req.headers.host) ?? "");
}

function isLoopback(host: string): boolean {
  return /^(localhost|(::ffff:)?127\.\d+\.\d+\.\d+|::1)$/i.test(host);
}

/** The headers by which browsers mark a prefetch, whose answer may never be seen. */
const PREFETCH_HEADERS = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/**
 * Whether a person will see the answer, as far as the request tells. Over plain HTTP browsers send no Fetch Metadata; there
 * `Accept` tells a page from an image or a script's request.
 */
export function isSeen(req: Request): boolean {
  if (req.method === "HEAD" || !isNavigation(req)) return false;
  if (PREFETCH_HEADERS.some((name) => /prefetch|prerender|preview/i.test(req.get(name) ?? ""))) return false;
  return req.get("sec-fetch-mode") !== undefined || req.get("accept")?.includes("text/html") !== false;
}

/** Whether a browser opens a page, by Fetch Metadata; without Fetch Metadata, true. */
export function isNavigation(req: Request): boolean {
  return [undefined, "navigate"].includes(req.get("sec-fetch-mode"));
}

/** Much longer than any browser's Accept header. */
const MAX_ACCEPT = 1_000;

/**
 * Whether the sender can use a page. Programs cannot, and would follow a redirect to one. They are recognised by an `Accept` that
 * rules HTML out, by `X-Requested-With`, or by Fetch Metadata. An `Accept` for everything passes for a browser.
 */
export function wantsPage(req: Request): boolean {
  if (!isNavigation(req) || isByScript(req)) return false;
  return (req.get("accept") ?? "").length <= MAX_ACCEPT && Boolean(req.accepts("html"));
}

/** Android's WebView sends its app's name in X-Requested-With, in navigations too, so Fetch Metadata goes first. */
function isByScript(req: Request): boolean {
  const by = req.get("x-requested-with");
  if (by === undefined) return false;
  return by.toLowerCase() === "xmlhttprequest" || req.get("sec-fetch-mode") !== "navigate";
}

/** Express's "trust proxy fn": whether it trusts an address. */
type Trusts = (address: string | undefined, hop: number) => boolean;

/** Makes the app trust the proxies that TRUST_PROXY names. What they say about the request behind them is believed. */
export function trustProxies(app: Express, proxies: string[]): void {
  app.set("trust proxy", proxies);
  app.set("trust proxy", cachedByAddress(app.get("trust proxy fn")));
}

/** There are few proxies but any number of clients. */
const MAX_CACHED_ADDRESSES = 1_000;
/** Longer than any address. Longer text may be as long as a request's headers, so it is neither parsed nor cached. */
const MAX_ADDRESS_LENGTH = 64;

/**
 * Caches the verdict on each address. Express parses the address anew each time, several times a request: 4 % of the time that a
 * request to /auth/verify took (bench/README.md).
 */
function cachedByAddress(trusts: Trusts): Trusts {
  const verdicts = new Map<string, boolean>();
  return (address, hop) => {
    if (address === undefined || address.length > MAX_ADDRESS_LENGTH) return false;
    const known = verdicts.get(address);
    if (known !== undefined) return known;
    if (verdicts.size >= MAX_CACHED_ADDRESSES) verdicts.clear();
    const isTrusted = trusts(address, hop);
    verdicts.set(address, isTrusted);
    return isTrusted;
  };
}

/** Whether the connection comes from a proxy that TRUST_PROXY names. */
export function isFromTrustedProxy(req: Request): boolean {
  const trusts: Trusts = req.app.get("trust proxy fn");
  return trusts(peerOf(req), 0);
}
