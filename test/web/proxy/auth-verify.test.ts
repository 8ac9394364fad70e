/** /auth/verify: what a reverse proxy is told, and where it sends the person. */
import { describe, expect, it } from "vitest";
import { heldBy } from "../../support/cookies.js";
import {
  BEHIND_A_PROXY,
  forwardCookieFrom,
  sentTo,
  signedIn,
  verify,
  WANTED,
  withNext,
} from "../../support/forward.js";
import { ask } from "../../support/raw-request.js";
import { enrolled, pendingCookie, setUp, setUpWithSheet } from "../../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

const LOGIN = "http://sign-in.example.org/login";

describe("a session", () => {
  it("is told to the proxy by name, time and methods, whichever of its two cookies the browser sends", async () => {
    const { world, host, forward } = await signedIn();
    for (const cookie of [host, forward, `a=1; ${forward}; ${host}`]) {
      const { status, headers, text } = await verify(world, { cookie, query: "redirect=1", wanted: WANTED });
      expect({ status, text }).toEqual({ status: 200, text: "" });
      expect(headers).toMatchObject({
        "remote-user": "test",
        "remote-auth-time": String(Date.parse("2026-11-24T12:00:10Z") / 1_000),
        "remote-auth-methods": "password totp",
        "cache-control": "no-store",
      });
      expect(headers["set-cookie"]).toBeUndefined();
    }
  });

  it("stays awake by it, within its day", async () => {
    const { world, forward } = await signedIn();
    for (let minutes = 50; minutes < 24 * 60; minutes += 50) {
      world.wait(50 * MINUTE);
      expect((await verify(world, { cookie: forward })).status, `after ${minutes} minutes`).toBe(200);
    }
    world.wait(50 * MINUTE);
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });

  it("falls asleep without it", async () => {
    const { world, forward } = await signedIn();
    world.wait(60 * MINUTE);
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });

  it("is told with the cookies that are the app's own, to a proxy that asks for a page", async () => {
    const { world, host, forward } = await signedIn();
    const sent: [string, string | undefined][] = [
      [`theme=dark; ${host}; lang=en`, "theme=dark; lang=en"],
      ["__Host-latchkey=x; __Host-latchkey_forward=x;a=1", "a=1"],
      ["latchkey_trusted=x; __Host-latchkey_trusted=x; latchkey_browser=x; a=1; a=2", "a=1; a=2"],
      ["latchkeys=1; my_latchkey=2; a=latchkey=3;;", "latchkeys=1; my_latchkey=2; a=latchkey=3"],
      [" latchkey_browser =x; latchkey_browser;", undefined],
    ];
    for (const [cookies, left] of sent) {
      const cookie = `${cookies}; ${forward}`;
      const { status, headers } = await verify(world, { cookie, wanted: WANTED });
      expect({ status, cookie: headers.cookie }, cookies).toEqual({ status: 200, cookie: left });
      expect((await verify(world, { cookie })).headers.cookie, cookies).toBeUndefined();
    }
  });

  it("come back only for an app's page, and never when the question came to our own host", async () => {
    const { world, host, forward } = await signedIn();
    const told = async (headers: Record<string, string>) => {
      const answers = [host, forward].map((ours) => verify(world, { cookie: `secret=1; ${ours}`, headers }));
      const [one, other] = await Promise.all(answers);
      expect([one?.status, other?.status, one?.headers.cookie]).toEqual([200, 200, other?.headers.cookie]);
      return one?.headers.cookie;
    };
    const app = { "x-original-url": WANTED };
    const parts = (name: string) => ({
      "x-forwarded-proto": "http",
      "x-forwarded-host": name,
      "x-forwarded-uri": "/",
    });
    for (const headers of [
      app,
      { "x-original-url": "https://app.example.org:443" },
      { "x-original-url": `http://app.example.org/${"x".repeat(5_000)}` },
      { "x-original-url": "http://app.example.org/a b" },
      { "x-original-url": "http://sign-in.example.org:81/" },
      { ...app, host: "app.example.org" },
      { ...app, host: "latchkey" },
      { ...app, host: "sign-in.example.org:81" },
      { ...app, host: "sign-in.example.org.evil.example" },
      parts("app.example.org"),
      parts("wiki.example.org:8443"),
    ]) {
      expect([headers, await told(headers)]).toEqual([headers, "secret=1"]);
    }
    for (const headers of [
      // A script in a page of ours, or of an app in which we are mounted, by way of a proxy that passes on what it says.
      { ...app, host: "sign-in.example.org" },
      { ...app, host: "SIGN-IN.example.org:80" },
      { ...app, host: "sign-in.example.org:443" },
      { ...app, "x-forwarded-host": "sign-in.example.org" },
      { ...app, "x-forwarded-host": "app.example.org, Sign-In.example.org:80" },
      { ...parts("sign-in.example.org") },
      // What is no app of ours, or no page.
      { "x-original-url": "http://sign-in.example.org/account" },
      { "x-original-url": "http://other.example.org/" },
      { "x-original-url": "http://app.example.org@evil.example/" },
      { "x-original-url": "http://app.example.org.evil.example/" },
      { "x-original-url": "http://app.example.org:8080/" },
      { "x-original-url": "//app.example.org/" },
      { "x-original-url": "x" },
      { "x-original-url": "" },
      parts("other.example.org"),
      parts("app.example.org, evil.example"),
      { "x-forwarded-uri": "/" },
    ] as Record<string, string>[]) {
      expect([headers, await told(headers)]).toEqual([headers, undefined]);
    }
  });

  it("do not come back when our own host is in ALLOWED_HOSTS by mistake", async () => {
    const { world, host } = await signedIn({ ALLOWED_HOSTS: "sign-in.example.org" });
    const answer = await verify(world, {
      cookie: `secret=1; ${host}`,
      wanted: "http://sign-in.example.org/",
    });
    expect([answer.status, answer.headers.cookie]).toEqual([200, undefined]);
  });

  it("is told without them where Latchkey stands before no app: a script of the host's might ask as a proxy would", async () => {
    const world = await openWorld({ ...BEHIND_A_PROXY, ALLOWED_HOSTS: "", COOKIE_DOMAIN: "" });
    const visitor = world.visitor();
    await setUp(world, visitor);
    const cookie = `theme=dark; ${heldBy(visitor)}`;
    const { status, headers } = await verify(world, { cookie, wanted: "http://sign-in.example.org/" });
    expect({ status, cookie: headers.cookie }).toEqual({ status: 200, cookie: undefined });
  });
});

