/**
 * Trusted proxies: whose X-Forwarded-* headers are believed (TRUST_PROXY).
 * Tests: test/web/http/address.test.ts, test/config/parsers.test.ts
 */
import type { Express, Request } from "express";
import { MAX_IP_LENGTH, peerOf } from "./address.js";

/** Express's "trust proxy fn": whether it trusts an address. */
type Trusts = (address: string | undefined, hop: number) => boolean;

/** Makes the app trust the proxies that TRUST_PROXY names. What they say about the request behind them is believed. */
export function trustProxies(app: Express, proxies: string[]): void {
  app.set("trust proxy", proxies);
  app.set("trust proxy", cachedByAddress(app.get("trust proxy fn")));
}

/** There are few proxies but any number of clients. */
const MAX_CACHED_ADDRESSES = 1_000;

/**
 * Caches the verdict on each address. Express parses the address again each time, several times a request: 4 % of the time that a
 * request to /auth/verify took (bench/README.md).
 */
function cachedByAddress(trusts: Trusts): Trusts {
  const verdicts = new Map<string, boolean>();
  return (address, hop) => {
    if (address === undefined || address.length > MAX_IP_LENGTH) return false;
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
