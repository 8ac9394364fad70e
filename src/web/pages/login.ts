/** GET, POST /login — the first factor: username and password. */
import type { Request, RequestHandler } from "express";
import { DEMO_ACCOUNT, MAX_HOST_NAME_LENGTH, type SignInSummary } from "../../auth/index.js";
import { message } from "../catalogue/message.js";
import { LoginForm, parseForm } from "../http/forms.js";
import { safeNext } from "../http/next.js";
import { redirect, redirectBack } from "../http/redirect.js";
import { clientOf, mayUseDemo } from "../http/request.js";
import { type Problem, sendPage } from "../render/page.js";
import { requestIndependent } from "../render/page-cache.js";
import { signInOf } from "../session/browser-state.js";
import { adoptSession } from "../session/session.js";
import type { Site } from "../site.js";
import { serialiseMessages } from "../text/messages.js";
import { tooManyTries } from "../text/retry-after.js";
import { openSession, signInMessages } from "./after-sign-in.js";

export function loginPage(site: Site): Record<"show" | "submit", RequestHandler> {
  const { auth, config } = site;
  /** The empty form. It is the same for everyone, so its page is cached. */
  const blank = requestIndependent({ title: message("login-title") });
  const blankWithDemo = requestIndependent({ ...blank, demo: DEMO_ACCOUNT });
  const demoFor = (req: Request) => (mayUseDemo(req, config) ? DEMO_ACCOUNT : undefined);

  const show: RequestHandler = (req, res) => {
    const state = signInOf(req);
    const expired = state.kind === "expired" ? state : undefined;
    const next = safeNext(req, req.query.next, config) ?? expired?.next;
    const username = expired?.username ?? wantedName(req);
    const demo = demoFor(req);
    if (expired === undefined && next === undefined && username === "")
      return sendPage(site, res, "login", demo ? blankWithDemo : blank);
    sendPage(site, res, "login", { ...blank, username, next, demo });
  };

  const submit: RequestHandler = async (req, res) => {
    const form = parseForm(LoginForm, req.body);
    const next = safeNext(req, form.next, config);
    const result = await auth.startLogin({ ...form, next }, clientOf(req, config), loginData(site));
    const filledIn = { username: form.username, next, demo: demoFor(req) };
    switch (result.outcome) {
      case "password-accepted":
        await adoptSession(site, req, res, result.pendingLogin);
        return redirect(site, res, "/login/2fa");
      case "signed-in":
        await openSession(site, req, res, result.session, next);
        return redirectBack(site, res, next, "/");
      case "refused":
        if (result.nameTaken) site.warn({ ...result.nameTaken }, NAME_TAKEN);
        res.status(401);
        return sendPage(site, res, "login", { ...blank, ...filledIn, problem: REFUSED });
      case "delayed": {
        const problem = tooManyTries(res, result.until, auth.now());
        return sendPage(site, res, "login", {
          ...blank,
          ...filledIn,
          problem,
          retryAt: new Date(result.until),
        });
      }
    }
  };

  return { show, submit };
}

/** The name that the address fills in, as the host's sign-up page sends it; "" where there is none that a person could type. */
function wantedName(req: Request): string {
  const { username } = req.query;
  const isName =
    typeof username === "string" && username.length <= MAX_HOST_NAME_LENGTH && !/\p{Cc}/u.test(username);
  return isName ? username : "";
}

/** Makes the serialised messages of the next page: about earlier sign-ins on a trusted browser, none before the second step. */
function loginData(site: Site): (summary: SignInSummary | undefined) => string {
  return (summary) => serialiseMessages(summary ? signInMessages(site, summary) : []);
}

/** For the operator, where the app names somebody by a name that is not theirs to have. */
export const NAME_TAKEN =
  "one of the app's people was refused: an account of Latchkey's own has that name and never gives it up; rename it or join it " +
  "(accounts.update with externalId), or let the app name the person otherwise";

/** One text for an unknown name and a wrong password: prevents account enumeration (ASVS 5.0 6.3.8). */
const REFUSED: Problem = {
  reason: "refused",
  text: message("login-refused"),
  advice: message("login-refused-advice"),
  field: "username",
};
