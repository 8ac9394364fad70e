/** What a stranger, or a signed-in person who would be another, tries at a proxy that is configured by the guide. */
import { expect, it } from "vitest";
import type { Heard } from "../support/echo-app.js";
import { identityIn, valuesOf } from "./heard.js";
import { askHttp2, sendRaw } from "./person.js";
import type { Site } from "./site.js";

export function withstandsAttacks(siteOfThisFile: () => Site): void {
  it("believes nobody who calls himself by a header", async () => {
    const site = siteOfThisFile();
    const { someone: mallory } = await site.join("mallory");
    await mallory.ask(`${site.app}/`);
    const [honest] = site.heard.splice(0);
    const truth = honest && identityIn(honest);
    expect(truth?.["remote-user"]).toEqual(["mallory"]);

    for (const headers of FORGED) {
      const { status } = await mallory.ask(`${site.app}/`, { headers });
      const [page, ...others] = site.heard.splice(0);
      expect(others).toEqual([]);
      // Where a header hides the cookie from the proxy, too, being sent to the sign-in is right.
      if (page)
        expect([headers, identityIn(page), cameFrom(page)]).toEqual([headers, truth, ["127.0.0.1", "https"]]);
      else expect([headers, status]).toEqual([{ connection: expect.stringContaining("Cookie") }, 302]);
      const answer = await site.person().ask(`${site.app}/`, { headers });
      expect([headers, answer.status]).toEqual([headers, 302]);
      expect(site.heard).toEqual([]);
    }
  });

  it("tells the app no other host than the one whose rules the request has passed", async () => {
    const site = siteOfThisFile();
    const { someone: oscar } = await site.join("oscar");
    const { host } = new URL(site.app);
    const other = new URL(site.signIn).host;
    const cookie = `Cookie: ${oscar.cookiesFor("app.example.test")}`;
    const raw = (...lines: string[]) =>
      sendRaw(site.port, "app.example.test", `${[...lines, cookie, CLOSE].join("\r\n")}\r\n\r\n`);
    for (const path of ["/secret", "/public/x"]) {
      const asked = { ":path": path, cookie: oscar.cookiesFor("app.example.test") };
      // As clients ask that mean no harm: each is served, and the app hears the port that people see.
      expect(await raw(`GET ${path} HTTP/1.1`, `Host: ${host}`)).toMatch(/^HTTP\/1.1 200 /);
      expect(await raw(`GET ${path} HTTP/1.0`, `Host: ${host}`)).toMatch(/^HTTP\/1.[01] 200 /);
      expect((await askHttp2(site.port, { ...asked, ":authority": host })).status).toBe(200);
      expect((await askHttp2(site.port, { ...asked, host })).status).toBe(200);
      expect(site.heard.splice(0).map((page) => valuesOf(page, "host"))).toEqual([
        [host],
        [host],
        [host],
        [host],
      ]);

      const headers = { "x-forwarded-host": other, X_Forwarded_Host: other, forwarded: `host=${other}` };
      await oscar.ask(`${site.app}${path}`, { headers });
      expect(site.heard.map((page) => valuesOf(page, "forwarded"))).toEqual([[]]);
      for (const named of [other, "wiki.example.test"]) {
        for (const version of ["1.1", "1.0"]) {
          await raw(`GET https://${host}${path} HTTP/${version}`, `Host: ${named}`);
          await raw(`GET http://${host}${path} HTTP/${version}`, `Host: ${named}`);
        }
        await raw(`GET https://${host}${path} HTTP/1.1`, `Host: ${named}`, `Host: ${host}`);
        await askHttp2(site.port, { ...asked, ":authority": host, host: named });
      }
      await raw(`GET ${path} HTTP/1.0`);
      for (const page of site.heard.splice(0))
        expect([page.url, new Set(hostsIn(page))]).toEqual([path, new Set([host])]);
    }
  });

  it("leads a stranger back to the host whose rules the request has met, not to one that it names besides", async () => {
    const site = siteOfThisFile();
    const wanted = `${site.app}/a?b=c`;
    const leadsTo = `${site.signIn}/login?next=${encodeURIComponent(wanted)}`;
    const { host } = new URL(wanted);
    for (const other of [new URL(site.signIn).host, "wiki.example.test"]) {
      const lines = [`GET ${wanted} HTTP/1.1`, `Host: ${other}`, CLOSE];
      const answer = await sendRaw(site.port, "app.example.test", `${lines.join("\r\n")}\r\n\r\n`);
      const location = /^location: (.*)\r$/im.exec(answer)?.[1];
      // Caddy refuses such a request line.
      if (location === undefined) expect(answer).toMatch(/^HTTP\/1.1 400 /);
      else expect(location).toBe(leadsTo);
      const byHttp2 = await askHttp2(site.port, { ":authority": host, host: other, ":path": "/a?b=c" });
      expect([undefined, leadsTo]).toContain(byHttp2.location);
    }
    expect(site.heard).toEqual([]);
  });

  it("tells the app of no other page than the one that was asked for", async () => {
    const site = siteOfThisFile();
    const { someone: niaj } = await site.join("niaj");
    for (const name of ["X-Original-URL", "X-Rewrite-URL", "x_original_url", "X.Rewrite_Url"]) {
      for (const path of ["/", "/public/x", "/admin"]) {
        const headers = { [name]: "/admin/users" };
        expect((await niaj.ask(`${site.app}${path}`, { headers })).status).toBe(200);
        const [page, ...others] = site.heard.splice(0);
        expect(others).toEqual([]);
        const told = ["x-original-url", "x-rewrite-url"].flatMap((each) =>
          page ? valuesOf(page, each) : [],
        );
        expect([name, page?.url, told]).toEqual([name, path, []]);
      }
    }
  });

  it("writes down no address that somebody made up", async () => {
    const site = siteOfThisFile();
    const { someone: judy } = await site.join("judy");
    const headers = {
      "x-forwarded-for": "203.0.113.9",
      "x-real-ip": "203.0.113.9",
      forwarded: "for=203.0.113.9",
    };
    const body = "username=judy&password=wrong";
    const form = { method: "POST", body, headers: { ...headers, "content-type": FORM } };
    expect((await site.person().ask(`${site.signIn}/login`, form)).status).toBe(401);
    const { text } = await judy.ask(`${site.signIn}/account/history`);
    expect(text).toContain("127.0.0.1");
    expect(text).not.toContain("203.0.113.9");
  });

  it("leads nobody elsewhere, whatever a request says of where it came from", async () => {
    const site = siteOfThisFile();
    const wanted = `${site.app}/a?b=c`;
    for (const headers of [
      { "x-original-url": "https://evil.example/", "x-forwarded-host": "evil.example" },
      { "x-forwarded-uri": "//evil.example/", "x-forwarded-proto": "http", "x-forwarded-method": "POST" },
      { "x-original-url": [`${site.app}/1`, `${site.app}/2`], forwarded: "host=evil.example;proto=http" },
      { "x-original-method": "POST", "x-original-uri": "//evil.example/", "x-rewrite-url": "//evil.example" },
      { connection: "X-Forwarded-Host, X-Forwarded-Uri, X-Original-URL", "x-forwarded-host": "evil.example" },
    ]) {
      const { status, headers: told } = await site.person().ask(wanted, { headers });
      expect([status, told.location]).toEqual([
        302,
        `${site.signIn}/login?next=${encodeURIComponent(wanted)}`,
      ]);
    }
    expect(site.heard).toEqual([]);
  });

  it("lets no stranger through by an odd host, method, path or request line", async () => {
    const site = siteOfThisFile();
    const host = new URL(site.app).host;
    const answers = await Promise.all(
      strangeRequests(host).map(async (lines) => {
        const answer = await sendRaw(site.port, "app.example.test", `${lines.join("\r\n")}\r\n\r\n`);
        return { lines, answer };
      }),
    );
    expect(site.heard).toEqual([]);
    for (const { lines, answer } of answers) {
      // Nor to anything else that is served for lack of a better answer.
      expect([lines, answer]).not.toEqual([lines, expect.stringMatching(/^HTTP\/1.[01] 200 .*\r\n\r\n./s)]);
      const location = /^location: (.*)\r$/im.exec(answer)?.[1];
      if (location === undefined) continue;
      const { origin, searchParams } = new URL(location);
      expect([lines, origin]).toEqual([lines, site.signIn]);
      const next = searchParams.get("next");
      expect([lines, next === null || new URL(next).host === host]).toEqual([lines, true]);
    }
    // And the same way of asking does lead to the sign-in, so that the silence above is one of refusals.
    const plain = await sendRaw(
      site.port,
      "app.example.test",
      `GET / HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n\r\n`,
    );
    expect(plain).toMatch(/^HTTP\/1.1 302 .*\/login\?next=/s);
  });

  it("is no easier over HTTP/2", async () => {
    const site = siteOfThisFile();
    const { someone: kim } = await site.join("kim");
    const app = { ":authority": new URL(site.app).host, ":path": "/x" };
    const cookie = ["a=1", kim.cookiesFor("app.example.test"), "b=2"];
    const forged = { "remote-user": "alice", remote_user: "alice", "remote.user": "alice" };
    expect((await askHttp2(site.port, { ...app, ...forged, cookie })).status).toBe(200);
    const [page] = site.heard.splice(0);
    expect(page && [identityIn(page)["remote-user"], valuesOf(page, "cookie")]).toEqual([
      ["kim"],
      ["a=1; b=2"],
    ]);

    for (const strange of [
      { host: "evil.example" },
      { ":authority": "evil.example" },
      { ":authority": "evil.example", host: app[":authority"] },
      { ":authority": `${app[":authority"]}@evil.example` },
      ...["x", "//evil.example", "@evil.example", "*", "https://evil.example/", ""].map((path) => ({
        ":path": path,
      })),
      { ":scheme": "http" },
      { ":scheme": "https://evil.example/" },
      { ":method": "POST" },
      { cookie: ["latchkey_forward=a", "latchkey_forward=b"] },
      forged,
    ]) {
      const { location = site.signIn } = await askHttp2(site.port, { ...app, ...strange });
      expect([strange, new URL(location).origin, location.includes("evil")]).toEqual([
        strange,
        site.signIn,
        false,
      ]);
    }
    expect(site.heard).toEqual([]);
  });

  it("takes no second request out of the body of one that is for everyone", async () => {
    const site = siteOfThisFile();
    const hidden = `GET /secret HTTP/1.1\r\nHost: ${new URL(site.app).host}\r\nRemote-User: mallory\r\n\r\n`;
    for (const lengths of [
      [`Content-Length: ${hidden.length + 5}`, "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
      ["Transfer-Encoding: xchunked", `Content-Length: ${hidden.length + 5}`],
      ["Content-Length: 5", `Content-Length: ${hidden.length + 5}`],
      ["Transfer-Encoding : chunked", `Content-Length: ${hidden.length + 5}`],
    ]) {
      const head = ["POST /public/x HTTP/1.1", `Host: ${new URL(site.app).host}`, ...lengths, CLOSE];
      await sendRaw(site.port, "app.example.test", `${head.join("\r\n")}\r\n\r\n0\r\n\r\n${hidden}`);
    }
    expect(site.heard.splice(0).filter(({ page }) => page !== "public")).toEqual([]);
  });

  it("has no /auth/verify for the world", async () => {
    const site = siteOfThisFile();
    const { someone: ivan } = await site.join("ivan");
    expect((await ivan.ask(`${site.signIn}/account`)).status).toBe(200);
    for (const path of [
      "/auth/verify",
      "/auth/verify/",
      "/AUTH/Verify",
      "/auth/verify?redirect=1",
      "/%61uth/verify",
      "/auth/%76erify",
      "/AUTH/VERIFY?methods=totp",
      "//auth/verify",
      "/auth//verify",
      "/./auth/verify",
      "/x/../auth/verify",
      "/%2e/auth/verify",
      "/auth%2fverify",
      "/auth/verify%2f",
      "/auth/verify;x",
      "/auth\\verify",
    ]) {
      // Of an app's page, too, and of one of ours: nothing in the answer is for a script.
      for (const named of [
        {},
        { "x-original-url": `${site.app}/` },
        { "x-original-url": `${site.signIn}/` },
      ]) {
        const asked = { headers: { ...named, cookie: `a=1; ${ivan.cookiesFor("sign-in.example.test")}` } };
        const { status, headers } = await ivan.ask(site.signIn, asked, path);
        expect([path, status, headers["remote-user"], headers.cookie]).toEqual([
          path,
          404,
          undefined,
          undefined,
        ]);
      }
    }
    // What Latchkey tells the proxy is for no page's script: it has the cookies in it that scripts may not read.
    for (const path of ["/_latchkey", "/auth/verify"]) {
      const { headers } = await ivan.ask(`${site.app}${path}`);
      expect([path, headers["remote-user"], headers.cookie]).toEqual([path, undefined, undefined]);
    }
    site.heard.splice(0);
    const wide = ivan.cookiesFor("app.example.test");
    const { headers } = await site.person().ask(`${site.signIn}/account`, { headers: { cookie: wide } });
    expect(headers.location).toMatch(/^\/login\?/);
  });
}

const FORM = "application/x-www-form-urlencoded";

/** Where a proxy says that a request is from, and how it came. */
function cameFrom(page: Heard): string[] {
  return ["x-forwarded-for", "x-forwarded-proto"].flatMap((name) => valuesOf(page, name));
}

/** All by which an app may tell under which name it was asked. */
function hostsIn(page: Heard): string[] {
  return ["host", "x-forwarded-host"].flatMap((name) => valuesOf(page, name));
}

/** Headers by which a signed-in person would be another, be nobody, or have proved more. */
const FORGED: Record<string, string | string[]>[] = [
  { "remote-user": "alice" },
  { "REMOTE-USER": ["alice", "root"] },
  { Remote_User: "alice" },
  { remote_user: "alice", "REMOTE-user": "root" },
  { "Remote-Auth_Time": "9999999999", Remote_Auth_Time: "9999999999", "Remote-Auth-Time": "9999999999" },
  { remote_auth_methods: "password totp", "Remote-Auth-Methods": "x", "Remote-Groups": "admin" },
  { "remote-name": "Alice", "Remote-Email": "alice@example.org", remote_groups: "admin" },
  { "Remote.User": "alice", "remote!user": "alice", "Remote~Auth.Time": "9999999999" },
  { connection: "Remote-User", "remote-user": "alice" },
  { connection: "close, Remote-User, Remote-Auth-Time, Remote-Auth-Methods" },
  { connection: "close, Remote-User, Cookie" },
  { "proxy-connection": "Remote-User", "keep-alive": "Remote-User", te: "trailers, Remote-User" },
  {
    "transfer-encoding": "chunked",
    trailer: "Remote-User",
    "x-remote-user": "alice",
    "x-forwarded-user": "alice",
  },
];

const CLOSE = "Connection: close";

/** The lines of requests that stand for nobody; what follows the host is one of the header lines. */
function strangeRequests(host: string): string[][] {
  const asApp = `Host: ${host}`;
  const port = host.split(":")[1] ?? "";
  const hosts = [
    ["GET / HTTP/1.1", "Host: evil.example"],
    ["GET / HTTP/1.1", `Host: evil.example:${port}`],
    ["GET / HTTP/1.1", asApp, "Host: evil.example"],
    ["GET / HTTP/1.1", "Host: evil.example", asApp],
    ["GET / HTTP/1.1", `Host: ${host.toUpperCase()}`],
    ["GET / HTTP/1.1", "Host: app.example.test"],
    ["GET / HTTP/1.1", "Host: app.example.test:444"],
    ["GET / HTTP/1.1", `Host: app.example.test.:${port}`],
    ["GET / HTTP/1.1", `Host: ${host}@evil.example`],
    ["GET / HTTP/1.1", `Host: evil.example/${host}`],
    ["GET / HTTP/1.1", `Host: ${host}, evil.example`],
    ["GET / HTTP/1.1", "Host:"],
    ["GET / HTTP/1.0"],
    ["GET http://evil.example/ HTTP/1.1", asApp],
    [`GET https://${host}/ HTTP/1.1`, "Host: evil.example"],
    [`GET https://${host}@evil.example/ HTTP/1.1`, asApp],
  ];
  const methods = ["OPTIONS", "TRACE", "PROPFIND", "FOO", "get", "GET\t", "SEARCH", "PURGE"].map((method) => [
    `${method} / HTTP/1.1`,
    asApp,
  ]);
  const lines = [
    ["OPTIONS * HTTP/1.1", asApp],
    [`CONNECT ${host} HTTP/1.1`, asApp],
    ["GET /", asApp],
    ["GET / HTTP/1.1", asApp, "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"],
    ["GET / HTTP/1.1", asApp, "Remote-User : alice"],
    ["GET / HTTP/1.1", asApp, "X: y", " Remote-User: alice"],
    ["GET / HTTP/1.1", asApp, "Cookie: latchkey_forward=a; latchkey_forward=b"],
    ["GET / HTTP/1.1", asApp, `Cookie: latchkey_forward=${"a".repeat(12_000)}`],
    ["GET / HTTP/1.1", asApp, "Cookie: latchkey_forward=\u00ff; __Host-latchkey=%00"],
  ];
  const paths = [
    ...[
      "/..",
      "/../..",
      "/%2e%2e/",
      "//evil.example",
      "/\\evil.example",
      "/;/x",
      "/%00",
      "/\u0000",
      "/\u00e9",
      "/%",
      "/%zz",
    ],
    ...["/public/..", "/public/../x", "/public/..%2fx", "/public/%2e%2e/x", "/public/..;/x", "/publicx"],
    ...[
      "/public\\..\\x",
      "/x/../public/../x",
      "/public//../x",
      "/public/%252e%252e/x",
      "/?/public/",
      "/#/public/x",
    ],
    ...[
      "/_latchkey",
      "/@sign_in",
      "/auth/verify",
      "/auth/verify?redirect=1",
      "/login",
      `/${"a".repeat(20_000)}`,
    ],
    ...["evil.example/", "@evil.example/", ".evil.example/", ":80/", "?x"],
  ].map((path) => [`GET ${path} HTTP/1.1`, asApp]);
  return [...hosts, ...methods, ...lines, ...paths].map(([line = "", ...headers]) => [
    line,
    ...headers,
    CLOSE,
  ]);
}
