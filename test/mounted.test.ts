/** Latchkey mounted in another Express app: its pages, the guard, and the host left as it was. */
import { readdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { StoreUnavailable } from "../src/auth/index.js";
import { createLatchkey } from "../src/latchkey.js";
import { hostGuards } from "../src/web/host-guards.js";
import { codeOf, enter } from "./support/by-the-clock.js";
import { heldBy } from "./support/cookies.js";
import { openHost } from "./support/host.js";
import { newFolder } from "./support/new-folder.js";
import { ask, form } from "./support/raw-request.js";
import { freePort } from "./support/server-process.js";
import { codesOn, setUp } from "./support/sign-in.js";
import { openWorld } from "./support/world.js";

describe("the router", () => {
  it("answers its own paths and passes everything else on, untouched", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.post("/orders", express.json(), (req, res) => void res.json(req.body));
      app.get("/assets/app.css", (_req, res) => void res.type("css").send("b{}"));
      app.use((_req, res) => void res.status(404).send("the host's 404"));
    });
    for (const path of ["/login", "/LOGIN/", "/readyz", "/auth/verify"]) {
      expect((await host.visitor().get(path)).status).not.toBe(404);
    }
    const passed = await host.visitor().agent.post("/orders").send({ book: 1 });
    expect(passed.body).toEqual({ book: 1 });
    expect(Object.keys(passed.headers).sort()).toEqual(
      ["connection", "content-length", "content-type", "date", "etag", "x-powered-by"].sort(),
    );
    expect((await host.visitor().get("/assets/app.css")).text).toBe("b{}");
    for (const path of ["/assets/latchkey.css", "/loginx", "/account/nothing", "/login%2f", "//login"]) {
      expect([path, (await host.visitor().get(path)).text]).toEqual([path, "the host's 404"]);
    }
  });

  it("leaves the host its own start page where that comes first", async () => {
    const host = await openHost((app, latchkey) => {
      app.get("/", (_req, res) => void res.send("the host's start page"));
      app.use(latchkey.router);
    });
    expect((await host.visitor().get("/")).text).toBe("the host's start page");
    const visitor = host.visitor();
    const { answer } = await enter(visitor);
    expect(answer.text).toContain('href="/"');
  });

  it("leaves it the one under a path, too", async () => {
    const host = await openHost((app, latchkey) => {
      app.get("/sign-in", (_req, res) => res.redirect("/"));
      app.use("/sign-in", latchkey.router);
    });
    const visitor = host.visitor();
    const { answer } = await enter(visitor, "/sign-in");
    expect(answer.text).toContain('<a class="brand" href="/sign-in/">');
    expect((await visitor.get("/sign-in/")).headers.location).toBe("/");
    expect((await visitor.get("/sign-in/account")).status).toBe(200);
  });

  it("says on its pages nothing of what the host is served by", async () => {
    const host = await openHost((app, latchkey) => app.use(latchkey.router));
    for (const path of ["/login", "/healthz", "/auth/verify", "/logout"]) {
      expect([path, (await host.visitor().get(path)).headers["x-powered-by"]]).toEqual([path, undefined]);
    }
    const { headers } = await host.visitor().get("/login");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
  });

  it("serves the whole way in under a path: every address of every page lies there, the host's pages excepted", async () => {
    const host = await openHost((app, latchkey) => {
      app.use("/sign-in", latchkey.router);
      app.get("/admin", latchkey.requireSession(), (_req, res) => void res.send("admin"));
      app.use(latchkey.notFound);
    });
    const visitor = host.visitor();
    expect((await visitor.get("/admin")).headers.location).toBe(
      "/sign-in/login?notice=sign-in&next=%2Fadmin",
    );
    expect((await visitor.get("/login")).status).toBe(404);
    expect((await visitor.get("/readyz")).status).toBe(404);
    expect((await visitor.get("/SIGN-IN/login")).text).toContain('action="/sign-in/login"');
    const asked = await visitor.get("/sign-in/auth/verify?redirect=1");
    expect(asked.headers.location).toBe(`http://127.0.0.1:${host.port}/sign-in/login`);
    const { answer } = await enter(visitor, "/sign-in", "/admin");
    const pages = [answer.text];
    const under = ["", "account", "account/history", "account/password", "account/authenticators/new"];
    for (const path of [...under, "account/recovery-codes", "confirm", "no-such-page"]) {
      pages.push((await visitor.get(`/sign-in/${path}`)).text);
    }
    pages.push((await host.visitor().get("/sign-in/login?next=%2Fadmin")).text);
    const addresses = new Set(
      pages.flatMap((page) => [...page.matchAll(/(?:href|src|action)="(\/[^"]*)"/g)].map(([, to]) => to)),
    );
    expect(addresses.size).toBeGreaterThan(15);
    for (const to of addresses) expect(to).toMatch(/^\/(sign-in\/|admin$)/);
    for (const to of addresses) {
      if (to?.startsWith("/sign-in/assets/")) expect([to, (await visitor.get(to)).status]).toEqual([to, 200]);
    }
    expect((await visitor.get("/admin")).text).toBe("admin");
    const confirm = async (next: string) => (await visitor.get(`/sign-in/confirm?next=${next}`)).text;
    expect(await confirm("/sign-in/account/password")).toContain("decides who can get into your account");
    expect(await confirm("/account/password")).toContain("asks for fresh proof");
    const out = await visitor.post("/sign-in/logout");
    expect(out.headers.location).toBe("/sign-in/login?notice=signed-out");
    expect((await visitor.get("/admin")).status).toBe(303);
  });

  it("says aloud where it was mounted so that it cannot know its own addresses", async () => {
    const host = await openHost((app, latchkey) => {
      app.use("/area", express.Router().use("/sign-in", latchkey.router));
      const errors: ErrorRequestHandler = (error, _req, res, _next) =>
        void res.status(500).send(error.message);
      app.use(errors);
    });
    const answer = await host.visitor().get("/area/sign-in/login");
    expect(answer.text).toMatch(/latchkey\.router is mounted once, on an app itself/);
  });

  it.each<[string, (app: Express, router: RequestHandler) => void]>([
    ["on a router at the root", (app, router) => app.use(express.Router().use(router))],
    ["twice", (app, router) => app.use("/b", router).use("/a", router)],
    ["twice in one place", (app, router) => app.use("/a", router, router)],
    ["under several paths", (app, router) => app.use(["/a", "/b"], router)],
    ["under a pattern", (app, router) => app.use("/:shop", router)],
  ])("stops the first request where it is mounted %s", async (_, mount) => {
    const host = await openHost((app, latchkey) => {
      mount(app, latchkey.router);
      const errors: ErrorRequestHandler = (error, _req, res, _next) =>
        void res.status(500).send(error.message);
      app.use(errors);
    });
    for (const path of ["/a/login", "/a/elsewhere"]) {
      expect((await host.visitor().get(path)).text).toMatch(/is mounted once, on an app itself/);
    }
  });

  it("says so where it was never mounted and an address of its is wanted", async () => {
    const host = await openHost((app, latchkey) => {
      app.get("/admin", latchkey.requireSession(), (_req, res) => void res.send("admin"));
      const errors: ErrorRequestHandler = (error, _req, res, _next) =>
        void res.status(500).send(error.message);
      app.use(errors);
    });
    expect((await host.visitor().get("/admin")).text).toMatch(/is mounted once, on an app itself/);
    expect(() => host.latchkey.link("/account")).toThrow(/is mounted once, on an app itself/);
  });

  it("tells those who route when it is about to stop", async () => {
    const host = await openHost((app, latchkey) => app.use(latchkey.router));
    expect((await host.visitor().get("/readyz")).status).toBe(200);
    host.latchkey.drain();
    expect((await host.visitor().get("/readyz")).status).toBe(503);
    const page = await host.visitor().get("/login");
    expect([page.status, page.headers.connection]).toEqual([200, "close"]);
  });
});

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

  it("leads to the sign-in and back to the page, query and all, and tells who it is", async () => {
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
    expect(answer.text).toContain('href="/admin?a=1&amp;b=%C3%A9"');
    const { status, body, headers } = await visitor.get("/admin");
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["set-cookie"]).toBeUndefined();
    expect(body).toEqual({
      account: { id: expect.stringMatching(/^[\w-]{22}$/), username: "test" },
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

  it("answers 401 to who wants no page, and 403 to what another site sent", async () => {
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
  });

  it("leads whoever sent a form that was lost back to the page that it stood on, and nowhere else", async () => {
    const host = await guarded();
    const sent = (referer: string) => ask(host, { path: "/admin", ...form({ a: "1" }, { referer }) });
    const here = await sent(`http://127.0.0.1:${host.port}/notes?page=2#new`);
    expect(here.headers.location).toBe(
      `/login?notice=not-carried-out&next=${encodeURIComponent("/notes?page=2")}`,
    );
    // Said on the page that comes next, or people would think that it was kept.
    const told = await host.visitor().get(here.headers.location ?? "");
    expect(told.text).toContain("What you sent was not carried out.");
    for (const referer of ["https://evil.example/notes", "//evil.example", "nonsense", ""]) {
      expect((await sent(referer)).headers.location).toBe("/login?notice=not-carried-out");
    }
  });

  it("asks for both factors again once they were proved too long ago, and a step-up opens", async () => {
    const host = await guarded("3s");
    const visitor = host.visitor();
    const { secret } = await enter(visitor);
    expect((await visitor.get("/admin")).status).toBe(200);
    await wait(3_050);
    expect((await visitor.get("/admin?a=1")).headers.location).toBe("/confirm?next=%2Fadmin%3Fa%3D1");
    const late = await visitor.post("/admin", { a: "1" });
    expect(late.headers.location).toBe("/confirm?notice=not-carried-out");
    expect((await visitor.get("/confirm?notice=not-carried-out")).text).toContain("was not carried out");
    const confirmed = await visitor.confirm("password", codeOf(secret, 1), { next: "/admin?a=1" });
    expect(confirmed.headers.location).toBe("/admin?a=1");
    expect((await visitor.get("/admin?a=1")).status).toBe(200);
  });

  it("asks for a code of an authenticator where one is demanded: neither a recovery code nor a trusted device will do", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.get("/payout", latchkey.requireSession({ methods: "totp" }), (_req, res) => void res.send("paid"));
    });
    const first = host.visitor();
    const { secret, answer } = await enter(first);
    expect((await first.get("/payout")).text).toBe("paid");
    const visitor = host.visitor();
    await visitor.password();
    await visitor.recoveryCode(codesOn(answer.text)[0] ?? "");
    expect((await visitor.get("/account")).status).toBe(200);
    expect((await visitor.get("/payout")).headers.location).toBe("/confirm?next=%2Fpayout");
    await visitor.confirm("password", codeOf(secret, 1), { next: "/payout" });
    expect((await visitor.get("/payout")).text).toBe("paid");
  });

  it("refuses at once a demand that it cannot read", async () => {
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

  it("hands an outage on as a 503 to the host's error pages, and lets nobody in", async () => {
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
    world.auth.findSession = async () => {
      throw new StoreUnavailable("gone");
    };
    expect((await ask({ port }, asked)).status).toBe(503);
    expect(seen).toEqual([expect.objectContaining({ status: 503, cause: expect.any(StoreUnavailable) })]);
  });
});

