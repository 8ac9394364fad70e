/** GET /dev/authenticator — in development, shows the demo account's codes, so that Latchkey can be tried without a phone. */
import type { Request, RequestHandler } from "express";
import { DEMO_ACCOUNT, type PendingLogin, type Session } from "../../auth/index.js";
import { message } from "../catalogue/message.js";
import { isDirectLoopback, mayUseDemo } from "../http/request.js";
import { sendPage } from "../render/page.js";
import type { Site } from "../site.js";

export function devAuthenticatorPage(site: Site): Record<"show", RequestHandler> {
  const { auth, config } = site;
  const show: RequestHandler = async (req, res) => {
    const codes = await auth.withDeadline(() => auth.demoCodes());
    const left = codes && Math.max(0, codes.until.getTime() - auth.now().getTime());
    // One second more: browsers round, and must not load the old codes again.
    if (left !== undefined) res.set("Refresh", String(Math.ceil(left / 1_000) + 1));
    sendPage(site, res, "dev-authenticator", {
      title: message("demo-title"),
      codes,
      left,
      demo: mayUseDemo(req, config) ? DEMO_ACCOUNT : undefined,
    });
  };
  return { show };
}

/** Whether a page that asks this person for a code may link to /dev/authenticator. */
export function mayReadDemoCodes(
  { config }: Site,
  req: Request,
  { isDemo }: PendingLogin | Session,
): boolean {
  return isDemo && !config.production && isDirectLoopback(req);
}
