/** The way from a page of the app to the sign-in and back, and who is refused in place of it. */
import { expect, it } from "vitest";
import { CURRENT_CODES } from "../support/sign-in.js";
import { heardBy, identityIn, valuesOf } from "./heard.js";
import { type Answer, sendRaw } from "./person.js";
import { PASSWORD, Phone, type Site, secretShownTo } from "./site.js";

export function leadsToTheSignIn(siteOfThisFile: () => Site): void {
  it("leads to the sign-in and back to the wanted page, until the session is signed out", async () => {
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
    await bob.send(`${site.signIn}/login/2fa`, { otp: await phone.code() });
    expect(nextOnPage(await bob.ask(site.signIn + CURRENT_CODES))).toBe(wanted);
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

  it("answers 401 when a stranger sends a form", async () => {
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

  it("redirects a navigation to the sign-in, and answers 401 when a script or an image asks", async () => {
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

  it("answers 401 when Accept or X-Requested-With tells a program", async () => {
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

  it("keeps an address of 4,000 bytes through the sign-in, and passes cookies by the kilobyte", async () => {
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
    // Some clients send UTF-8, not percent-encoded.
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

  it("asks for both factors again when a route demands it, and leads back there", async () => {
    const site = siteOfThisFile();
    const { someone: trudy, phone } = await site.join("trudy");
    expect((await trudy.ask(`${site.app}/admin/users`)).status).toBe(200);

    // A trusted browser has proved one factor only.
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
    // A prefix that is too wide asks for too much, which is safe.
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
}

function locationOf({ headers }: Answer): string {
  return headers.location ?? "";
}

/** Where the form of a page leads next. */
function nextOnPage({ text }: Answer): string | undefined {
  return /name="next" value="([^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&");
}

/** Spellings that one program or another takes for /admin, and some that lead from it to the public pages. */
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

/** Whether a program may take this for /admin when it decodes, merges slashes, drops parameters and resolves dots. */
function readsAsAdmin(url: string): boolean {
  const [path = ""] = url.split("?");
  const decoded = decodeURIComponent(path)
    .replaceAll("\\", "/")
    .replaceAll(/;[^/]*/g, "")
    .replaceAll(/\/+/g, "/");
  return [path, decoded, new URL(decoded, "http://x").pathname].some((read) => /^\/admin\b/i.test(read));
}