it("accountOf tells whose browser asks where nothing is guarded", async () => {
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

describe("the settings", () => {
  it("given by name leave production what it is", async () => {
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = "production";
    onTestFinished(() => {
      process.env.NODE_ENV = NODE_ENV;
    });
    const settings = { DATA_DIR: newFolder() };
    for (const forgotten of [{}, { NODE_ENV: undefined }, { NODE_ENV: "" }, { NODE_ENV: " " }]) {
      const start = createLatchkey({ settings: { ...settings, ...forgotten } });
      await expect(start).rejects.toThrow(/BASE_URL is required in production/);
    }
    const asked = { ...settings, NODE_ENV: "development" };
    await (await createLatchkey({ settings: asked, log: pino({ level: "silent" }) })).close();
  });

  it("that say where to listen are the host's own", async () => {
    const settings = { PORT: "/run/host.sock", HOST: "everywhere", METRICS_PORT: String(await freePort()) };
    const host = await openHost((app, latchkey) => app.use(latchkey.router), { settings });
    expect((await host.visitor().get("/login")).status).toBe(200);
  });

  it("and other options that are misspelt stop the start", async () => {
    const misspelt = { settings: { DATA_DIR: newFolder() }, colors: { accent: "#036" } };
    await expect(createLatchkey(misspelt)).rejects.toThrow(/knows settings, name, .*colors is none of them/);
  });

  it("that cannot be used leave no database open", async () => {
    const settings = { DATA_DIR: newFolder() };
    const failed = createLatchkey({ settings, views: "/nowhere", log: pino({ level: "silent" }) });
    await expect(failed).rejects.toThrow(/\/nowhere is not there/);
    // SQLite takes its log away when the last connection is closed in good order.
    expect(readdirSync(settings.DATA_DIR).sort()).toEqual(["key", "latchkey.sqlite"]);
  });
});
