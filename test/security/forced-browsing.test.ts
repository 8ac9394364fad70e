/** Forced browsing: asking for pages before both factors are proved, in every spelling of an address. */
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { ask, form } from "../support/raw-request.js";
import { enrolled, pendingCookie, setUp } from "../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

/** What anyone may ask for. Every other row of the URL table, new ones included, must be closed. */
const OPEN_TO_ANYONE = [
  "/",
  "/login",
  "/logout",
  "/link/x",
  "/.well-known/change-password",
  "/dev/authenticator",
];
const OPEN_TO_PENDING =
  "/ /login/2fa /login/recovery-code /logout /link/x /.well-known/change-password /dev/authenticator".split(
    " ",
  );
/** Of the rows for sessions, those that need no recent step-up. */
const OPEN_TO_AN_OLD_SESSION = [
  ..."/account /account/history /account/authenticators/x/rename /account/trusted-devices/x/forget".split(
    " ",
  ),
  ..."/account/recovery-codes/current /account/recovery-codes/later".split(" "),
  ..."/account/recovery-codes/proof /account/sessions/x/end /account/sessions/end-others /confirm".split(" "),
];

let world: World;
let rows: { method: string; path: string }[];
beforeEach(async () => {
  world = await openWorld();
  rows = world.urls.pages.map(([method, path]) => ({
    method,
    path: path.replace(/:\w+/g, "x"),
  }));
});

const closedTo = (open: string[]) => rows.filter(({ path }) => !open.includes(path));
const paths = () => [...new Set(rows.map(({ path }) => path))];

/** Spellings of a path that have bypassed guards in other software. */
function spellings(path: string): string[] {
  const encoded = path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  return [
    `${path}/`,
    `${path}//`,
    path.toUpperCase(),
    encoded,
    path.replaceAll("/", "%2f"),
    `/.${path}`,
    `/login/..${path}`,
    `/assets/..${path}`,
    `/assets/%2e%2e${path}`,
    `/${path}`,
    `${path}?notice=signed-out&kind=session`,
    `${path};kind=session`,
    `${path}.html`,
    `${path}.json`,
    `${path}%00`,
    `${path}%20`,
    `${path}/..%2f..`,
    `http://elsewhere.example${path}`,
  ];
}

/** Where a guard sends a browser: the notice tells a page from a form that was not carried out. */
function noticeFor(method: string, end = ""): RegExp {
  return new RegExp(`^/login\\?notice=${method === "POST" ? "signed-out-here" : "sign-in"}${end}`);
}

describe("an anonymous browser", () => {
  it("is sent to the sign-in page from every closed row", async () => {
    expect(closedTo(OPEN_TO_ANYONE).length).toBeGreaterThan(15);
    for (const { method, path } of closedTo(OPEN_TO_ANYONE)) {
      const answer = await ask(world, { method, path });
      expect(answer.status, `${method} ${path}`).toBe(303);
      expect(answer.headers.location, `${method} ${path}`).toMatch(noticeFor(method, "(&next=|$)"));
      expect(answer.text).not.toContain("<html");
    }
  });

  it("sees no account on the open rows", async () => {
    await enrolled(world);
    for (const path of ["/", "/login"]) {
      const answer = await ask(world, { path });
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/signed in as|Your account|Authenticator app/i);
    }
  });

  it("opens nothing by spelling an address differently", async () => {
    await enrolled(world);
    for (const path of new Set(closedTo(OPEN_TO_ANYONE).flatMap((row) => spellings(row.path)))) {
      for (const method of ["GET", "HEAD", "POST"]) {
        const answer = await ask(world, { method, path });
        expect([303, 400, 404, 405], `${method} ${path}`).toContain(answer.status);
        if (answer.status === 303) expect(answer.headers.location).toMatch(noticeFor(method));
        expect(answer.headers["set-cookie"], `${method} ${path}`).toBeUndefined();
      }
    }
  });
});

