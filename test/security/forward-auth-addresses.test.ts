/** Forward authentication: which proxies are believed about the wanted page, and where a sign-in may lead back to. */
import { describe, expect, it } from "vitest";
import { BEHIND_A_PROXY, sentTo, signedIn, verify, WANTED, withNext } from "../support/forward.js";
import { ask } from "../support/raw-request.js";
import { openWorld } from "../support/world.js";

const LOGIN = "http://sign-in.example.org/login";

/** Addresses outside the allowed hosts, however a browser reads them. */
const ELSEWHERE = [
  "http://evil.example/",
  "http://app.example.org.evil.example/",
  "http://evil-app.example.org/",
  "http://evil.app.example.org/",
  "http://app.example.orgevil/",
  "http://app.example.org@evil.example/",
  "http://app.example.org:80@evil.example/",
  "http://evil.example@app.example.org/",
  "http://user:password@app.example.org/",
  "http://evil.example#.app.example.org/",
  "http://evil.example?.app.example.org/",
  "http://evil.example/.app.example.org/",
  "http://evil.example\\.app.example.org/",
  "http://evil.example\\@app.example.org/",
  "http://app.example.org./",
  "http://app.example.org:444/",
  "http://app.example.org:443/",
  "https://app.example.org:80/",
  "http://wiki.example.org/",
  "http://sign-in.example.org/account",
  "http://xn--pp-yia.example.org/",
  "http://\u00e5pp.example.org/",
  "http://[::1]/",
  "http://127.0.0.1/",
  "http:///evil.example/",
  "http:evil.example/",
  "//evil.example/",
  "//app.example.org/",
  "ftp://app.example.org/",
  "javascript:alert(1)//http://app.example.org/",
  "data:text/html,http://app.example.org/",
  "app.example.org/",
  "*",
  `http://app.example.org/${"x".repeat(4_000)}`,
];

/** No browser asks for these: a proxy that says so was misled. */
const MALFORMED = [
  "/account",
  "",
  " ",
  "http://app.example.org/a b",
  "http://app.example.org/\tx",
  "http://app.example.org/#x",
  "http://app.example.org\\/x",
  "HTTP://app.example.org/",
  "http://app.example.org/, http://evil.example/",
  "http://app.example.org,http://evil.example/",
];

describe("the wanted address", () => {
  it("leads back to exactly the allowed hosts, and nowhere when it is malformed", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const allowed = [
      ["http://app.example.org/", "http://app.example.org/"],
      ["http://app.example.org", "http://app.example.org/"],
      ["http://APP.EXAMPLE.ORG:80/A", "http://app.example.org/A"],
      ["https://app.example.org:443/?", "https://app.example.org/?"],
      ["http://wiki.example.org:8443/a/../b", "http://wiki.example.org:8443/b"],
      [
        "http://app.example.org/\u00e9?\u65e5=\u{1f600}",
        "http://app.example.org/%C3%A9?%E6%97%A5=%F0%9F%98%80",
      ],
      ["http://app.example.org/%0d%0aSet-Cookie:x=y", "http://app.example.org/%0d%0aSet-Cookie:x=y"],
      ["http://app.example.org//evil.example/%2e%2e", "http://app.example.org//"],
      [
        "http://app.example.org/@evil.example?a=//evil.example",
        "http://app.example.org/@evil.example?a=//evil.example",
      ],
    ];
    for (const [wanted = "", next = ""] of allowed) {
      expect(await sentTo(world, { wanted: Buffer.from(wanted).toString("latin1") }), wanted).toBe(
        `${LOGIN}${withNext(next)}`,
      );
    }
    for (const wanted of [...ELSEWHERE, ...MALFORMED]) {
      expect(await sentTo(world, { wanted: Buffer.from(wanted).toString("latin1") }), wanted).toBe(LOGIN);
    }
    const twice = { "x-original-url": [WANTED, WANTED] };
    expect(await sentTo(world, { headers: twice })).toBe(LOGIN);
  });

  it("is judged as a whole when it comes in three parts", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const parts = (proto: string | string[], host: string | string[], uri?: string | string[]) => ({
      "x-forwarded-proto": proto,
      "x-forwarded-host": host,
      ...(uri === undefined ? {} : { "x-forwarded-uri": uri }),
    });
    expect(await sentTo(world, { headers: parts("http", "app.example.org", "/a") })).toBe(
      `${LOGIN}${withNext("http://app.example.org/a")}`,
    );
    const bad = [
      parts("http", "app.example.org"),
      parts("", "app.example.org", "/"),
      parts("https, http", "app.example.org", "/"),
      parts(["https", "https"], "app.example.org", "/"),
      parts("HTTP", "app.example.org", "/"),
      parts("javascript", "app.example.org", "/"),
      parts("http", "app.example.org, evil.example", "/"),
      parts("http", "evil.example, app.example.org", "/"),
      parts("http", ["app.example.org", "app.example.org"], "/"),
      parts("http", "app.example.org/a", "/b"),
      parts("http", "evil.example?", "/app.example.org"),
      parts("http", "evil.example#", "/"),
      parts("http", "a@app.example.org", "/"),
      parts("http", "", "/"),
      parts("http", "app.example.org", ["/a", "/b"]),
      parts("http", "app.example.org", ".evil.example/"),
      parts("http", "app.example.org", "@evil.example/"),
      parts("http", "app.example.org", ":444/"),
      parts("http", "app.example.org", "\\evil.example/"),
      parts("http", "app.example.org", ""),
    ];
    for (const headers of bad) expect(await sentTo(world, { headers }), JSON.stringify(headers)).toBe(LOGIN);
    // A malformed header is not made good by another one.
    const both = { ...parts("http", "app.example.org", "/a"), "x-original-url": "nonsense" };
    expect(await sentTo(world, { headers: both })).toBe(LOGIN);
  });

  it("must be https when people sign in by https, or the session would travel in clear", async () => {
    const world = await openWorld({ ...BEHIND_A_PROXY, BASE_URL: "https://sign-in.example.org" });
    const headers = { "x-forwarded-proto": "https" };
    const login = "https://sign-in.example.org/login";
    expect(await sentTo(world, { headers, wanted: WANTED })).toBe(login);
    const safe = WANTED.replace("http:", "https:");
    expect(await sentTo(world, { headers, wanted: safe })).toBe(`${login}${withNext(safe)}`);
  });

  it("leads nowhere when it has kilobytes, and causes no error", async () => {
    const { world, forward: cookie } = await signedIn();
    const wanted = `http://app.example.org/${"x".repeat(9_000)}`;
    expect(await sentTo(world, { wanted })).toBe(LOGIN);
    expect((await verify(world, { wanted, cookie })).status).toBe(200);
    expect((await verify(world, { wanted: wanted.repeat(2), cookie })).status).toBe(431);
    expect((await verify(world, { query: "x".repeat(17_000), cookie })).status).toBe(431);
  });
});

