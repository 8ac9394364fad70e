/** What people and apps meet behind a proxy that is configured by the guide; the same for each proxy. */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { randomBytes } from "../support/random.js";
import { identityIn, valuesOf } from "./heard.js";
import { type Answer, sendRaw } from "./person.js";
import { PASSWORD, Phone, type Site, secretShownTo } from "./site.js";

export function letsPeopleThrough(siteOfThisFile: () => Site): void {
  it("leads whoever wants a page over the sign-in to that very page, and no further once signed out", async () => {
    const site = siteOfThisFile();
    const wanted = `${site.app}/reports/caf%C3%A9?from=1%262&to=%2Fx%3Fy%23z&empty=&q=a+b%20c&redirect=0&max_age=x`;
    await site.addAccount("bob");
    const bob = site.person();

    const sentAway = await bob.ask(wanted);
    expect(sentAway.status).toBe(302);
    expect(sentAway.headers["set-cookie"]).toBe(undefined);
    expect(sentAway.headers["cache-control"]).toBe("no-store");
    expect(sentAway.headers.location).toBe(`${site.signIn}/login?next=${encodeURIComponent(wanted)}`);
    expect(nextOnPage(await bob.ask(locationOf(sentAway)))).toBe(wanted);

    await bob.send(`${site.signIn}/login`, { username: "bob", password: PASSWORD, next: wanted });
    expect((await bob.ask(wanted)).status).toBe(302);
    const phone = new Phone(await secretShownTo(bob, site.signIn));
    const sheet = await bob.send(`${site.signIn}/login/2fa`, { otp: await phone.code() });
    expect(nextOnPage(sheet)).toBe(wanted);
    expect(heardBy(site)).toEqual([]);

    expect((await bob.ask(wanted)).status).toBe(200);
    const [page] = heardBy(site);
    expect(page?.url).toBe(wanted.slice(site.app.length));
    expect(page && identityIn(page)).toEqual({
      "remote-user": ["bob"],
      "remote-auth-time": [expect.stringMatching(/^\d{10}$/)],
      "remote-auth-methods": ["password totp"],
    });
    expect(page && valuesOf(page, "host")).toEqual([new URL(site.app).host]);
    expect(page && valuesOf(page, "cookie")).toEqual([]);

    const cookie = bob.cookiesFor("app.example.test");
    await bob.send(`${site.signIn}/logout`);
    expect((await bob.ask(wanted)).status).toBe(302);
    expect((await bob.ask(wanted, { headers: { cookie } })).status).toBe(302);
    expect(heardBy(site)).toEqual([]);

    await bob.send(`${site.signIn}/login`, { username: "bob", password: PASSWORD, next: wanted });
    const back = await bob.send(`${site.signIn}/login/2fa`, { otp: await phone.code() });
    expect(back.headers.location).toBe(wanted);
    expect((await bob.ask(locationOf(back))).status).toBe(200);
    expect(heardBy(site).length).toBe(1);
  });

  it("answers a form that a stranger sends with a refusal, not with a way to the sign-in", async () => {
    const site = siteOfThisFile();
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"]) {
      const headers = {
        "x-http-method-override": "GET",
        "x-original-method": "GET",
        "x-forwarded-method": "GET",
      };
      const answer = await site.person().ask(`${site.app}/orders`, { method, headers, body: "x=1" });
      expect([method, answer.status, answer.headers.location]).toEqual([method, 401, undefined]);
    }
    const answer = await site.person().ask(`${site.app}/orders`, { method: "HEAD" });
    expect(answer.status).toBe(302);
    expect(heardBy(site)).toEqual([]);
  });

  it("leads away whoever goes to a page, and no script or image that could not follow", async () => {
    const site = siteOfThisFile();
    const statuses: unknown[] = [];
    for (const mode of ["navigate", "cors", "no-cors", "same-origin", "websocket"]) {
      const headers = { "sec-fetch-mode": mode };
      for (const path of ["/orders?a=b", "/admin"]) {
        const { status, headers: told } = await site.person().ask(`${site.app}${path}`, { headers });
        statuses.push([mode, path, status, told.location !== undefined]);
      }
    }
    expect(statuses).toEqual([
      ["navigate", "/orders?a=b", 302, true],
      ["navigate", "/admin", 302, true],
      ...["cors", "no-cors", "same-origin", "websocket"].flatMap((mode) => [
        [mode, "/orders?a=b", 401, false],
        [mode, "/admin", 401, false],
      ]),
    ]);
    expect(heardBy(site)).toEqual([]);
  });

  it("answers a program with a refusal, recognised by Accept or X-Requested-With", async () => {
    const site = siteOfThisFile();
    const told = async (headers: Record<string, string>, path: string) => {
      const { status, headers: back } = await site.person().ask(`${site.app}${path}`, { headers });
      return [status, back.location !== undefined];
    };
    const programs: Record<string, string>[] = [
      { accept: "application/json" },
      { accept: "text/event-stream" },
      { accept: "text/html;q=0, application/json" },
      { "x-requested-with": "XMLHttpRequest" },
      { "x-requested-with": "XMLHttpRequest", accept: "text/html", "sec-fetch-mode": "navigate" },
      { accept: "*/*", "sec-fetch-mode": "cors" },
    ];
    const browsers: Record<string, string>[] = [
      {},
      { accept: "*/*" },
      { accept: "application/json, */*" },
      { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" },
      { accept: "text/html", "sec-fetch-mode": "navigate", "x-requested-with": "org.example.app" },
    ];
    for (const path of ["/orders?a=b", "/admin", "/api/orders"]) {
      for (const headers of programs) {
        expect([path, headers, await told(headers, path)]).toEqual([path, headers, [401, false]]);
      }
      for (const headers of browsers) {
        expect([path, headers, await told(headers, path)]).toEqual([path, headers, [302, true]]);
      }
    }
    expect(heardBy(site)).toEqual([]);
  });

  it("passes a preflight to the app, without a name, and nothing else", async () => {
    const site = siteOfThisFile();
    const { someone: peggy } = await site.join("peggy");
    const cors = { origin: "https://other.example.test", "access-control-request-method": "DELETE" };
    const cookie = `a=1; ${peggy.cookiesFor("app.example.test")}`;
    for (const headers of [
      cors,
      { ...cors, cookie },
      { ...cors, "remote-user": "alice", Remote_User: "alice" },
    ]) {
      const { status } = await site.person().ask(`${site.app}/api/orders`, { method: "OPTIONS", headers });
      expect([headers, status]).toEqual([headers, 200]);
    }
    expect(
      heardBy(site).map((page) => [page.method, page.url, identityIn(page), valuesOf(page, "cookie")]),
    ).toEqual(Array.from({ length: 3 }, () => ["OPTIONS", "/api/orders", {}, []]));
    // By no other method, at no other place, and by no spelling of one.
    for (const method of ["GET", "POST", "DELETE", "PROPFIND"]) {
      const { status } = await site.person().ask(`${site.app}/api/orders`, { method, headers: cors });
      expect([method, status]).toEqual([method, method === "GET" ? 302 : 401]);
    }
    for (const path of [
      "/orders",
      "/api",
      "/apis/x",
      "/admin",
      "/api/../admin",
      "/api/%2e%2e/admin",
      "/x/api/y",
      "//api/x",
    ]) {
      const { status } = await site.person().ask(site.app, { method: "OPTIONS", headers: cors }, path);
      // nginx adds a slash to /api by itself.
      expect([path, [301, 400, 401].includes(status)]).toEqual([path, true]);
    }
    expect(heardBy(site)).toEqual([]);
    expect((await peggy.ask(`${site.app}/api/orders`)).status).toBe(200);
    const refused = await peggy.ask(`${site.app}/api/orders`, {
      method: "OPTIONS",
      headers: { "x-http-method-override": "DELETE" },
    });
    expect(refused.status).toBe(200);
    expect(heardBy(site).map((page) => identityIn(page)["remote-user"])).toEqual([["peggy"], undefined]);
  });

  it("signs out by a link in an app, and leads back to a page of that app", async () => {
    const site = siteOfThisFile();
    const { someone: victor } = await site.join("victor");
    const bye = `${site.app}/public/bye?from=%2F`;
    const page = await victor.ask(`${site.signIn}/logout?next=${encodeURIComponent(bye)}`);
    expect([page.status, nextOnPage(page)]).toEqual([200, bye]);
    expect(page.text).toContain("victor");
    expect((await victor.ask(`${site.app}/`)).status).toBe(200);
    const done = await victor.send(`${site.signIn}/logout`, { next: bye });
    expect([done.status, done.headers.location]).toEqual([303, bye]);
    expect((await victor.ask(bye)).status).toBe(200);
    expect((await victor.ask(`${site.app}/`)).status).toBe(302);
    expect(heardBy(site).length).toBe(2);
  });

  it("asks for both factors anew where a route demands it, and leads on from there", async () => {
    const site = siteOfThisFile();
    const { someone: trudy, phone } = await site.join("trudy");
    expect((await trudy.ask(`${site.app}/admin/users`)).status).toBe(200);

    // A browser that is spared the code has proved one factor only.
    await trudy.send(`${site.signIn}/logout`);
    await trudy.send(`${site.signIn}/login`, { username: "trudy", password: PASSWORD });
    await trudy.send(`${site.signIn}/login/2fa`, { otp: await phone.code(), trust_device: "on" });
    await trudy.send(`${site.signIn}/logout`);
    await trudy.send(`${site.signIn}/login`, { username: "trudy", password: PASSWORD });
    expect((await trudy.ask(`${site.app}/`)).status).toBe(200);
    heardBy(site);

    const wanted = `${site.app}/admin/users?page=2&sort=%C3%A4`;
    const sentAway = await trudy.ask(wanted);
    expect(sentAway.headers.location).toBe(`${site.signIn}/confirm?next=${encodeURIComponent(wanted)}`);
    expect((await trudy.send(`${site.app}/admin/users`)).status).toBe(401);
    // Better too much than too little.
    expect((await trudy.ask(`${site.app}/administrators`)).status).toBe(302);
    for (const target of PATHS_AROUND_ADMIN) await trudy.ask(site.app, {}, target);
    expect(heardBy(site).filter(({ page, url }) => page === "admin" || readsAsAdmin(url))).toEqual([]);

    const form = { password: PASSWORD, otp: await phone.code(), next: wanted };
    const back = await trudy.send(`${site.signIn}/confirm`, form);
    expect(back.headers.location).toBe(wanted);
    expect((await trudy.ask(wanted)).status).toBe(200);
    expect((await trudy.send(`${site.app}/ADMIN/users`)).status).toBe(200);
    expect(heardBy(site).map(({ page }) => page)).toEqual(["admin", "admin"]);
  });

  it("lets everyone see what is for everyone, and tells the app nothing of who it is", async () => {
    const site = siteOfThisFile();
    const { someone: alice } = await site.join("alice");
    const headers = { "remote-user": "mallory", remote_user: "mallory", cookie: "latchkey_forward=x; a=1" };
    await site.person().ask(`${site.app}/public/logo.svg`, { headers });
    await alice.ask(`${site.app}/public/logo.svg`);
    const pages = heardBy(site);
    expect(pages.map((page) => [page.page, identityIn(page), valuesOf(page, "cookie")])).toEqual([
      ["public", {}, []],
      ["public", {}, []],
    ]);
  });

  it("hands the app its own cookies, and none of Latchkey's", async () => {
    const site = siteOfThisFile();
    const { someone: dave } = await site.join("dave");
    const ours = dave.cookiesFor("app.example.test");
    expect(ours).toMatch(/^latchkey_forward=[\w.-]+$/);
    const others = "__Host-latchkey_browser=x; latchkey_trusted=y; __Host-latchkey_trusted=z";
    for (const [sent, arrives] of [
      [`a=1; ${ours}; b=2`, ["a=1; b=2"]],
      [`${others}; ${ours}; theme=dark`, ["theme=dark"]],
      [[ours, "a=1", "b=2"], ["a=1; b=2"]],
      [
        `${ours}; made={http.request.host}$http_host%20"q\u00e9"`,
        ['made={http.request.host}$http_host%20"q\u00e9"'],
      ],
      [`${ours}; ${others}`, []],
    ] as const) {
      const cookie = typeof sent === "string" ? sent : [...sent];
      expect((await dave.ask(`${site.app}/`, { headers: { cookie } })).status).toBe(200);
      expect(heardBy(site).map((page) => valuesOf(page, "cookie"))).toEqual([arrives]);
    }
    const answer = await dave.ask(`${site.app}/?cookie=theme%3Ddark`);
    expect(answer.headers["set-cookie"]).toEqual(["theme=dark"]);
    heardBy(site);
  });

  it("minds neither long addresses nor cookies by the kilobyte", async () => {
    const site = siteOfThisFile();
    const address = `${site.app}/?q=`;
    const room = 4_000 - address.length;
    const wanted = address + "%2F".repeat(Math.floor(room / 3)) + "&".repeat(room % 3);
    for (const page of [wanted, address + "&".repeat(room)]) {
      const sentAway = await site.person().ask(page);
      expect(sentAway.headers.location).toBe(`${site.signIn}/login?next=${encodeURIComponent(page)}`);
      const form = await site.person().ask(locationOf(sentAway));
      expect([form.status, nextOnPage(form)]).toEqual([200, page]);
    }
    const longer = await site.person().ask(`${wanted}a`);
    expect(longer.headers.location).toBe(`${site.signIn}/login`);
    // As some clients send it: in UTF-8, not encoded.
    const head = `GET /\u65e5\u672c?\u00e9=\u{1f600} HTTP/1.1\r\nHost: ${new URL(site.app).host}\r\nConnection: close\r\n\r\n`;
    const raw = await sendRaw(site.port, "app.example.test", Buffer.from(head).toString("latin1"));
    const encoded = `${site.app}/%E6%97%A5%E6%9C%AC?%C3%A9=%F0%9F%98%80`;
    expect(/^location: (.*)\r$/im.exec(raw)?.[1]).toBe(
      `${site.signIn}/login?next=${encodeURIComponent(encoded)}`,
    );

    const { someone: leo, phone } = await site.join("leo");
    await leo.send(`${site.signIn}/logout`);
    await leo.send(`${site.signIn}/login`, { username: "leo", password: PASSWORD, next: wanted });
    const otp = await phone.code();
    const back = await leo.send(`${site.signIn}/login/2fa`, { otp, trust_device: "on" });
    expect([back.status, back.headers.location]).toEqual([303, wanted]);

    const cookie = `a=${"b".repeat(4_000)}; ${leo.cookiesFor("app.example.test")}; c=${"d".repeat(3_500)}`;
    expect((await leo.ask(wanted, { headers: { cookie } })).status).toBe(200);
    const [page] = heardBy(site);
    expect(page && valuesOf(page, "cookie")).toEqual([`a=${"b".repeat(4_000)}; c=${"d".repeat(3_500)}`]);
  });

  it("passes on the app's own refusals and redirects as they are", async () => {
    const site = siteOfThisFile();
    const { someone: erin } = await site.join("erin");
    for (const status of [401, 403, 404, 500]) {
      const answer = await erin.ask(`${site.app}/?answer=${status}`);
      expect([answer.status, answer.headers.location]).toEqual([status, undefined]);
      expect(JSON.parse(answer.text)).toMatchObject({ page: "other" });
    }
    expect(heardBy(site).length).toBe(4);
  });

  it("carries a large upload to the app whole, and a stranger's nowhere", async () => {
    const site = siteOfThisFile();
    const { someone: frank } = await site.join("frank");
    const body = randomBytes(3_000_000);
    expect((await frank.ask(`${site.app}/files`, { method: "POST", body })).status).toBe(200);
    const sha = createHash("sha256").update(body).digest("hex");
    expect(heardBy(site).map((page) => [page.method, page.body])).toEqual([["POST", sha]]);

    const chunked = { method: "POST", headers: { "transfer-encoding": "chunked" }, body: "x".repeat(100) };
    expect((await site.person().ask(`${site.app}/files`, chunked)).status).toBe(401);
    // Nor is it waited for: the answer comes after the head.
    const head = `POST /files HTTP/1.1\r\nHost: ${new URL(site.app).host}\r\nContent-Length: 3000000\r\n\r\n`;
    expect(await sendRaw(site.port, "app.example.test", head)).toMatch(/^HTTP\/1.1 401 /);
    expect(heardBy(site)).toEqual([]);
  });

  it("opens a WebSocket for whoever is signed in", async () => {
    const site = siteOfThisFile();
    const { someone: grace } = await site.join("grace");
    expect(await upgrade(site, grace.cookiesFor("app.example.test"))).toMatch(/^HTTP\/1.1 101 .*hello$/s);
    expect(heardBy(site).map((page) => identityIn(page)["remote-user"])).toEqual([["grace"]]);
    expect(await upgrade(site, "latchkey_forward=x")).toMatch(/^HTTP\/1.1 (302|401) /);
    expect(heardBy(site)).toEqual([]);
  });

  it("lets nobody in while Latchkey is down, and goes on when it is back", async () => {
    const site = siteOfThisFile();
    const { someone: heidi } = await site.join("heidi");
    await site.stopLatchkey();
    expect((await heidi.ask(`${site.app}/`)).status).toBeGreaterThanOrEqual(500);
    expect((await site.person().ask(`${site.app}/`)).status).toBeGreaterThanOrEqual(500);
    expect(heardBy(site)).toEqual([]);
    await site.startLatchkey();
    expect((await heidi.ask(`${site.app}/`)).status).toBe(200);
    expect(heardBy(site).length).toBe(1);
  });
}

