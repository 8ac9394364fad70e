/** The requests that reach the app, and what they carry: names, cookies, uploads, preflights, WebSockets. */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { randomBytes } from "../support/random.js";
import { heardBy, identityIn, valuesOf } from "./heard.js";
import { sendRaw } from "./person.js";
import type { Site } from "./site.js";

export function passesRequests(siteOfThisFile: () => Site): void {
  it("passes a CORS preflight to the app without a name, and nothing else", async () => {
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
    // No other method, no other path, and no other spelling of the path passes.
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

  it("passes everyone to public pages, and tells the app nothing about who asks", async () => {
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

  it("passes the app its own cookies, and none of Latchkey's", async () => {
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

  it("passes on the app's own refusals and redirects unchanged", async () => {
    const site = siteOfThisFile();
    const { someone: erin } = await site.join("erin");
    for (const status of [401, 403, 404, 500]) {
      const answer = await erin.ask(`${site.app}/?answer=${status}`);
      expect([answer.status, answer.headers.location]).toEqual([status, undefined]);
      expect(JSON.parse(answer.text)).toMatchObject({ page: "other" });
    }
    expect(heardBy(site).length).toBe(4);
  });

  it("passes a large upload to the app whole, and nothing of a stranger's", async () => {
    const site = siteOfThisFile();
    const { someone: frank } = await site.join("frank");
    const body = randomBytes(3_000_000);
    expect((await frank.ask(`${site.app}/files`, { method: "POST", body })).status).toBe(200);
    const sha = createHash("sha256").update(body).digest("hex");
    expect(heardBy(site).map((page) => [page.method, page.body])).toEqual([["POST", sha]]);

    const chunked = { method: "POST", headers: { "transfer-encoding": "chunked" }, body: "x".repeat(100) };
    expect((await site.person().ask(`${site.app}/files`, chunked)).status).toBe(401);
    // The answer comes after the head: the upload is not waited for.
    const head = `POST /files HTTP/1.1\r\nHost: ${new URL(site.app).host}\r\nContent-Length: 3000000\r\n\r\n`;
    expect(await sendRaw(site.port, "app.example.test", head)).toMatch(/^HTTP\/1.1 401 /);
    expect(heardBy(site)).toEqual([]);
  });

  it("opens a WebSocket when its client is signed in", async () => {
    const site = siteOfThisFile();
    const { someone: grace } = await site.join("grace");
    expect(await upgrade(site, grace.cookiesFor("app.example.test"))).toMatch(/^HTTP\/1.1 101 .*hello$/s);
    expect(heardBy(site).map((page) => identityIn(page)["remote-user"])).toEqual([["grace"]]);
    expect(await upgrade(site, "latchkey_forward=x")).toMatch(/^HTTP\/1.1 (302|401) /);
    expect(heardBy(site)).toEqual([]);
  });

  it("lets nobody in while Latchkey is down, and serves again when it is back", async () => {
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
