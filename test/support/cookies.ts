/** The cookies that an answer sets and that a visitor holds. */
import type { IncomingHttpHeaders } from "node:http";
import type { Visitor } from "./visitor.js";

/** The session cookie that an answer sets, as `latchkey=…`; undefined when it sets none or takes it back. */
export function cookieOf(answer: {
  headers: IncomingHttpHeaders | Record<string, unknown>;
}): string | undefined {
  const set = [answer.headers["set-cookie"] ?? []].flat().map(String);
  return set
    .map((cookie) => cookie.split(";", 1)[0] ?? "")
    .find((pair) => /^(__Host-)?latchkey=./.test(pair));
}

/** @throws when the answer sets no cookie */
export function cookieFrom(answer: Parameters<typeof cookieOf>[0]): string {
  const cookie = cookieOf(answer);
  if (!cookie) throw new Error("The answer sets no cookie.");
  return cookie;
}

/** The session cookie that a visitor holds now; empty without one. */
export function heldBy(visitor: Visitor): string {
  return (
    allHeldBy(visitor)
      .split("; ")
      .find((pair) => pair.startsWith("latchkey=")) ?? ""
  );
}

/** Every cookie that a visitor holds now, device cookies too. */
export function allHeldBy(visitor: Visitor): string {
  const where = { domain: "127.0.0.1", path: "/", secure: false, script: false };
  return visitor.agent.jar.getCookies(where).toValueString();
}

/** One of the cookies that a visitor holds now, as `name=value`; empty without it. */
export function cookieHeldBy(visitor: Visitor, name: string): string {
  return (
    allHeldBy(visitor)
      .split("; ")
      .find((pair) => pair.startsWith(`${name}=`)) ?? ""
  );
}