/** What has reached the app since this was asked before. */
function heardBy(site: Site) {
  return site.heard.splice(0);
}

function locationOf({ headers }: Answer): string {
  return headers.location ?? "";
}

/** Where the form or the link of a page leads on to. */
function nextOnPage({ text }: Answer): string | undefined {
  return /name="next" value="([^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&");
}

function upgrade(site: Site, cookie: string): Promise<string> {
  const head = [
    "GET /socket HTTP/1.1",
    `Host: ${new URL(site.app).host}`,
    `Cookie: ${cookie}`,
    "Connection: close, Upgrade",
    "Upgrade: echo",
  ];
  return sendRaw(site.port, "app.example.test", `${head.join("\r\n")}\r\n\r\n`);
}

/** Spellings that one program or another takes for /admin, and some that lead out of it to what is for everyone. */
const PATHS_AROUND_ADMIN = [
  "",
  "/",
  "/.",
  "/x/..",
  "/public/..",
  "/public/%2e%2e",
  "/public/..%2f",
  "\\",
  "/x;",
]
  .flatMap((before) =>
    [
      ...["admin", "ADMIN", "%61dmin", "admi%6E", "admin%2f", "admin;x", "admin\\x", "admin%00", "admin%5cx"],
      ...["admin.json", "Admin.HTML", "admin%20"],
    ].map((name) => `${before}/${name}`),
  )
  .flatMap((path) => [path, `${path}/`, `${path}/x?y`, `${path}/../public/x`, `${path}/..%2fpublic/%2e%2e`])
  .map((path) => (path.startsWith("/") ? path : `/${path}`));

/** For a program that decodes, forgives slashes, ignores parameters and resolves dots, in this or that order. */
function readsAsAdmin(url: string): boolean {
  const [path = ""] = url.split("?");
  const decoded = decodeURIComponent(path)
    .replaceAll("\\", "/")
    .replaceAll(/;[^/]*/g, "")
    .replaceAll(/\/+/g, "/");
  return [path, decoded, new URL(decoded, "http://x").pathname].some((read) => /^\/admin\b/i.test(read));
}
