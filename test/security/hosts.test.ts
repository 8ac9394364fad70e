/** Spellings of a host: those that browsers treat as the same, and those that they do not. */
import { describe, expect, it } from "vitest";
import { BEHIND_A_PROXY, sentTo, withNext } from "../support/forward.js";
import { openHost } from "../support/host.js";
import { ask, form } from "../support/raw-request.js";
import { openWorld } from "../support/world.js";

const SAME: [origin: string, host: string][] = [
  ["http://example.org", "example.org"],
  ["http://example.org", "example.org:80"],
  ["https://example.org", "example.org:443"],
  ["http://example.org", "EXAMPLE.org:80"],
  ["http://EXAMPLE.ORG", "example.org"],
  ["http://example.org:80", "example.org"],
  ["https://example.org", "example.org"],
  ["http://example.org:3000", "Example.Org:3000"],
  ["http://example.org.", "example.org."],
  ["http://[::1]:3000", "[::1]:3000"],
  ["http://[::1]", "[::1]:80"],
  ["http://[2001:db8::1]", "[2001:DB8:0:0:0:0:0:1]:80"],
  ["http://127.0.0.1", "127.0.0.1:80"],
  ["http://my_host.example.org", "my_host.example.org:80"],
];

const OTHER: [origin: string, host: string][] = [
  ["http://example.org", "example.org:443"],
  ["https://example.org", "example.org:80"],
  ["http://example.org", "example.org:8080"],
  ["http://example.org:8080", "example.org"],
  ["http://example.org:800", "example.org:80"],
  ["http://example.org", "example.org."],
  ["http://example.org.", "example.org"],
  ["http://example.org", "example.org:"],
  ["http://example.org", "example.org:080"],
  ["http://example.org", "example.org:80:80"],
  ["http://example.org", "example.org:80, example.org"],
  ["http://example.org", "www.example.org:80"],
  ["http://example.org", "a@example.org:80"],
  ["http://example.org", "example.org:80/"],
  ["http://example.org", "example%2Eorg"],
  ["http://127.0.0.1", "127.1"],
  ["http://127.0.0.1", "2130706433"],
  ["http://127.0.0.1", "0x7f.0.0.1"],
  ["http://127.0.0.1", "[::ffff:127.0.0.1]"],
  ["http://[::1]", "::1"],
  ["http://[::1]", "[::2]:80"],
  ["ws://example.org", "example.org:80"],
  ["null", "null"],
  ["http://", ""],
  ["http://xn--exmple-cua.org", "ex\u00e4mple.org"],
  [`http://${"a".repeat(300)}.org`, `${"a".repeat(300)}.org`],
];

describe("a form sent from the same host", () => {
  it("is accepted when Origin and Host spell the same host for a browser, and refused otherwise", async () => {
    const world = await openWorld();
    const answer = async (origin: string, host: string) => {
      const sent = form({ username: "nobody", password: "wrong" }, { origin, host });
      world.advance(15 * 60_000);
      return (await ask(world, { path: "/login", ...sent })).status;
    };
    for (const [origin, host] of SAME)
      expect([origin, host, await answer(origin, host)]).toEqual([origin, host, 401]);
    for (const [origin, host] of OTHER)
      expect([origin, host, await answer(origin, host)]).toEqual([origin, host, 403]);
  });

  it("is accepted when BASE_URL or Origin names the default port, and refused with another port", async () => {
    const answer = async (BASE_URL: string, origin: string) => {
      const world = await openWorld({ BASE_URL, TRUST_PROXY: "loopback" });
      const headers = { origin, "x-forwarded-proto": BASE_URL.split(":")[0] ?? "" };
      return (await ask(world, { path: "/login", ...form({ username: "x", password: "y" }, headers) }))
        .status;
    };
    for (const [base, origin, status] of [
      ["https://sign-in.example.org:443", "https://sign-in.example.org", 401],
      ["https://sign-in.example.org", "https://SIGN-IN.example.org:443", 401],
      ["http://sign-in.example.org:80", "http://sign-in.example.org", 401],
      ["https://sign-in.example.org", "https://sign-in.example.org:80", 403],
      ["https://sign-in.example.org", "http://sign-in.example.org:443", 403],
      ["https://sign-in.example.org", "https://sign-in.example.org.", 403],
    ] as const) {
      expect([base, origin, await answer(base, origin)]).toEqual([base, origin, status]);
    }
  });

  it("leads back to its page in an app when it needs a sign-in and the Referer spells the host differently", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.use(latchkey.requireSession());
    });
    const location = async (referer: string, name: string) =>
      (await ask(host, { path: "/form", ...form({ a: "b" }, { referer, host: name }) })).headers.location;
    const back = "/login?notice=not-carried-out&next=%2Fpage";
    for (const [origin, name] of SAME)
      expect([origin, name, await location(`${origin}/page`, name)]).toEqual([origin, name, back]);
    for (const [origin, name] of OTHER) {
      expect([origin, name, await location(`${origin}/page`, name)]).toEqual([
        origin,
        name,
        "/login?notice=not-carried-out",
      ]);
    }
  });
});

describe("an app in ALLOWED_HOSTS", () => {
  it("matches with and without its scheme's default port", async () => {
    const LOGIN = "http://sign-in.example.org/login";
    const world = await openWorld({
      ...BEHIND_A_PROXY,
      ALLOWED_HOSTS: "a.example.org:443, b.example.org:80, C.example.org",
    });
    for (const [wanted = "", next] of [
      ["https://a.example.org/", "https://a.example.org/"],
      ["https://a.example.org:443/", "https://a.example.org/"],
      ["http://a.example.org:443/", "http://a.example.org:443/"],
      ["http://a.example.org/", undefined],
      ["http://b.example.org/", "http://b.example.org/"],
      ["https://b.example.org/", undefined],
      ["https://c.example.org:443/", "https://c.example.org/"],
      ["http://C.EXAMPLE.ORG:80/", "http://c.example.org/"],
      ["https://c.example.org:80/", undefined],
      ["http://c.example.org./", undefined],
    ]) {
      expect([wanted, await sentTo(world, { wanted })]).toEqual([
        wanted,
        next ? LOGIN + withNext(next) : LOGIN,
      ]);
    }
    const { headers } = await ask(world, { path: "/login" });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain(
      "form-action 'self' http://a.example.org:443 https://a.example.org http://b.example.org https://b.example.org:80 http://c.example.org https://c.example.org;",
    );
  });
});

describe("a loopback host", () => {
  it("opens the demo authenticator in any spelling that a browser sends", async () => {
    const world = await openWorld();
    const isThere = async (host: string) =>
      (await ask(world, { path: "/dev/authenticator", headers: { host } })).status === 200;
    for (const host of [
      "localhost",
      "LOCALHOST:3000",
      "127.0.0.1:80",
      "[::1]:3000",
      "[0:0:0:0:0:0:0:1]",
      "127.9.9.9",
    ]) {
      expect([host, await isThere(host)]).toEqual([host, true]);
    }
    for (const host of [
      "localhost.",
      "localhost.evil.example",
      "[::2]",
      "0.0.0.0",
      "localhost@evil.example",
      "[::1",
    ]) {
      expect([host, await isThere(host)]).toEqual([host, false]);
    }
  });
});
