/** The URL table: method, path, guards, handler. Start reading here. */
import { type RequestHandler, Router } from "express";
import { accountPage } from "./account.js";
import { methodNotAllowed } from "./errors.js";
import { requireAnonymous, requirePendingLogin, requireSession } from "./guards.js";
import { homePage } from "./home.js";
import { loginPage } from "./login.js";
import { login2faPage } from "./login-2fa.js";
import { logoutPage } from "./logout.js";
import type { Site } from "./site.js";

type Row = [method: "GET" | "POST", path: string, guards: RequestHandler[], handler: RequestHandler];

/** Every URL that the app answers, assets aside. */
export function table(site: Site): Row[] {
  const home = homePage(site);
  const login = loginPage(site);
  const login2fa = login2faPage(site);
  const logout = logoutPage(site);
  const account = accountPage(site);
  return [
    ["GET", "/", [], home.show],
    ["GET", "/login", [requireAnonymous], login.show],
    ["POST", "/login", [requireAnonymous], login.submit],
    ["GET", "/login/2fa", [requirePendingLogin], login2fa.show],
    ["POST", "/login/2fa", [requirePendingLogin], login2fa.submit],
    ["POST", "/logout", [], logout.submit],
    ["GET", "/account", [requireSession], account.show],
  ];
}

/** The table as a router; a path of the table asked in another way is 405. */
export function routes(site: Site): Router {
  const router = Router();
  const rows = table(site);
  for (const [method, path, guards, handler] of rows) {
    router.route(path)[method === "GET" ? "get" : "post"](...guards, handler);
  }
  for (const path of new Set(rows.map(([, path]) => path))) {
    const methods = rows.filter((row) => row[1] === path).map(([method]) => method);
    router.all(
      path,
      methodNotAllowed(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))),
    );
  }
  return router;
}