describe("a forged question", () => {
  it("is not believed when no trusted proxy sends it, and gets no cookies back", async () => {
    const { world, forward } = await signedIn({ TRUST_PROXY: "203.0.113.1" });
    const headers = {
      "x-forwarded-proto": "http",
      "x-forwarded-host": "app.example.org",
      "x-forwarded-uri": "/a",
      "x-original-method": "POST",
      "x-forwarded-method": "POST",
      "x-forwarded-for": "127.0.0.1",
      forwarded: "for=127.0.0.1;host=app.example.org;proto=http",
    };
    expect(await sentTo(world, { headers })).toBe(LOGIN);
    expect(await sentTo(world, { headers, wanted: WANTED })).toBe(LOGIN);
    const { status, headers: told } = await verify(world, {
      headers,
      wanted: WANTED,
      cookie: `a=1; ${forward}`,
    });
    expect({ status, cookie: told.cookie }).toEqual({ status: 200, cookie: undefined });
  });

  it("never names the user that a client's header claims", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const headers = {
      "remote-user": "admin",
      "x-remote-user": "admin",
      authorization: "Basic dGVzdDpwYXNzd29yZA==",
    };
    const { status, headers: told } = await verify(world, { headers, wanted: WANTED });
    expect({ status, user: told["remote-user"] }).toEqual({ status: 401, user: undefined });
  });
});

describe("/auth/verify", () => {
  it("answers alike for any method, site and body", async () => {
    const { world, host, forward } = await signedIn();
    const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "TRACE"]) {
      for (const cookie of [host, forward]) {
        expect((await verify(world, { method, cookie, headers: foreign })).status, method).toBe(200);
      }
      expect((await verify(world, { method, headers: foreign })).status, method).toBe(401);
    }
    const body = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"a":"${"x".repeat(50_000)}"}`,
    };
    expect((await ask(world, { path: "/auth/verify", ...body })).status).toBe(401);
  });

  it("lets nobody through under an address that only looks like it", async () => {
    const { world, host } = await signedIn();
    const paths = [
      "/auth",
      "/auth/verify/x",
      "/auth/verify.json",
      "/auth/verify;x",
      "/auth%2fverify",
      "//auth/verify",
    ];
    for (const path of [...paths, "/login/../auth/verify", "/auth/verify%00"]) {
      for (const cookie of ["", host])
        expect((await ask(world, { path, headers: { cookie } })).status, path).toBe(404);
    }
  });
});

describe("`next` on the sign-in page", () => {
  it("leads to an app by the same rule", async () => {
    const { world, visitor } = await signedIn();
    for (const next of ELSEWHERE) {
      const path = `/login${withNext(next)}`;
      expect((await ask(world, { path })).text, next).not.toMatch(/name="next"/);
      expect((await visitor.get(path)).headers.location, next).toBe("/");
      expect((await visitor.get(`/confirm${withNext(next)}`)).text, next).not.toMatch(/name="next"/);
      expect((await visitor.get(`/${withNext(next)}`)).text, next).not.toMatch(/Continue to where/);
    }
    // Other spellings of the same host are normalised as browsers do it.
    for (const next of [
      "HTTP://APP.EXAMPLE.ORG/",
      "http://app.example.org:80",
      "http://\uff41pp.example.org/",
    ]) {
      expect((await visitor.get(`/login${withNext(next)}`)).headers.location, next).toBe(
        "http://app.example.org/",
      );
    }
    const slashes = await visitor.get(`/login${withNext("http://app.example.org\\@evil.example/")}`);
    expect(slashes.headers.location).toBe("http://app.example.org/@evil.example/");
  });
});
