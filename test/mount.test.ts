/** Latchkey mounted in another Express app: its own paths are answered, and everything else is left as it was. */
import type { ErrorRequestHandler, Express, RequestHandler } from "express";
import { describe, expect, it } from "vitest";
import { enter } from "./support/by-the-clock.js";
import { express, openHost } from "./support/host.js";

describe("the router", () => {
  it("answers its own paths and passes everything else on untouched", async () => {
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

  it("leaves the host its start page when that comes first", async () => {
    const host = await openHost((app, latchkey) => {
      app.get("/", (_req, res) => void res.send("the host's start page"));
      app.use(latchkey.router);
    });
    expect((await host.visitor().get("/")).text).toBe("the host's start page");
    const visitor = host.visitor();
    const { answer } = await enter(visitor);
    expect(answer.text).toContain('name="next" value="/"');
  });

  it("leaves the host the start page under a path when that comes first", async () => {
    const host = await openHost((app, latchkey) => {
      app.get("/sign-in", (_req, res) => res.redirect("/"));
      app.use("/sign-in", latchkey.router);
    });
    const visitor = host.visitor();
    await enter(visitor, "/sign-in");
    expect((await visitor.get("/sign-in/account")).text).toContain('<a class="brand" href="/sign-in/">');
    expect((await visitor.get("/sign-in/")).headers.location).toBe("/");
  });

  it("sends its own headers, and does not say what serves the host", async () => {
    const host = await openHost((app, latchkey) => app.use(latchkey.router));
    for (const path of ["/login", "/healthz", "/auth/verify", "/logout"]) {
      expect([path, (await host.visitor().get(path)).headers["x-powered-by"]]).toEqual([path, undefined]);
    }
    const { headers } = await host.visitor().get("/login");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
  });

  it("serves the whole sign-in under a path: every address on its pages lies there, or is the host's", async () => {
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
    expect(await confirm("/sign-in/account/password")).toContain("This changes who can get in");
    expect(await confirm("/account/password")).toContain("The page that you want asks");
    const out = await visitor.post("/sign-in/logout");
    expect(out.headers.location).toBe("/sign-in/login?notice=signed-out");
    expect((await visitor.get("/admin")).status).toBe(303);
  });

  it("knows its addresses inside an app that is mounted itself", async () => {
    const host = await openHost((app, latchkey) => {
      const area = express();
      app.use("/area", area);
      area.use("/sign-in", latchkey.router);
      area.get("/admin", latchkey.requireSession(), (_req, res) => void res.send("admin"));
    });
    const away = await host.visitor().get("/area/admin");
    expect(away.headers.location).toBe("/area/sign-in/login?notice=sign-in&next=%2Farea%2Fadmin");
    expect((await host.visitor().get("/area/sign-in/login")).text).toContain('action="/area/sign-in/login"');
  });

  it("reads its own query and uses its own responses, whatever the host has made of Express's", async () => {
    const host = await openHost((app, latchkey) => {
      app.set("query parser", () => ({ next: { toString: () => "/admin" } }));
      app.response.location = () => {
        throw new Error("the host's own");
      };
      app.use(latchkey.router);
      app.get("/seen", (req, res) => void res.json(Object.keys(req.query)));
    });
    const page = await host.visitor().get("/login?next=%2Freports&next[a]=1");
    expect(page.text).toContain('name="next" value="/reports"');
    expect((await host.visitor().get("/account")).headers.location).toBe(
      "/login?notice=sign-in&next=%2Faccount",
    );
    expect((await host.visitor().get("/seen")).body).toEqual(["next"]);
  });

  it("throws when it is mounted where it cannot know its own addresses", async () => {
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
  ])("throws at the first request when it is mounted %s", async (_, mount) => {
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

  it("throws when one of its addresses is wanted and it was never mounted", async () => {
    const host = await openHost((app, latchkey) => {
      app.get("/admin", latchkey.requireSession(), (_req, res) => void res.send("admin"));
      const errors: ErrorRequestHandler = (error, _req, res, _next) =>
        void res.status(500).send(error.message);
      app.use(errors);
    });
    expect((await host.visitor().get("/admin")).text).toMatch(/is mounted once, on an app itself/);
    expect(() => host.latchkey.link("/account")).toThrow(/is mounted once, on an app itself/);
  });

  it("answers /readyz with 503 when it is about to stop", async () => {
    const host = await openHost((app, latchkey) => app.use(latchkey.router));
    expect((await host.visitor().get("/readyz")).status).toBe(200);
    host.latchkey.drain();
    expect((await host.visitor().get("/readyz")).status).toBe(503);
    const page = await host.visitor().get("/login");
    expect([page.status, page.headers.connection]).toEqual([200, "close"]);
  });
});
