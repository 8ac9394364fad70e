/** The guard of a host app: who may pass, where everybody else is sent, and when both factors are asked for again. */
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ErrorRequestHandler } from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { StoreUnavailable } from "../src/auth/index.js";
import { hostGuards } from "../src/web/host-guards.js";
import { codeOf, enter } from "./support/by-the-clock.js";
import { heldBy } from "./support/cookies.js";
import { express, openHost } from "./support/host.js";
import { ask, form } from "./support/raw-request.js";
import { currentCodes, setUp } from "./support/sign-in.js";
import { openWorld } from "./support/world.js";

/** Something that the page says besides its form. */
const NOTICE = /<div class="alert alert-warning" role="status" data-message="notice-not-carried-out">/;

describe("requireSession", () => {
  const guarded = (maxAge?: string) =>
    openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.use(latchkey.requireSession(maxAge === undefined ? {} : { maxAge }));
      app.all("/admin", (req, res) => void res.json(req.latchkey));
      const errors: ErrorRequestHandler = (error, _req, res, _next) =>
        void res.status(error.status ?? 500).send("the host's error page");
      app.use(errors);
    });

  it("leads to the sign-in and back to the page with its query, and says who it is", async () => {
    const host = await guarded();
    const visitor = host.visitor();
    const away = await visitor.get("/admin?a=1&b=%C3%A9");
    expect(away.status).toBe(303);
    expect(away.headers["cache-control"]).toBe("no-store");
    expect(away.headers.location).toBe(
      `/login?notice=sign-in&next=${encodeURIComponent("/admin?a=1&b=%C3%A9")}`,
    );
    const login = await visitor.get(away.headers.location ?? "");
    const next = /name="next" value="([^"]*)"/.exec(login.text)?.[1]?.replaceAll("&amp;", "&");
    const { answer } = await enter(visitor, "", next);
    expect(answer.text).toContain('name="next" value="/admin?a=1&amp;b=%C3%A9"');
    const { status, body, headers } = await visitor.get("/admin");
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["set-cookie"]).toBeUndefined();
    expect(body).toEqual({
      account: { id: expect.stringMatching(/^[\w-]{22}$/), username: "test", groups: [] },
      methods: ["password", "totp"],
      provedAt: expect.any(String),
    });
    expect(Math.abs(Date.parse(body.provedAt) - Date.now())).toBeLessThan(60_000);
  });

  it("opens to no pending login, no forged cookie and no cookie of another name", async () => {
    const host = await guarded();
    const visitor = host.visitor();
    await visitor.password();
    const pending = heldBy(visitor);
    expect(pending).toMatch(/^latchkey=s/);
    const broken = `${pending.slice(0, -3)}AAA`;
    for (const cookie of [pending, broken, "latchkey=s%3Ax.y", pending.replace("latchkey", "connect.sid")]) {
      expect((await ask(host, { path: "/admin", headers: { cookie } })).status).toBe(303);
    }
  });

  it("answers 401 when no page is wanted, and 403 when another site sent the form", async () => {
    const host = await guarded();
    const visitor = host.visitor();
    await enter(visitor);
    const cookie = heldBy(visitor);
    const api = await ask(host, { path: "/admin", headers: { accept: "application/json" } });
    expect([api.status, api.text]).toEqual([401, "the host's error page"]);
    const byScript = { path: "/admin", headers: { "sec-fetch-mode": "cors", accept: "*/*" } };
    expect((await ask(host, byScript)).status).toBe(401);
    const byPerson = { path: "/admin", headers: { "sec-fetch-mode": "navigate", accept: "*/*" } };
    expect((await ask(host, byPerson)).status).toBe(303);
    const foreign = { cookie, "sec-fetch-site": "cross-site" };
    expect((await ask(host, { path: "/admin", ...form({}, foreign) })).status).toBe(403);
    const origin = { cookie, origin: "https://evil.example" };
    expect((await ask(host, { path: "/admin", ...form({}, origin) })).status).toBe(403);
    const own = { cookie, "sec-fetch-site": "same-origin" };
    expect((await ask(host, { path: "/admin", ...form({}, own) })).status).toBe(200);
    expect((await ask(host, { path: "/admin", headers: foreign })).status).toBe(200);
    // Nothing but a WebSocket sends this from a page, and a page of any site may open one.
    const opening = { ...foreign, connection: "keep-alive", upgrade: "websocket" };
    expect((await ask(host, { path: "/admin", headers: opening })).status).toBe(403);
  });

  it("gives the host's error pages a status, and a message for its developer without a secret", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.all("/admin", latchkey.requireSession(), (_req, res) => void res.end());
      app.all("/late", latchkey.requireSession({ maxAge: "1s" }), (_req, res) => void res.end());
      const errors: ErrorRequestHandler = ({ status, statusCode, expose, message }, _req, res, _next) =>
        void res.status(status).json({ status, statusCode, expose, message });
      app.use(errors);
    });
    const visitor = host.visitor();
    await enter(visitor);
    const cookie = heldBy(visitor);
    await wait(1_050);
    const refused = async (path: string, headers: Record<string, string>, method = "GET") =>
      JSON.parse(
        (await ask(host, { method, path, headers: { accept: "application/json", ...headers } })).text,
      );
    const said = (status: number, text: RegExp) => ({
      status,
      statusCode: status,
      expose: true,
      message: expect.stringMatching(text),
    });
    expect(await refused("/admin", {})).toEqual(said(401, /^Nobody is signed in .*requireSession/));
    expect(await refused("/late", { cookie })).toEqual(said(401, /not enough: requireSession .*maxAge/));
    const foreign = await refused("/admin", { cookie, origin: "https://evil.example" }, "POST");
    expect(foreign).toEqual(said(403, /another site .*BASE_URL/));
    for (const { message } of [await refused("/late", { cookie }), foreign]) {
      expect(message).not.toContain(cookie.slice(12, 30));
    }
  });

  it("leads back to the page of a form that was not carried out, and to no other site", async () => {
    const host = await guarded();
    const sent = (referer: string) => ask(host, { path: "/admin", ...form({ a: "1" }, { referer }) });
    const here = await sent(`http://127.0.0.1:${host.port}/notes?page=2#new`);
    expect(here.headers.location).toBe(
      `/login?notice=not-carried-out&next=${encodeURIComponent("/notes?page=2")}`,
    );
    // The next page says so, or people would think that what they sent was saved.
    const told = await host.visitor().get(here.headers.location ?? "");
    expect(told.text).toMatch(NOTICE);
    for (const referer of ["https://evil.example/notes", "//evil.example", "nonsense", ""]) {
      expect((await sent(referer)).headers.location).toBe("/login?notice=not-carried-out");
    }
  });

  it("asks for both factors again when they were proved longer ago than maxAge", async () => {
    const host = await guarded("3s");
    const visitor = host.visitor();
    const { secret } = await enter(visitor);
    expect((await visitor.get("/admin")).status).toBe(200);
    await wait(3_050);
    expect((await visitor.get("/admin?a=1")).headers.location).toBe("/confirm?next=%2Fadmin%3Fa%3D1");
    const late = await visitor.post("/admin", { a: "1" });
    expect(late.headers.location).toBe("/confirm?notice=not-carried-out");
    expect((await visitor.get("/confirm?notice=not-carried-out")).text).toMatch(NOTICE);
    const confirmed = await visitor.confirm("password", codeOf(secret, 1), { next: "/admin?a=1" });
    expect(confirmed.headers.location).toBe("/admin?a=1");
    expect((await visitor.get("/admin?a=1")).status).toBe(200);
  });

  it("asks for an authenticator's code when `methods` demands one, also after a recovery code", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.get("/payout", latchkey.requireSession({ methods: "totp" }), (_req, res) => void res.send("paid"));
    });
    const first = host.visitor();
    const { secret } = await enter(first);
    const [code = ""] = await currentCodes(first);
    expect((await first.get("/payout")).text).toBe("paid");
    const visitor = host.visitor();
    await visitor.password();
    await visitor.recoveryCode(code);
    expect((await visitor.get("/account")).status).toBe(200);
    expect((await visitor.get("/payout")).headers.location).toBe("/confirm?next=%2Fpayout");
    await visitor.confirm("password", codeOf(secret, 1), { next: "/payout" });
    expect((await visitor.get("/payout")).text).toBe("paid");
  });

  it("throws at once when it cannot read its options", async () => {
    const { latchkey } = await guarded();
    for (const maxAge of ["5", "soon", "0s", "-1m", ""]) {
      expect(() => latchkey.requireSession({ maxAge })).toThrow(/maxAge must be a number with a unit/);
    }
    expect(() => latchkey.requireSession({ methods: "sms" as "totp" })).toThrow(/methods must be "totp"/);
    const misspelt = { maxage: "5m" } as { maxAge?: string };
    expect(() => latchkey.requireSession(misspelt)).toThrow(
      /knows maxAge and methods, and maxage is neither/,
    );
  });

  it("passes an outage to the host's error pages as a 503, and lets nobody in", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const { requireSession } = hostGuards(world.site, world.keys.cookieSecrets);
    const seen: unknown[] = [];
    const errors: ErrorRequestHandler = (error, _req, res, _next) => {
      seen.push(error);
      res.status(error.status).end();
    };
    const app = express().get("/admin", requireSession(), (_req, res) => void res.send("admin"));
    const server = app.use(errors).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const asked = { path: "/admin", headers: { cookie: heldBy(visitor) } };
    const { port } = server.address() as AddressInfo;
    expect((await ask({ port }, asked)).text).toBe("admin");
    world.site.auth.findSession = async () => {
      throw new StoreUnavailable("gone");
    };
    expect((await ask({ port }, asked)).status).toBe(503);
    expect(seen).toEqual([
      expect.objectContaining({
        ...{ status: 503, statusCode: 503, expose: false, cause: expect.any(StoreUnavailable) },
        message: expect.stringMatching(/database does not answer/),
      }),
    ]);
  });
});

