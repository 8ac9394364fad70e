/** The client's IP address, in the one canonical form in which it is rate-limited, stored and shown. */
import type { IncomingMessage } from "node:http";
import type { Request } from "express";
import ipaddr from "ipaddr.js";

/** Longer than any IP address with a zone and a port. Longer text is not parsed. */
export const MAX_IP_LENGTH = 64;

/** Used for the peer of a Unix socket, which has no address. nginx uses the same name. */
const UNIX_SOCKET = "unix:";

/** Both addresses of each request's connection, read when it arrives: a closed socket no longer has them. */
const peers = new WeakMap<IncomingMessage, string | undefined>();
const clients = new WeakMap<Request, string | undefined>();

/**
 * The canonical form of an address: IPv4 (IPv4-mapped IPv6 too) as a dotted quad; IPv6 by RFC 5952, without a zone. Removes the
 * port that some proxies add, or each would count as another address. Undefined for anything else.
 */
export function canonicalAddress(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_IP_LENGTH) return undefined;
  const bare = text
    .replace(/^\[(.+)\](?::\d+)?$/, "$1")
    .replace(/^([^:]+):\d+$/, "$1")
    .replace(/%.*$/, "");
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare).toString();
  if (!ipaddr.IPv6.isValid(bare)) return undefined;
  const address = ipaddr.IPv6.parse(bare);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}

/** The connection's remote address, from the operating system; undefined once the connection is closed, and for a Unix socket. */
export function peerOf(req: IncomingMessage): string | undefined {
  if (!peers.has(req)) peers.set(req, req.socket.remoteAddress);
  return peers.get(req);
}

/**
 * The client's address: the connection's remote address, or what a trusted proxy says; the proxy's own if that is not an address.
 * Undefined when the connection was closed before the request was read: nobody waits for an answer, and one address for all such
 * requests would rate-limit strangers together.
 */
export function addressOf(req: Request): string | undefined {
  if (!clients.has(req)) clients.set(req, readAddress(req));
  return clients.get(req);
}

function readAddress(req: Request): string | undefined {
  const peer = peerOf(req);
  // A connection that was reset still has its local address; a Unix socket never had one.
  if (peer === undefined) {
    return req.socket.localAddress === undefined && !req.socket.destroyed ? UNIX_SOCKET : undefined;
  }
  return canonicalAddress(req.ip) ?? canonicalAddress(peer);
}