describe("who is not signed in", () => {
  it("is refused with 401, in a word of plain text", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const { status, headers, text } = await verify(world, { wanted: WANTED });
    expect({ status, text }).toEqual({ status: 401, text: "Not signed in, or not as this page asks." });
    expect(headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
    });
  });

  it("is sent to sign in where the proxy asks for that, by an absolute address with the wanted one in it", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    expect(await sentTo(world, { wanted: WANTED })).toBe(`${LOGIN}${withNext(WANTED)}`);
    const forwarded = {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "wiki.example.org:8443",
      "x-forwarded-uri": "/a%2Fb?c=%3D",
    };
    const told = await sentTo(world, { headers: forwarded });
    expect(told).toBe(`${LOGIN}${withNext("https://wiki.example.org:8443/a%2Fb?c=%3D")}`);
    expect(await sentTo(world, { headers: forwarded, wanted: WANTED })).toBe(`${LOGIN}${withNext(WANTED)}`);
    expect(await sentTo(world, {})).toBe(LOGIN);
  });

  it("is told nothing that the app's host would be bound by for long", async () => {
    const world = await openWorld({ ...BEHIND_A_PROXY, BASE_URL: "https://sign-in.example.org" });
    const headers = { "x-forwarded-proto": "https" };
    const own = await ask(world, { path: "/login", headers });
    expect(own.headers["strict-transport-security"]).toContain("max-age=");
    // A proxy passes both of these on to the browser, under the app's name.
    for (const query of ["", "redirect=1"]) {
      const answer = await verify(world, { query, headers, wanted: "https://app.example.org/" });
      expect([401, 302]).toContain(answer.status);
      expect(answer.headers["strict-transport-security"]).toBeUndefined();
      expect(answer.headers["cache-control"]).toBe("no-store");
    }
  });

  it("is sent there without a way back where the host is not allowed, which the log says once", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const warnings = () => world.logLines.filter((line) => JSON.parse(line).level === 40).join();
    for (let n = 0; n < 2; n++) {
      expect(await sentTo(world, { wanted: "http://other.example.org/x" })).toBe(LOGIN);
      expect((await verify(world, { query: "maxage=300" })).status).toBe(401);
    }
    expect(
      warnings().match(/people are not sent back to other\.example\.org: it is not in ALLOWED_HOSTS/g),
    ).toHaveLength(1);
    expect(warnings().match(/asked in a way that it cannot read: .*max_age in seconds/g)).toHaveLength(1);
    for (let n = 0; n < 50; n++) await sentTo(world, { wanted: `http://host-${n}.example.org/` });
    expect(warnings().match(/people are not sent back to/g)?.length).toBeLessThan(20);
  });

  it("is sent there only to see a page: a form that is sent is refused", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const told = async (method: string, headers: Record<string, string> = {}) =>
      (await verify(world, { query: "redirect=1", method, headers, wanted: WANTED })).status;
    for (const method of ["GET", "HEAD"]) expect(await told(method), method).toBe(302);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "TRACE"]) {
      expect(await told(method), method).toBe(401);
      expect(await told("GET", { "x-original-method": method }), method).toBe(401);
      expect(await told("GET", { "x-forwarded-method": method }), method).toBe(401);
      expect(await told(method, { "x-original-method": "GET" }), method).toBe(302);
    }
    for (const method of ["GET, GET", "get", "", "GET POST"]) {
      expect(await told("GET", { "x-original-method": method, "x-forwarded-method": "GET" }), method).toBe(
        401,
      );
    }
  });

  it("is sent there only as a person: a script or a picture is refused", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const told = async (mode: string) =>
      (await verify(world, { query: "redirect=1", headers: { "sec-fetch-mode": mode }, wanted: WANTED }))
        .status;
    expect(await told("navigate")).toBe(302);
    for (const mode of ["cors", "no-cors", "same-origin", "websocket", "", "navigate, cors"]) {
      expect([mode, await told(mode)]).toEqual([mode, 401]);
    }
  });

  it("is sent there only if it can use a page: a program gets a 401", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const told = async (headers: Record<string, string>) =>
      (await verify(world, { query: "redirect=1", headers, wanted: WANTED })).status;
    for (const [status, all] of [
      [
        401,
        [
          { accept: "application/json" },
          { accept: "text/plain, application/*" },
          { accept: "text/html;q=0" },
          { accept: "text/html;q=0, */*;q=0.1" },
          { accept: "image/avif,image/webp,*/*;q=0.8".repeat(50) },
          { "x-requested-with": "XMLHttpRequest" },
          { "x-requested-with": "xmlhttprequest", "sec-fetch-mode": "navigate" },
          { "x-requested-with": "" },
          { "x-requested-with": "fetch", accept: "text/html" },
        ],
      ],
      [
        302,
        [
          {},
          { accept: "*/*" },
          { accept: "application/json, text/plain, */*" },
          { accept: "text/*;q=0.1" },
          { accept: "TEXT/HTML" },
          { accept: "" },
          // An app's WebView, which calls itself so where a person follows a link.
          { "x-requested-with": "org.example.app", "sec-fetch-mode": "navigate" },
        ],
      ],
    ] as [number, Record<string, string>[]][]) {
      for (const headers of all) expect([headers, await told(headers)]).toEqual([headers, status]);
    }
  });

  it("is sent to the address that the request itself names, in development without BASE_URL", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    const told = await sentTo(world, { headers: { host: "127.0.0.1:3000" }, wanted: WANTED });
    expect(told).toBe("http://127.0.0.1:3000/login");
    for (const host of ["evil.example/x", "a@evil.example", "a b", "evil.example:x"]) {
      const { status } = await verify(world, { query: "redirect=1", headers: { host } });
      expect(status, host).not.toBe(302);
    }
  });
});

