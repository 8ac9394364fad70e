/** Malformed requests: odd hosts, methods and paths, HTTP/2, request smuggling, and the address that is for the proxy alone. */
import { expect, it } from "vitest";
import { identityIn, valuesOf } from "./heard.js";
import { askHttp2, sendRaw } from "./person.js";
import type { Site } from "./site.js";

export function withstandsMalformedRequests(siteOfThisFile: () => Site): void {
  it("lets no stranger through when the host, method, path or request line is odd", async () => {
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
      // Nor to a default page of the proxy.
      expect([lines, answer]).not.toEqual([lines, expect.stringMatching(/^HTTP\/1.[01] 200 .*\r\n\r\n./s)]);
      const location = /^location: (.*)\r$/im.exec(answer)?.[1];
      if (location === undefined) continue;
      const { origin, searchParams } = new URL(location);
      expect([lines, origin]).toEqual([lines, site.signIn]);
      const next = searchParams.get("next");
      expect([lines, next === null || new URL(next).host === host]).toEqual([lines, true]);
    }
    // The same client does get to the sign-in with a plain request, so the answers above are refusals.
    const plain = await sendRaw(
      site.port,
      "app.example.test",
      `GET / HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n\r\n`,
    );
    expect(plain).toMatch(/^HTTP\/1.1 302 .*\/login\?next=/s);
  });

  it("refuses forged identities and odd requests over HTTP/2 too", async () => {
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

  it("takes no second request out of the body of a public one (request smuggling)", async () => {
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

  it("answers 404 when a client asks for /auth/verify", async () => {
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
      // Also when it names a page of the app, or of ours: no script may read the answer.
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
    // No script may read what Latchkey tells the proxy: it has the cookies that scripts must not see.
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

const CLOSE = "Connection: close";

/** Requests without a session, as the request line and the header lines. */
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
