/** /auth/verify — forward authentication: a reverse proxy asks, for each request to a protected app, who is signed in. */
import type { Request, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { z } from "zod";
import type { AuthRequirement, Session, SignInState } from "../../auth/index.js";
import type { Config } from "../../config/config.js";
import { originOf } from "../http/authority.js";

import { noteInLog } from "../http/request-log.js";
import { MAX_URL_BYTES } from "../http/url.js";
import { signInReader } from "../session/cookie-session.js";
import { cookiesOfOthers } from "../session/cookies.js";
import { forwardTokensIn } from "../session/forward-cookie.js";
import { touchSession } from "../session/touch-session.js";
import type { Site } from "../site.js";
import {
  type ForwardedRequest,
  forwardedRequest,
  isAboutAnApp,
  isPageWanted,
  wantedHost,
} from "./forwarded-request.js";

/** `parameters`: the query string was invalid. */
type RefusalReason = Exclude<SignInState["kind"], "session"> | "methods" | "max_age" | "parameters";

/**
 * Answers any method by the same rules, and never with a cookie.
 * @param cookieSecrets what session cookies are signed with, newest first
 * @param log hears what an operator has to mend
 */
export function authVerify(site: Site, cookieSecrets: readonly string[], log: Logger): RequestHandler {
  const { auth, config } = site;
  const readSignIn = signInReader(site, cookieSecrets);
  const warn = warnOnce(log);

  async function verify(req: Request, res: Response): Promise<void> {
    // A proxy hands a redirect on as an answer of the app's host, for which it is not ours to promise https for a year.
    res.removeHeader("Strict-Transport-Security");
    const asked = parametersOf(req);
    if (!asked) {
      warn(
        "/auth/verify was asked in a way that it cannot read: redirect=1, max_age in seconds, methods=totp",
      );
      noteInLog(req, { host: wantedHost(req), reason: "parameters" });
      return refuse(res);
    }
    const state = await whoAsks(req);
    const reason = whyNot(state, asked.demand);
    noteInLog(req, reason === undefined ? "answered" : { host: wantedHost(req), reason });
    if (state.kind === "session" && reason === undefined) return admit(req, res, state, config);
    if (!asked.redirect || !isPageWanted(req)) return refuse(res);
    // The browser follows it from the app's page: a path alone would be one of the app's.
    const origin = config.baseUrl?.origin ?? ownOrigin(req);
    if (origin === undefined) return refuse(res);
    // A live session that falls short would be sent on by /login, and come back here: a circle.
    const step = state.kind === "session" ? "/confirm" : "/login";
    res.redirect(302, `${origin}${site.link(step)}${nextFor(req)}`);
  }

  /** Why access is refused, for the log; undefined if it is granted. */
  function whyNot(state: SignInState, { methods, maxAge }: AuthRequirement): RefusalReason | undefined {
    if (state.kind !== "session") return state.kind;
    if (!auth.meets(state, { methods })) return "methods";
    return auth.meets(state, { maxAge }) ? undefined : "max_age";
  }

  /** The session cookie decides, a pending login's too; where it stands for nobody, or does not reach, the one for all of COOKIE_DOMAIN. */
  async function whoAsks(req: Request): Promise<SignInState> {
    const own = await readSignIn(req);
    if (own.kind !== "anonymous") return own;
    const found = await Promise.all(forwardTokensIn(req, config).map((token) => auth.findForwarded(token)));
    const sessions = found.filter((one) => one !== undefined);
    // Of several of one person the newest; of two people's, which is the browser's own cannot be told.
    const [session, ...others] = sessions.sort((one, other) => other.startedAt - one.startedAt);
    const isOnePersons = others.every(({ accountId }) => accountId === session?.accountId);
    return session && isOnePersons ? touchSession(site, req, session) : own;
  }

  function nextFor(req: Request): string {
    const wanted = forwardedRequest(req, config);
    if (wanted.outcome === "allowed") return `?next=${encodeURIComponent(wanted.next)}`;
    const reason = whyNotLedBack(wanted);
    if (reason !== undefined) warn(reason);
    return "";
  }

  return (req, res) => auth.withDeadline(() => verify(req, res));
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
function parametersOf(req: Request): { redirect: boolean; demand: AuthRequirement } | undefined {
  const { data } = Parameters.safeParse(req.query);
  if (!data) return undefined;
  const { redirect, max_age: maxAge, methods } = data;
  return { redirect: redirect !== undefined, demand: { maxAge, methods: methods && [methods] } };
}

/** Then it is said no more: anybody can make up another host. */
const MAX_WARNINGS = 20;

/** Each sentence once: a proxy asks for every request. */
function warnOnce(log: Logger): (sentence: string) => void {
  const said = new Set<string>();
  return (sentence) => {
    if (said.has(sentence) || said.size >= MAX_WARNINGS) return;
    said.add(sentence);
    log.warn(sentence);
  };
}

/** Why a page was dropped, for the operator. */
function whyNotLedBack(wanted: Exclude<ForwardedRequest, { outcome: "allowed" }>): string | undefined {
  switch (wanted.outcome) {
    case "unnamed":
      return undefined;
    case "too-long":
      return `people are not sent back to a page of ${wanted.host}: its address is longer than ${MAX_URL_BYTES} bytes`;
    case "malformed":
      return "people are not sent back to a page whose address is malformed: see what the proxy sets as X-Original-URL, or as X-Forwarded-Proto, -Host and -Uri";
    case "not-allowed":
      return `people are not sent back to ${wanted.host}: it is not in ALLOWED_HOSTS`;
    case "out-of-reach":
      return `people are not sent back to ${wanted.host}: our cookies do not reach it; COOKIE_DOMAIN must be the domain that it shares with BASE_URL`;
  }
}

function admit(req: Request, res: Response, session: Session, config: Config): void {
  res.set({
    "Remote-User": session.username,
    "Remote-Auth-Time": String(Math.floor((session.provedAt ?? session.startedAt) / 1_000)),
    "Remote-Auth-Methods": session.methods.join(" "),
  });
  // What the proxy should send to the app in place of the browser's cookies: with ours an app could be the person elsewhere. Told
  // to a proxy alone, and where there is one: a page's script must not read from an answer what it may not read from the browser.
  const others = isAboutAnApp(req, config) ? cookiesOfOthers(req) : "";
  if (others !== "") res.set("Cookie", others);
  res.status(200).end();
}

function refuse(res: Response): void {
  res.status(401).type("text").send("Not signed in, or not as this page asks.");
}

/** In development without BASE_URL: what the request calls us. */
function ownOrigin(req: Request): string | undefined {
  return originOf(`${req.protocol}://${req.get("host")}`);
}