describe("after signing in", () => {
  /** Follows the proxy's redirect. */
  const pathOf = (location = "") => location.replace("http://sign-in.example.org", "");
  const loginPath = async (world: World) => pathOf(await sentTo(world, { wanted: WANTED }));

  it("the person is on the page that was wanted, query and all", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const visitor = world.visitor();
    const page = await visitor.get(await loginPath(world));
    expect(page.text).toContain(`name="next" value="${WANTED.replace("&", "&amp;")}"`);
    await visitor.password("test", "password", { next: WANTED });
    const secret = await visitor.secret();
    const sheet = await visitor.code(world.code(secret));
    expect(sheet.text).toContain(WANTED.replace("&", "&amp;"));
    expect((await verify(world, { cookie: forwardCookieFrom(sheet) })).status).toBe(200);
    world.wait(30_000);

    const again = world.visitor();
    await again.password("test", "password", { next: WANTED });
    const done = await again.code(world.code(secret), { trust_device: "on" });
    expect(done.headers.location).toBe(WANTED);
    expect((await verify(world, { cookie: forwardCookieFrom(done) })).status).toBe(200);

    await again.post("/logout");
    const trusted = await again.password("test", "password", { next: WANTED });
    expect(trusted.headers.location).toBe(WANTED);
    expect((await verify(world, { cookie: forwardCookieFrom(trusted) })).headers["remote-auth-methods"]).toBe(
      "password trusted-device",
    );
  });

  it("by a recovery code the start page leads there, and so does the proof of a sheet", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const visitor = world.visitor();
    const { codes } = await setUpWithSheet(world, visitor);
    const [typed = ""] = codes;
    const proved = await visitor.post("/account/recovery-codes/proof", {
      recovery_code: typed,
      next: WANTED,
    });
    expect(proved.headers.location).toBe(WANTED);
    await visitor.post("/logout");
    await visitor.password("test", "password", { next: WANTED });
    const done = await visitor.recoveryCode(typed);
    expect(done.headers.location).toBe(`/${withNext(WANTED)}`);
    expect((await visitor.get(done.headers.location ?? "")).text).toContain(
      `href="${WANTED.replace("&", "&amp;")}"`,
    );
  });

  it("the page that was asked for last counts, also when the password was typed for another", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const secret = await enrolled(world);
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account" });
    expect((await visitor.get(await loginPath(world))).headers.location).toBe("/login/2fa");
    expect((await visitor.get("/login?next=https://evil.example/")).headers.location).toBe("/login/2fa");
    expect((await visitor.code(world.code(secret))).headers.location).toBe(WANTED);
    expect((await visitor.get(await loginPath(world))).headers.location).toBe(WANTED);
    const late = await visitor.password("test", "password", { next: WANTED });
    expect(late.headers.location).toBe(WANTED);
  });

  it("a picture or a script of an app's page changes nothing of where one is going", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const secret = await enrolled(world);
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account" });
    const asPicture = { "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" };
    await visitor.get(await loginPath(world)).set(asPicture);
    expect((await visitor.code(world.code(secret))).headers.location).toBe("/account");
  });

  it("a browser that goes round without its second cookie gets it on the way", async () => {
    const { world, visitor, forward } = await signedIn();
    const answer = await visitor.get(await loginPath(world));
    expect(answer.headers.location).toBe(WANTED);
    expect(forwardCookieFrom(answer)).toBe(forward);
  });
});

