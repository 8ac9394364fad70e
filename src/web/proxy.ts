/** Whether a request was sent by a proxy of ours: only then is it believed what it says of the request behind it. */
import type { Request } from "express";

/** Whether the other end of the connection is one that TRUST_PROXY names. */
export function isFromTrustedProxy(req: Request): boolean {
  const trusts: (address: string | undefined, hop: number) => boolean = req.app.get("trust proxy fn");
  return trusts(req.socket.remoteAddress, 0);
}
