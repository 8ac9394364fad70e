/** /auth/verify: what a reverse proxy learns of a session, and where it sends everybody else. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../src/auth/policy.js";
import { BEHIND_A_PROXY, sentTo, signedIn, verify, WANTED, withNext } from "../../support/forward.js";
import { ask } from "../../support/raw-request.js";
import { MINUTE, openWorld } from "../../support/world.js";

const LOGIN = "http://sign-in.example.org/login";

describe("GET /auth/verify with a session", () => {
  it("answers with name, time and methods, whichever of the two cookies the browser sends", async () => {
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

  it("keeps the session awake, within its day", async () => {
    const { world, forward } = await signedIn();
    for (let minutes = 50; minutes < 24 * 60; minutes += 50) {
      world.advance(50 * MINUTE);
      expect((await verify(world, { cookie: forward })).status, `after ${minutes} minutes`).toBe(200);
    }
    world.advance(50 * MINUTE);
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });

  it("answers 401 after the idle limit", async () => {
    const { world, forward } = await signedIn();
    world.advance(DEFAULT_POLICY.sessionIdle);
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });
});

describe("GET /auth/verify without a session", () => {
  it("answers 401 in plain text", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const { status, headers, text } = await verify(world, { wanted: WANTED });
    expect({ status, text }).toEqual({ status: 401, text: "Not signed in, or not as this page asks." });
    expect(headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
    });
  });

  it("redirects to the sign-in page, with the wanted address in its own, when the proxy asks for that", async () => {
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

  it("sends no header that would bind the app's host for long", async () => {
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

  it("gives no way back to a host that is not allowed, and logs that once", async () => {
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

  it("redirects GET and HEAD, and answers 401 to a form", async () => {
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

  it("redirects a navigation, and answers 401 to a script or a picture", async () => {
    const world = await openWorld(BEHIND_A_PROXY);
    const told = async (mode: string) =>
      (await verify(world, { query: "redirect=1", headers: { "sec-fetch-mode": mode }, wanted: WANTED }))
        .status;
    expect(await told("navigate")).toBe(302);
    for (const mode of ["cors", "no-cors", "same-origin", "websocket", "", "navigate, cors"]) {
      expect([mode, await told(mode)]).toEqual([mode, 401]);
    }
  });

  it("redirects what takes a page, and answers 401 to a program", async () => {
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

  it("redirects to the host that the request names when BASE_URL is missing in development", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    const told = await sentTo(world, { headers: { host: "127.0.0.1:3000" }, wanted: WANTED });
    expect(told).toBe("http://127.0.0.1:3000/login");
    for (const host of ["evil.example/x", "a@evil.example", "a b", "evil.example:x"]) {
      const { status } = await verify(world, { query: "redirect=1", headers: { host } });
      expect(status, host).not.toBe(302);
    }
  });
});
