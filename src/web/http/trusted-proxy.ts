/** Whether a request was sent by a proxy of ours: only then is it believed what it says of the request behind it. */
import type { Express, Request } from "express";
import { peerOf } from "./address.js";

type Trusts = (address: string | undefined, hop: number) => boolean;

/** There are few proxies but any number of clients. */
const MAX_ADDRESSES = 1_000;
/** Longer than any address: not parsed, because it may be as long as a request's headers. */
const MAX_ADDRESS_LENGTH = 64;

/**
 * Has the app trust the proxies that TRUST_PROXY names. Express reads an address anew each time, several times a request: what
 * has been found is kept.
 */
export function trustProxies(app: Express, proxies: string[]): void {
  app.set("trust proxy", proxies);
  const trusts: Trusts = app.get("trust proxy fn");
  const found = new Map<string, boolean>();
  const remembering: Trusts = (address, hop) => {
    if (address === undefined || address.length > MAX_ADDRESS_LENGTH) return false;
    const known = found.get(address);
    if (known !== undefined) return known;
    if (found.size >= MAX_ADDRESSES) found.clear();
    const isTrusted = trusts(address, hop);
    found.set(address, isTrusted);
    return isTrusted;
  };
  app.set("trust proxy", remembering);
}

/** Whether the other end of the connection is one that TRUST_PROXY names. */
export function isFromTrustedProxy(req: Request): boolean {
  const trusts: Trusts = req.app.get("trust proxy fn");
  return trusts(peerOf(req), 0);
}
