/**
 * For a host app with a sign-in of its own: `startSecondFactor`, which leads from there to the second factor, and `signOut`.
 * Tests: test/host/start-second-factor.test.ts, test/host/sign-out.test.ts, test/security/host-sign-in.test.ts
 */
import type { Request, Response } from "express";
import { type Client, type HostPerson, type NewSession, readHostPerson } from "../auth/index.js";
import { plainOptions, shown } from "../config/options.js";
import type { Latchkey } from "../public-types.js";
import { UNAVAILABLE } from "./host-guards.js";
import { addressOf } from "./http/address.js";
import { failForHost, OnSignInFailed } from "./http/errors.js";
import { safePath } from "./http/next.js";
import { clientOf } from "./http/request.js";
import { requestIdOf } from "./http/request-id.js";
import { callOnSignIn } from "./on-sign-in.js";
import { signInMessages } from "./pages/after-sign-in.js";
import { NAME_TAKEN } from "./pages/login.js";
import { signedCookie, signedIds } from "./session/cookie-session.js";
import { sessionCookie, valuesOf } from "./session/cookies.js";
import { allForwardTokensIn, clearForwardCookie, setForwardCookie } from "./session/forward-cookie.js";
import { clearSessionCookie } from "./session/session.js";
import { revokeBrowser } from "./session/sign-out.js";
import type { Site } from "./site.js";
import { serialiseMessages } from "./text/messages.js";

/**
 * Makes both. They run on the host's own routes, so they leave its session, its body and its messages alone.
 * @param cookieSecrets the secrets that sign session cookies, newest first
 */
export function hostSignIn(
  site: Site,
  cookieSecrets: readonly string[],
): Pick<Latchkey, "startSecondFactor" | "signOut"> {
  const { auth, config } = site;
  const { name, options: cookieOptions } = sessionCookie(config);
  const idsIn = (req: Request) => signedIds(req, name, cookieSecrets);

  async function startSecondFactor(
    req: Request,
    res: Response,
    person: HostPerson,
    next: string,
    secondStep: string,
  ): Promise<void> {
    // Nobody waits for the answer, and there is no address to record.
    if (addressOf(req) === undefined) return void res.destroy();
    const client = hostsClient(req, site);
    res.set("Cache-Control", "no-store");
    // Before anything is opened. The cookies stood for another person, or this one starts again.
    await revokeBrowser(site, req, idsIn(req), client);
    const result = await auth.startHostLogin(person, { next, client }, (summary) =>
      serialiseMessages(summary ? signInMessages(site, summary) : []),
    );
    switch (result.outcome) {
      case "closed":
        clearCookies(req, res);
        throw new SignInRefused("The account of this person is disabled.");
      case "name-taken":
        site.warn({ ...person }, NAME_TAKEN);
        clearCookies(req, res);
        throw new SignInRefused("The name of this person belongs to an account of Latchkey's own.");
      case "password-accepted":
        giveCookie(res, result.pendingLogin);
        if (allForwardTokensIn(req, config).size > 0) clearForwardCookie(res, config);
        return answer(res, secondStep);
      case "signed-in":
        await tellHost(req, res, result.session, next, client);
        giveCookie(res, result.session);
        return answer(res, next);
    }
  }

  /** Calls onSignIn. Where it fails, the session ends, and the error is the host's own. */
  async function tellHost(req: Request, res: Response, { id }: NewSession, next: string, client: Client) {
    const state = await auth.findSession(id);
    if (state?.kind !== "session") return;
    await callOnSignIn(site, req, res, state, next).catch(async (error: unknown) => {
      await auth.withDeadline(() => auth.signOut(id, client)).catch(() => {});
      throw error;
    });
    setForwardCookie(site, req, res, state);
  }

  function holdsCookies(req: Request): boolean {
    return valuesOf(req, name).length > 0 || allForwardTokensIn(req, config).size > 0;
  }

  /** What they stood for has ended. */
  function clearCookies(req: Request, res: Response): void {
    if (holdsCookies(req)) clearSessionCookie(res, config);
  }

  function giveCookie(res: Response, { id }: NewSession): void {
    res.cookie(name, signedCookie(id, cookieSecrets), cookieOptions);
  }

  return {
    async startSecondFactor(req, res, user, options = {}) {
      const person = personOf(user);
      const next = nextIn(options);
      if (res.headersSent)
        throw new Error("startSecondFactor answers the request, which was answered already.");
      // Throws before anything is changed where the router is not mounted.
      const secondStep = site.link("/login/2fa");
      await auth
        .withDeadline(() => startSecondFactor(req, res, person, next, secondStep))
        .catch((error) => {
          if (error instanceof OnSignInFailed) throw error.reason;
          failForHost(error, UNAVAILABLE);
        });
    },

    async signOut(req, res) {
      const ids = idsIn(req);
      if (!holdsCookies(req)) return;
      if (addressOf(req) === undefined) return;
      const client = hostsClient(req, site);
      await auth
        .withDeadline(() => revokeBrowser(site, req, ids, client))
        .catch((cause) => failForHost(cause, UNAVAILABLE));
      clearSessionCookie(res, config);
    },
  };
}

/** The person is refused, by a status that the host's error pages know. */
class SignInRefused extends Error {
  override name = "SignInRefused";
  readonly status = 403;
}

/** The browser of a request that has not come through our router. The demo account opens to no host's word. */
function hostsClient(req: Request, { config }: Site): Client {
  return { ...clientOf(req, config), requestId: requestIdOf(req), mayUseDemo: false };
}

/** @throws Error with a sentence */
function personOf(user: unknown): HostPerson {
  const person = readHostPerson(user);
  if (person) return person;
  const what = typeof user === "object" && user !== null ? "another object" : shown(user);
  throw new Error(
    "startSecondFactor takes a person as { id, username }: id a text of 1 to 200 characters or an integer, username a text of 1 to " +
      `200 characters without control characters; not ${what}.`,
  );
}

/** Where the person goes: `next` of the options, if it is a path of this site, else `/`. It may come straight from a request. */
function nextIn(options: unknown): string {
  const next = plainOptions("startSecondFactor", options, ["next"]).get("next");
  return (typeof next === "string" ? safePath(next) : undefined) ?? "/";
}

function answer(res: Response, address: string): void {
  res.status(303).location(address).end();
}
