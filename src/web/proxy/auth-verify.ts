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
  mayRedirectBrowser,
  wantedHost,
} from "./forwarded-request.js";

/** Why access was refused, for the log. `parameters`: the query string was invalid. */
type RefusalReason = Exclude<SignInState["kind"], "session"> | "methods" | "max_age" | "parameters";

/**
 * Handles every method by the same rules, and never sets a cookie.
 * @param cookieSecrets the secrets that sign session cookies, newest first
 * @param log for misconfiguration that the operator must correct
 */
export function authVerify(site: Site, cookieSecrets: readonly string[], log: Logger): RequestHandler {
  const { auth, config } = site;
  const readSignIn = signInReader(site, cookieSecrets);
  const warn = warnOnce(log);

  async function verify(req: Request, res: Response): Promise<void> {
    // No HSTS: the proxy passes a redirect on as the app's answer, and we must not promise a year of HTTPS for the app's host.
    res.removeHeader("Strict-Transport-Security");
    const parameters = parametersOf(req);
    if (!parameters) {
      warn(
        "/auth/verify was asked in a way that it cannot read: redirect=1, max_age in seconds, methods=totp",
      );
      noteInLog(req, { host: wantedHost(req), reason: "parameters" });
      return refuse(site, req, res);
    }
    const state = await findSignIn(req);
    const reason = refusalReason(state, parameters.requirement);
    noteInLog(req, reason === undefined ? "answered" : { host: wantedHost(req), reason });
    if (state.kind === "session" && reason === undefined) return admit(req, res, state, config);
    if (!parameters.redirect || !mayRedirectBrowser(req)) return refuse(site, req, res);
    // An absolute address: the browser would resolve a path against the app's host.
    const origin = config.baseUrl?.origin ?? ownOrigin(req);
    if (origin === undefined) return refuse(site, req, res);
    // /login would send a session that does not meet the requirement straight back, in a circle.
    const page = state.kind === "session" ? "/confirm" : "/login";
    res.redirect(302, `${origin}${site.link(page)}${nextFor(req)}`);
  }

  /** Undefined if access is granted. */
  function refusalReason(
    state: SignInState,
    { methods, maxAge }: AuthRequirement,
  ): RefusalReason | undefined {
    if (state.kind !== "session") return state.kind;
    if (!auth.meets(state, { methods })) return "methods";
    return auth.meets(state, { maxAge }) ? undefined : "max_age";
  }

  /** By the session cookie, also for a pending login. If there is none, or it is invalid, by the forward cookie. */
  async function findSignIn(req: Request): Promise<SignInState> {
    const own = await readSignIn(req);
    if (own.kind !== "anonymous") return own;
    const found = await Promise.all(forwardTokensIn(req, config).map((token) => auth.findForwarded(token)));
    const sessions = found.filter((one) => one !== undefined);
    // Several sessions of one account: the newest counts. Of different accounts: the browser's own cannot be told, so none counts.
    const [session, ...others] = sessions.sort((one, other) => other.startedAt - one.startedAt);
    const isOneAccount = others.every(({ accountId }) => accountId === session?.accountId);
    return session && isOneAccount ? touchSession(site, req, session) : own;
  }

  /** The query that leads back to the requested page. Without such a page it is empty, and the log tells the operator why. */
  function nextFor(req: Request): string {
    const wanted = forwardedRequest(req, config);
    if (wanted.outcome === "allowed") return `?next=${encodeURIComponent(wanted.next)}`;
    const reason = droppedPageWarning(wanted);
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

/** Undefined if a parameter is unknown, repeated or invalid. Fails closed: a mistyped requirement must not mean none. */
function parametersOf(req: Request): { redirect: boolean; requirement: AuthRequirement } | undefined {
  const { data } = Parameters.safeParse(req.query);
  if (!data) return undefined;
  const { redirect, max_age: maxAge, methods } = data;
  return { redirect: redirect !== undefined, requirement: { maxAge, methods: methods && [methods] } };
}

/** The most warnings a process logs: anybody can make up another host. */
const MAX_WARNINGS = 20;

/** Logs each sentence once: a proxy asks for every request. */
function warnOnce(log: Logger): (sentence: string) => void {
  const logged = new Set<string>();
  return (sentence) => {
    if (logged.has(sentence) || logged.size >= MAX_WARNINGS) return;
    logged.add(sentence);
    log.warn(sentence);
  };
}

/** Why people are not sent back to a page, for the operator; undefined if no page was named. */
function droppedPageWarning(wanted: Exclude<ForwardedRequest, { outcome: "allowed" }>): string | undefined {
  switch (wanted.outcome) {
    case "no-page":
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
    "Remote-User": utf8(session.username),
    "Remote-Auth-Time": String(Math.floor((session.provedAt ?? session.startedAt) / 1_000)),
    "Remote-Auth-Methods": session.methods.join(" "),
  });
  // The cookies that the proxy should send to the app, without ours: with ours, an app could impersonate the person elsewhere. Only
  // for a proxy that asks about an app: in any other answer, a page's script could read cookies that are HttpOnly.
  const others = isAboutAnApp(req, config) ? cookiesOfOthers(req) : "";
  if (others !== "") res.set("Cookie", others);
  res.status(200).end();
}

/**
 * A text as a header's value: its bytes in UTF-8, which Node writes as they are. A host's label may have any character, and Node refuses
 * those above U+00FF.
 */
function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function refuse(site: Site, req: Request, res: Response): void {
  res.status(401).type("text").send(site.languages.of(req).text("verify-refused"));
}

/** Our origin as the request names it, for development without BASE_URL. */
function ownOrigin(req: Request): string | undefined {
  return originOf(`${req.protocol}://${req.get("host")}`);
}
