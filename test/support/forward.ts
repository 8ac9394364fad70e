/** A Latchkey behind a proxy, and the questions that the proxy asks it at /auth/verify. */

import { cookieFrom, heldBy } from "./cookies.js";
import { type Answer, ask, form } from "./raw-request.js";
import { setUp } from "./sign-in.js";
import type { Visitor } from "./visitor.js";
import { secretOn } from "./visitor.js";
import { openWorld, type World } from "./world.js";

/** Behind a proxy on this machine, for apps on two sub-domains and on another port of its own host. */
export const BEHIND_A_PROXY = {
  BASE_URL: "http://sign-in.example.org",
  ALLOWED_HOSTS: "app.example.org, wiki.example.org:8443, sign-in.example.org:81",
  COOKIE_DOMAIN: "example.org",
  TRUST_PROXY: "loopback",
  DEMO: "on",
};

/** A page of one of those apps. */
export const WANTED = "http://app.example.org/reports/7?month=2026-11&q=a%26b";

/** The query of our own pages that leads on to this address. */
export const withNext = (next: string) => `?next=${encodeURIComponent(next)}`;

export interface Question {
  /** The query of /auth/verify. */
  query?: string;
  method?: string;
  cookie?: string;
  /** The address that the browser wanted, as nginx would name it. */
  wanted?: string;
  headers?: Record<string, string | string[]>;
}

/** Asks as a proxy does. */
export function verify(
  world: Pick<World, "port">,
  { query = "", method = "GET", cookie, wanted, headers = {} }: Question = {},
): Promise<Answer> {
  const path = `/auth/verify${query && `?${query}`}`;
  const all: Record<string, string | string[]> = { ...headers };
  if (cookie !== undefined) all.cookie = cookie;
  if (wanted !== undefined) all["x-original-url"] = wanted;
  return ask(world, { method, path, headers: all });
}

/** Where an anonymous browser, or a session that falls short, is sent. */
export async function sentTo(world: Pick<World, "port">, question: Question): Promise<string | undefined> {
  const answer = await verify(world, { ...question, query: `redirect=1&${question.query ?? ""}` });
  if (answer.status !== 302) throw new Error(`Answered with ${answer.status}.`);
  return answer.headers.location;
}

/** The Set-Cookie lines of an answer for the cookie that serves sub-domains. */
export function forwardLines(answer: { headers: Record<string, unknown> }): string[] {
  const lines = [answer.headers["set-cookie"] ?? []].flat().map(String);
  return lines.filter((line) => line.startsWith("latchkey_forward="));
}

/** That cookie as `latchkey_forward=…`. @throws when the answer sets none */
export function forwardCookieFrom(answer: { headers: Record<string, unknown> }): string {
  const [pair] = forwardLines(answer).map((line) => line.split(";", 1)[0] ?? "");
  if (!pair || pair === "latchkey_forward=") throw new Error("The answer gives no such cookie.");
  return pair;
}

/** The cookies that a signed-in browser sends to the sign-in host, and to a sub-domain. */
export async function bothCookies(visitor: Visitor): Promise<{ host: string; forward: string }> {
  // The visitor's jar is for 127.0.0.1 and refuses cookies of example.org. Each page sets the cookie again.
  return { host: heldBy(visitor), forward: forwardCookieFrom(await visitor.get("/")) };
}

/** A visitor who is signed in with both factors, behind a proxy. */
export async function signedIn(env: Record<string, string> = {}) {
  const world = await openWorld({ ...BEHIND_A_PROXY, ...env });
  const visitor = world.visitor();
  const secret = await setUp(world, visitor);
  return { world, visitor, secret, ...(await bothCookies(visitor)) };
}

const BY_HTTPS = { "x-forwarded-proto": "https" };

/** The same where BASE_URL is https: a jar for plain HTTP holds none of its cookies. */
export async function signedInByHttps() {
  const world = await openWorld({ ...BEHIND_A_PROXY, BASE_URL: "https://sign-in.example.org" });
  const credentials = form({ username: "test", password: "password" }, BY_HTTPS);
  const pending = cookieFrom(await ask(world, { path: "/login", ...credentials }));
  const page = await ask(world, { path: "/login/2fa", headers: { ...BY_HTTPS, cookie: pending } });
  const code = form({ otp: world.code(secretOn(page.text)) }, { ...BY_HTTPS, cookie: pending });
  const answer = await ask(world, { path: "/login/2fa", ...code });
  return { world, answer, host: cookieFrom(answer), forward: forwardCookieFrom(answer) };
}
