/**
 * What a request tells about its sender: the client, and whether a person navigates.
 * Tests: test/web/http/address.test.ts, test/security/demo-account.test.ts
 */
import type { IncomingMessage } from "node:http";
import type { Request } from "express";
import type { Client } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import { knownBrowserCookies, trustedTokens } from "../session/cookies.js";
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
    userAgent: req.get("user-agent") ?? "",
    mayUseDemo: mayUseDemo(req, config),
    knownBrowserCookies: knownBrowserCookies(req, config),
    trustedTokens: trustedTokens(req, config),
  };
}

/** Whether the request may use the demo account: with `loopback`, only from this machine. */
export function mayUseDemo(req: IncomingMessage, { demo }: Pick<Config, "demo">): boolean {
  return demo === "on" || (demo === "loopback" && isDirectLoopback(req));
}

/** Headers that a proxy adds: with one of these the person may be anywhere. */
const PROXY_HEADERS = ["forwarded", "via", "x-real-ip"];

/** Whether the request was sent from this machine, to this machine, without a proxy in between. */
export function isDirectLoopback(req: IncomingMessage): boolean {
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
export function canUsePage(req: Request): boolean {
  if (!isNavigation(req) || isByScript(req)) return false;
  return (req.get("accept") ?? "").length <= MAX_ACCEPT && Boolean(req.accepts("html"));
}

/** Android's WebView sends its app's name in X-Requested-With, in navigations too, so Fetch Metadata goes first. */
function isByScript(req: Request): boolean {
  const by = req.get("x-requested-with");
  if (by === undefined) return false;
  return by.toLowerCase() === "xmlhttprequest" || req.get("sec-fetch-mode") !== "navigate";
}
