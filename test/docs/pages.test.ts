/** docs/pages.md is made from the URL table. To update it: npx vitest run test/docs -u */
import { describe, expect, it } from "vitest";
import { HISTORY_RETENTION, MAX_HISTORY, RECOVERY_CODES_SHOWN_MS } from "../../src/auth/policy.js";
import { HOUR, MINUTE, openWorld } from "../support/world.js";

const DAY = 24 * HOUR;

/** What each address is for. */
const WHAT: Record<string, string> = {
  "/": "what this is; signed in: your ways back in, and one thing to do next",
  "/login": "the password",
  "/login/2fa":
    "set up an authenticator, or type its code; a box trusts this browser. With a session, a repeated form leads to `/account`",
  "/login/2fa/resync": "two codes in a row, for an app whose clock is off; with `RESYNC=on` only",
  "/login/recovery-code": "one recovery code, when the app is lost",
  "/logout":
    "a page with the sign-out button, so that apps can link to it; `next` says where to go then. The button revokes, on the server, everything that the browser's cookies stand for",
  "/link/:token":
    "a one-time link: an invitation or a new password asks for one, a link of `reset-2fa` for the password that the account has. Looking at it spends nothing; used once, it leads to the second step. `Referrer-Policy: strict-origin`, and `/link/:token` in the log",
  "/confirm": "step-up: both factors again",
  "/account":
    "how you sign in, where you are signed in, trusted browsers, what happened lately; `?rename=ID` and `?check=copy` open a form",
  "/account/history": `every sign-in, refusal and change of ${HISTORY_RETENTION / DAY} days, at most ${MAX_HISTORY.toLocaleString("en")} lines, by day; with \`?show=problems\` what failed alone`,
  "/account/password": "a new password",
  "/account/authenticators/new": "one more authenticator; with `?replaces=ID` in place of an old one",
  "/account/authenticators/:id/rename": "another name",
  "/account/authenticators/:id/remove": "asks first; the last one can only be replaced",
  "/account/recovery-codes": "new recovery codes; they end the old ones",
  "/account/recovery-codes/current": `the recovery codes just made, for the browser that made them: until one is typed back, they are put off, or ${RECOVERY_CODES_SHOWN_MS / MINUTE} minutes have passed`,
  "/account/recovery-codes/later": "puts their check off, and shows them no more",
  "/account/recovery-codes/proof": "a code typed back; it stays good",
  "/account/sessions/:id/end": "signs one browser out",
  "/account/sessions/end-others": "signs all other browsers out",
  "/account/trusted-devices/:id/forget": "asks that browser for a code again",
  "/.well-known/change-password": "leads password managers to the form",
  "/dev/authenticator":
    "the demo account's codes; in development, for direct requests on this machine; to all others it does not exist",
  "/healthz": "200 while the process is alive",
  "/readyz":
    "200 while the database can be written to; 503 when it cannot, and from the first moment of a shutdown",
  "/auth/verify":
    "forward authentication: 200 with `Remote-User` for a session, else 401; with `?redirect=1` it leads to `/login` or `/confirm`",
  "/^\\/assets\\//": "stylesheet, scripts, mark, under hashed names",
};

/** The strictest guard of a row says who may ask. */
const WHO = [
  ["requireStepUp", "step-up"],
  ["requireSession", "session"],
  ["requirePendingLogin", "pending login"],
  ["requirePendingLoginOrSession", "pending login"],
  ["requireAnonymous", "anonymous"],
  ["requireDirectLoopback", "developer"],
] as const;

describe("docs/pages.md", () => {
  it("is made from the URL table", async () => {
    const { urls } = await openWorld({ RESYNC: "on" });
    const rows = [...urls.pages, ...urls.proxy, ...urls.probes, ...urls.assets];
    const paths = [...new Set(rows.map(([, path]) => String(path)))];
    const lines = paths.map((path) => {
      const ofPath = rows.filter((row) => String(row[1]) === path);
      // The probes take every method, to answer 405 themselves.
      const any = urls.probes.some((row) => row[1] === path) ? "GET" : "any";
      const methods = ofPath.map(([method]) => (method === "ALL" ? any : method)).join(", ");
      const guards = ofPath.flatMap(([, , guards]) => guards.map(({ name }) => name));
      const who = WHO.find(([guard]) => guards.includes(guard))?.[1] ?? "anyone";
      const what = WHAT[path];
      expect(what, `what ${path} is for`).toBeDefined();
      return `| ${methods} | \`${path.startsWith("/^") ? "/assets/…" : path}\` | ${who} | ${what} |`;
    });
    await expect(`${INTRODUCTION}${lines.join("\n")}\n`).toMatchFileSnapshot("../../docs/pages.md");
  });

  it.each([
    ["/healthz", 405],
    ["/readyz", 405],
    ["/account", 405],
    ["/assets/latchkey.css", 404],
  ])("says how another method at %s is answered: %i", async (path, status) => {
    const { visitor } = await openWorld();
    expect((await visitor().agent.put(path)).status).toBe(status);
  });
});

const INTRODUCTION = `# Pages

Every URL, as [\`src/web/routes.ts\`](../src/web/routes.ts) has them. GET answers HEAD too. Any other method is a 405, under
\`/assets/\` a 404. A trailing slash makes no difference. \`/metrics\` is on \`METRICS_PORT\` alone.

| method | address | who | what |
|---|---|---|---|
`;