describe("accountOf", () => {
  it("has what the host knows of the account, as `req.latchkey` has it", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.get("/open", async (req, res) => void res.json(await latchkey.accountOf(req)));
      app.get("/guarded", latchkey.requireSession(), (req, res) => void res.json(req.latchkey.account));
    });
    const visitor = host.visitor();
    await enter(visitor);
    const { id } = (await host.latchkey.accounts.find({ username: "test" })) ?? { id: "" };
    const seen = async () => [(await visitor.get("/open")).body, (await visitor.get("/guarded")).body];
    const bare = { id, username: "test", groups: [] };
    expect(await seen()).toEqual([bare, bare]);
    const known = {
      externalId: "7",
      name: "Tess Ter",
      email: "test@example.org",
      groups: ["staff", "press"],
    };
    expect((await host.latchkey.accounts.update(id, known)).outcome).toBe("done");
    const full = { id, username: "test", ...known };
    expect(await seen()).toEqual([full, full]);
  });

  it("says whose browser asks where nothing is guarded", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.get("/public", async (req, res) => void res.json((await latchkey.accountOf(req)) ?? null));
    });
    const visitor = host.visitor();
    expect((await visitor.get("/public")).body).toBeNull();
    await visitor.password();
    expect((await visitor.get("/public")).body).toBeNull();
    await enter(visitor);
    expect((await visitor.get("/public")).body).toMatchObject({ username: "test" });
    await visitor.post("/logout");
    expect((await visitor.get("/public")).body).toBeNull();
  });
});