describe("a pending login", () => {
  it.each(["before an authenticator is set up", "with an authenticator"])(
    "opens nothing but its next step and signing out, %s",
    async (state) => {
      if (state === "with an authenticator") await enrolled(world);
      const cookie = await pendingCookie(world);
      for (const { method, path } of closedTo(OPEN_TO_PENDING)) {
        if (method === "POST" && path === "/login") continue; // a fresh start, judged like any other password
        for (const spelt of [path, ...spellings(path)]) {
          const answer = await ask(world, { method, path: spelt, headers: { cookie } });
          expect(spelt === path ? [303] : [303, 400, 404, 405], `${method} ${spelt}`).toContain(
            answer.status,
          );
          if (answer.status === 303) expect(answer.headers.location, spelt).toBe("/login/2fa");
          expect(answer.text).not.toMatch(/signed in as|Your account/i);
        }
      }
      const home = await ask(world, { path: "/", headers: { cookie } });
      expect(home.status).toBe(200);
      expect(home.text).toMatch(/<a class="[^"]*btn-primary[^"]*" href="\/login\/2fa">/);
      expect(home.text).not.toMatch(/signed in as|Authenticator app|<b>test<\/b>/i);
    },
  );

  it("shows no secret when the account has an authenticator", async () => {
    await enrolled(world);
    const page = await ask(world, { path: "/login/2fa", headers: { cookie: await pendingCookie(world) } });
    expect(page.text).not.toMatch(/otpauth:|<svg class="qr"|id="key"/);
  });

  it("is worthless once the password alone was entered again", async () => {
    const cookie = await pendingCookie(world);
    const again = await ask(world, {
      path: "/login",
      ...form({ username: "test", password: "password" }, { cookie }),
    });
    expect(again.headers.location).toBe("/login/2fa");
    const old = await ask(world, { path: "/login/2fa", headers: { cookie } });
    expect(old.headers.location).toBe("/login?notice=sign-in");
  });
});

describe("a session whose step-up is an hour old", () => {
  it("must step up on every row that changes who gets in, and changes nothing there", async () => {
    const aged = await openWorld({ SESSION_IDLE: "2h" });
    const visitor = aged.visitor();
    await setUp(aged, visitor);
    aged.advance(60 * MINUTE);
    const open = [...OPEN_TO_ANYONE, ...OPEN_TO_PENDING, ...OPEN_TO_AN_OLD_SESSION];
    expect(closedTo(open).length).toBeGreaterThan(7);
    for (const { method, path } of closedTo(open)) {
      for (const spelt of [path, ...spellings(path)]) {
        const answer = await ask(aged, { method, path: spelt, headers: { cookie: heldBy(visitor) } });
        expect(spelt === path ? [303] : [303, 400, 404, 405], `${method} ${spelt}`).toContain(answer.status);
        if (answer.status === 303) expect(answer.headers.location, spelt).toMatch(/^\/confirm\?next=%2F/);
      }
    }
    const { status } = await visitor.post("/account/authenticators/x/remove");
    expect(status).toBe(303);
    expect((await visitor.get("/account")).text).toContain(
      '<div class="alert alert-info" role="status" data-message="confirm-first">',
    );
  });
});

describe("the method of a request", () => {
  it("is refused with 405 and the allowed methods when its row lacks it, for everyone alike", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    for (const path of paths()) {
      const allowed = rows.filter((row) => row.path === path).map((row) => row.method);
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"]) {
        if (allowed.includes(method)) continue;
        for (const browser of [world.visitor(), visitor]) {
          const answer = await ask(world, { method, path, headers: { cookie: heldBy(browser) } });
          expect(answer.status, `${method} ${path}`).toBe(405);
          expect(answer.headers.allow).toBe(allowed.join(", ").replace("GET", "GET, HEAD"));
        }
      }
    }
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("must be GET or HEAD when it asks for an asset", async () => {
    const stylesheet =
      /href="(\/assets\/[^"]+\.css)"/.exec((await world.visitor().get("/login")).text)?.[1] ?? "";
    expect((await ask(world, { path: stylesheet })).status).toBe(200);
    expect((await ask(world, { method: "HEAD", path: stylesheet })).status).toBe(200);
    for (const method of ["POST", "DELETE", "OPTIONS"]) {
      expect((await ask(world, { method, path: stylesheet })).status, method).toBe(404);
    }
  });

  it("cannot be overridden, nor can the address", async () => {
    const overrides = {
      "x-http-method-override": "GET",
      "x-http-method": "GET",
      "x-method-override": "GET",
      "x-original-url": "/account",
      "x-rewrite-url": "/account",
      "x-forwarded-prefix": "/account",
    };
    const posted = await ask(world, {
      path: "/account?_method=GET",
      ...form({ _method: "GET" }, overrides),
    });
    expect(posted.status).toBe(405);
    const home = await ask(world, { path: "/", headers: overrides });
    expect(home.text).not.toContain("Your account");
  });
});

describe("an unknown path", () => {
  it("answers 404, whatever its name", async () => {
    const unknown = [
      ..."/admin /account/x /login/2fa/x /logout/x /loginx /.env /package.json /src/app.ts /views/login.ejs".split(
        " ",
      ),
      ..."/data/latchkey.sqlite /key /assets /assets/ /assets/../package.json /assets/%2e%2e/%2e%2e/package.json".split(
        " ",
      ),
      ..."/assets/..%2f..%2fpackage.json /assets/..%5c..%5cpackage.json /assets//etc/passwd".split(" "),
      ..."/__proto__ /constructor /toString /dev /dev/x /metrics".split(" "),
    ];
    for (const path of unknown) expect((await ask(world, { path })).status, path).toBe(404);
  });
});
