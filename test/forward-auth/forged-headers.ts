/** Forged headers: a client that would be another person, come from elsewhere, or ask for another host or page. */
import { expect, it } from "vitest";
import type { Heard } from "../support/echo-app.js";
import { identityIn, valuesOf } from "./heard.js";
import { askHttp2, sendRaw } from "./person.js";
import type { Site } from "./site.js";

export function withstandsForgedHeaders(siteOfThisFile: () => Site): void {
  it("ignores an identity that the client sends in a header", async () => {
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
      // A header that hides the cookie from the proxy too leads to the sign-in, which is right.
      if (page)
        expect([headers, identityIn(page), cameFrom(page)]).toEqual([headers, truth, ["127.0.0.1", "https"]]);
      else expect([headers, status]).toEqual([{ connection: expect.stringContaining("Cookie") }, 302]);
      const answer = await site.person().ask(`${site.app}/`, { headers });
      expect([headers, answer.status]).toEqual([headers, 302]);
      expect(site.heard).toEqual([]);
    }
  });

  it("tells the app the host whose rules the request met, when it names another besides", async () => {
    const site = siteOfThisFile();
    const { someone: oscar } = await site.join("oscar");
    const { host } = new URL(site.app);
    const other = new URL(site.signIn).host;
    const cookie = `Cookie: ${oscar.cookiesFor("app.example.test")}`;
    const raw = (...lines: string[]) =>
      sendRaw(site.port, "app.example.test", `${[...lines, cookie, CLOSE].join("\r\n")}\r\n\r\n`);
    for (const path of ["/secret", "/public/x"]) {
      const asked = { ":path": path, cookie: oscar.cookiesFor("app.example.test") };
      // Honest clients: each is served, and the app gets the port that people see.
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

  it("leads a stranger back to the host whose rules the request met, when it names another besides", async () => {
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

  it("tells the app the page that was asked for, when a header names another", async () => {
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

  it("keeps the client's own address in the history when headers forge another", async () => {
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

  it("leads nobody to another site when headers forge where a request came from", async () => {
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
}

const FORM = "application/x-www-form-urlencoded";

const CLOSE = "Connection: close";

/** Where a request comes from, as the proxy says, and by which protocol. */
function cameFrom(page: Heard): string[] {
  return ["x-forwarded-for", "x-forwarded-proto"].flatMap((name) => valuesOf(page, name));
}

/** All headers by which an app may tell under which name it was asked. */
function hostsIn(page: Heard): string[] {
  return ["host", "x-forwarded-host"].flatMap((name) => valuesOf(page, name));
}

/** Headers by which a signed-in person would be another person or nobody, or would have proved more. */
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
