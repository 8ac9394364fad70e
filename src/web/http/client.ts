/** Who is asking, as far as the request tells: address, device, tokens, and whether the demo account is open to it. */
import type { Request } from "express";
import type { Client } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import { browserTokens, trustedTokens } from "../session/cookies.js";
import { addressOf, peerOf } from "./address.js";
import { hostNameOf } from "./authority.js";

/** Headers that a proxy adds: with one of these the person may be anywhere. */
const PROXY_HEADERS = ["forwarded", "via", "x-real-ip"];

/** The client's address, its User-Agent as sent, the tokens it holds, and the demo rule's verdict. */
export function clientOf(req: Request, config: Pick<Config, "demo" | "baseUrl">): Client {
  const address = addressOf(req);
  if (address === undefined)
    throw new Error("This request has no address: refuseTheGone stands before the pages.");
  return {
    requestId: req.id,
    address,
    device: req.get("user-agent") ?? "",
    mayUseDemo: mayUseDemo(req, config),
    browserTokens: browserTokens(req, config),
    trustedTokens: trustedTokens(req, config),
  };
}

/** Whether the demo account is open to whoever asks. */
export function mayUseDemo(req: Request, { demo }: Pick<Config, "demo">): boolean {
  return demo === "on" || (demo === "loopback" && isDirectLoopback(req));
}

/** A request made on this very machine, to this very machine, by nobody's proxy. */
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