describe("a route that asks for more", () => {
  const CONFIRM = `http://sign-in.example.org/confirm${withNext(WANTED)}`;

  it("sends a session whose proof is too old to /confirm, and lets it in once both factors were proved again", async () => {
    const { world, visitor, secret, host, forward } = await signedIn();
    world.wait(10 * MINUTE);
    const query = "max_age=300";
    for (const cookie of [host, forward]) {
      expect((await verify(world, { cookie, query })).status).toBe(401);
      expect((await verify(world, { cookie })).status).toBe(200);
      expect(await sentTo(world, { cookie, query, wanted: WANTED })).toBe(CONFIRM);
    }
    expect((await visitor.get(`/confirm${withNext(WANTED)}`)).text).toContain(WANTED.replace("&", "&amp;"));
    const done = await visitor.confirm("password", world.code(secret), { next: WANTED });
    expect(done.headers.location).toBe(WANTED);
    for (const cookie of [heldBy(visitor), forwardCookieFrom(done)]) {
      const { status, headers } = await verify(world, { cookie, query });
      expect({ status, time: headers["remote-auth-time"] }).toEqual({
        status: 200,
        time: String(Math.floor(world.now() / 1_000)),
      });
    }
    for (const cookie of [host, forward]) expect((await verify(world, { cookie })).status).toBe(401);
  });

  it("sends whoever is not signed in, or half, to /login", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    for (const cookie of ["", await pendingCookie(world)]) {
      expect(await sentTo(world, { cookie, query: "max_age=300&methods=totp", wanted: WANTED })).toBe(
        `${LOGIN}${withNext(WANTED)}`,
      );
    }
  });
});
