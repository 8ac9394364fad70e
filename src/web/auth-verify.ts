/** /auth/verify — forward authentication: a reverse proxy asks, for each request to a protected app, who is signed in. */
import { type Request, type Response, Router } from "express";
import { z } from "zod";
import type { Demand, Session, SignInState } from "../auth/index.js";
import type { Config } from "../config.js";
import { isInReach } from "../config.js";
import { signInReader } from "./cookie-session.js";
import { cookiesOfOthers } from "./cookies.js";
import { forwardTokensIn } from "./forward-cookie.js";
import { isNavigation } from "./navigation.js";
import { safeNext } from "./next.js";
import { noteUse } from "./note-use.js";
import { isFromTrustedProxy } from "./proxy.js";
import { linkTo } from "./redirect.js";
import type { Site } from "./site.js";

export const VERIFY_PATH = "/auth/verify";

/**
 * Answers any method by the same rules, and never with a cookie.
 * @param cookieSecrets what session cookies are signed with, newest first
 */
export function authVerify(site: Site, cookieSecrets: readonly string[]): Router {
  const { auth, config } = site;
  const readSignIn = signInReader(site, cookieSecrets);

  async function verify(req: Request, res: Response): Promise<void> {
    const asked = parametersOf(req);
    if (!asked) return refuse(res);
    const state = await whoAsks(req);
    if (state.kind === "session" && auth.meets(state, asked.demand)) return admit(req, res, state, config);
    if (!asked.redirect || !isPageWanted(req)) return refuse(res);
    // The browser follows it from the app's page: a path alone would be one of the app's.
    const origin = config.baseUrl?.origin ?? ownOrigin(req);
    if (origin === undefined) return refuse(res);
    // A live session that falls short would be sent on by /login, and come back here: a circle.
    const step = state.kind === "session" ? "/confirm" : "/login";
    res.redirect(302, `${origin}${linkTo(req, step)}${nextFor(req)}`);
  }

  /** The session cookie decides, a pending login's too; where it stands for nobody, or does not reach, the one for all of COOKIE_DOMAIN. */
  async function whoAsks(req: Request): Promise<SignInState> {
    const own = await readSignIn(req);
    if (own.kind !== "anonymous") return own;
    const found = await Promise.all(forwardTokensIn(req, config).map((token) => auth.findForwarded(token)));
    const [session, ...others] = found.filter((one) => one !== undefined);
    // Of two that live, which is the browser's own cannot be told.
    return session && others.length === 0 ? noteUse(site, req, session) : own;
  }

  function nextFor(req: Request): string {
    const next = safeNext(wantedAddress(req), config);
    const isGood = next !== undefined && isInReach(new URL(next).hostname, config);
    return isGood ? `?next=${encodeURIComponent(next)}` : "";
  }

  const router = Router();
  router.all(VERIFY_PATH, (req, res) => auth.withDeadline(() => verify(req, res)));
  return router;
}

const Parameters = z.strictObject({
  redirect: z.literal("1").optional(),
  max_age: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/)
    .transform((seconds) => Number(seconds) * 1_000)
    .optional(),
  methods: z.literal("totp").optional(),
});

/** Undefined where one is unknown, repeated, or of an unknown value: what was meant to be a demand must not be none. */
function parametersOf(req: Request): { redirect: boolean; demand: Demand } | undefined {
  const { data } = Parameters.safeParse(req.query);
  if (!data) return undefined;
  const { redirect, max_age: maxAge, methods } = data;
  return { redirect: redirect !== undefined, demand: { maxAge, methods: methods && [methods] } };
}

function admit(req: Request, res: Response, session: Session, { allowedHosts }: Config): void {
  res.set({
    "Remote-User": session.username,
    "Remote-Auth-Time": String(Math.floor((session.provedAt ?? session.startedAt) / 1_000)),
    "Remote-Auth-Methods": session.methods.join(" "),
  });
  // What the proxy should send to the app in place of the browser's cookies: with ours an app could be the person elsewhere. Told
  // to a proxy alone, and where there is one: a page's script must not read from an answer what it may not read from the browser.
  const isProxys = allowedHosts.length > 0 && isFromTrustedProxy(req) && namesPage(req);
  const others = isProxys ? cookiesOfOthers(req) : "";
  if (others !== "") res.set("Cookie", others);
  res.status(200).end();
}

function refuse(res: Response): void {
  res.status(401).type("text").send("Not signed in, or not as this page asks.");
}

/**
 * Whether a browser wants to see a page. Where it sends something, a redirect would lose that in silence; where a script or an
 * image asks, it would lead them to a page that they can do nothing with.
 */
function isPageWanted(req: Request): boolean {
  if (!isNavigation(req)) return false;
  const told = isFromTrustedProxy(req)
    ? (req.get("x-original-method") ?? req.get("x-forwarded-method"))
    : undefined;
  return ["GET", "HEAD"].includes(told ?? req.method);
}

function namesPage(req: Request): boolean {
  return req.get("x-original-url") !== undefined || req.get("x-forwarded-uri") !== undefined;
}

/** An absolute address in printable ASCII without a fragment, as a browser's request has it; two headers of a kind come with a blank. */
const ADDRESS = /^https?:\/\/[\w.:[\]-]+([/?][!"$-~]*)?$/;

/** The address that the browser asked the proxy for; undefined when nobody who is trusted has said it, or it is malformed. */
function wantedAddress(req: Request): string | undefined {
  if (!isFromTrustedProxy(req)) return undefined;
  const address = req.get("x-original-url") ?? forwardedAddress(req);
  return address !== undefined && ADDRESS.test(address) ? address : undefined;
}

function forwardedAddress(req: Request): string | undefined {
  const [scheme, host, uri] = ["proto", "host", "uri"].map((part) => req.get(`x-forwarded-${part}`));
  // Whole each: a host with a path in it would be another page's address.
  if (!/^https?$/.test(scheme ?? "") || !/^[\w.:[\]-]+$/.test(host ?? "") || !uri?.startsWith("/"))
    return undefined;
  return `${scheme}://${host}${uri}`;
}

/** In development without BASE_URL: what the request calls us. */
function ownOrigin(req: Request): string | undefined {
  const origin = `${req.protocol}://${req.get("host")}`;
  return /^https?:\/\/[\w.:[\]-]+$/.test(origin) && URL.canParse(origin) ? origin : undefined;
}
