/** Network addresses: the client's, in the one form in which it is counted, kept and shown. */
import type { Request } from "express";
import ipaddr from "ipaddr.js";

/** Longer than any address with a zone and a port. */
const MAX_ADDRESS = 64;

/** nginx calls the other end of a Unix socket the same; it has no address. */
const UNIX_SOCKET = "unix:";

/** Of each request, both ends as they were when it came: a socket that is closed has forgotten them. */
const peers = new WeakMap<Request, string | undefined>();
const clients = new WeakMap<Request, string | undefined>();

/**
 * An address as everything here writes it: IPv4 as a dotted quad, mapped into IPv6 too; IPv6 by RFC 5952, without a zone. The
 * port that some proxies name with it is cut off, or each would count as another address. Undefined for what is none.
 */
export function canonicalAddress(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_ADDRESS) return undefined;
  const bare = text
    .replace(/^\[(.+)\](?::\d+)?$/, "$1")
    .replace(/^([^:]+):\d+$/, "$1")
    .replace(/%.*$/, "");
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare).toString();
  if (!ipaddr.IPv6.isValid(bare)) return undefined;
  const address = ipaddr.IPv6.parse(bare);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}

/** Who is at the other end of the connection, as the operating system says; undefined once that is gone, and for a Unix socket. */
export function peerOf(req: Request): string | undefined {
  if (!peers.has(req)) peers.set(req, req.socket.remoteAddress);
  return peers.get(req);
}

/**
 * The client's address: the connection's other end, or what a proxy that is trusted says. Where that says nothing of use, the
 * proxy's own. Undefined when the connection was gone before the request was looked at: nobody waits for an answer, and a pool
 * for all such clients would count strangers together.
 */
export function addressOf(req: Request): string | undefined {
  if (!clients.has(req)) clients.set(req, readAddress(req));
  return clients.get(req);
}

function readAddress(req: Request): string | undefined {
  const peer = peerOf(req);
  // A connection that was reset still knows its own end; a Unix socket has none.
  if (peer === undefined) {
    return req.socket.localAddress === undefined && !req.socket.destroyed ? UNIX_SOCKET : undefined;
  }
  return canonicalAddress(req.ip) ?? canonicalAddress(peer);
}
