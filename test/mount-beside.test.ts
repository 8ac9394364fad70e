/** Latchkey beside what the host app has of its own: sessions, body parsers, locals, views, colours. */
import path from "node:path";
import type { Request } from "express";
import session, { MemoryStore } from "express-session";
import { describe, expect, it } from "vitest";
import { createLatchkey } from "../src/public-api.js";
import { codeOf, enter } from "./support/by-the-clock.js";
import { allHeldBy } from "./support/cookies.js";
import { express, openHost } from "./support/host.js";
import { newFolder } from "./support/new-folder.js";
import { ask, form } from "./support/raw-request.js";

describe("the router beside the host's own sessions", () => {
  /** A host that counts a browser's visits in a session of its own, on every request. */
  async function counting() {
    const store = new MemoryStore();
    const visits = (req: Request) => (req.session as unknown as { visits?: number }).visits ?? 0;
    const host = await openHost((app, latchkey) => {
      const options = { secret: "the host's", store, resave: true, saveUninitialized: true };
      app.use(session(options));
      app.use((req, _res, next) => {
        Object.assign(req.session, { visits: visits(req) + 1 });
        Object.assign(req, { flash: () => "the host's flash" });
        next();
      });
      app.use(latchkey.router);
      app.get("/visits", latchkey.requireSession(), (req, res) => void res.json(visits(req)));
    });
    const kept = () => Object.values((store as unknown as { sessions: Record<string, string> }).sessions);
    return { host, kept };
  }

  it("keeps out of the host's store, and leaves the host's count alone", async () => {
    const { host, kept } = await counting();
    const visitor = host.visitor();
    const { secret } = await enter(visitor);
    expect((await visitor.get("/visits")).body).toBe(5);
    await visitor.get("/account");
    await visitor.post("/logout");
    expect((await visitor.get("/visits")).status).toBe(303);
    await visitor.password();
    expect((await visitor.code(codeOf(secret, 1))).status).toBe(303);
    expect((await visitor.get("/visits")).body).toBe(11);
    expect(
      allHeldBy(visitor)
        .split("; ")
        .map((pair) => pair.split("=")[0])
        .sort(),
    ).toEqual(["connect.sid", "latchkey", "latchkey_browser"]);
    expect(kept()).toHaveLength(1);
    expect(kept().join()).not.toMatch(/signIn|flash|accountId|password/);
  });

  it("shows its messages on the next page when the host has a flash of its own", async () => {
    const { host } = await counting();
    const visitor = host.visitor();
    await visitor.password();
    await visitor.post("/account/password", {});
    const page = await visitor.get("/login/2fa");
    expect(page.text).toContain('data-message="finish-first"');
    expect(page.text).not.toContain("the host");
  });

  it("takes no session id of the host's, and the host none of ours", async () => {
    const { host } = await counting();
    const visitor = host.visitor();
    await enter(visitor);
    const held = Object.fromEntries(
      allHeldBy(visitor)
        .split("; ")
        .map((pair) => pair.split("=", 2)),
    );
    const swapped = `latchkey=${held["connect.sid"]}; connect.sid=${held.latchkey}`;
    expect((await ask(host, { path: "/account", headers: { cookie: swapped } })).status).toBe(303);
    expect((await ask(host, { path: "/visits", headers: { cookie: swapped } })).status).toBe(303);
  });
});

describe("the router behind the host's own body parsers", () => {
  const parsing = () =>
    openHost((app, latchkey) => {
      app.use(express.urlencoded({ extended: true }), express.json(), express.raw({ type: "text/*" }));
      app.use(latchkey.router);
    });

  it("signs in as it does without them", async () => {
    const host = await parsing();
    await enter(host.visitor());
  });

  it("refuses the objects and lists that they make of a form", async () => {
    const host = await parsing();
    const refused = async (sent: Parameters<typeof form>[0]) =>
      (await ask(host, { path: "/login", ...form(sent) })).status;
    expect(await refused({ "username[a]": "test", password: "password" })).toBe(400);
    expect(
      await refused([
        ["username", "test"],
        ["password", "a"],
        ["password", "password"],
      ]),
    ).toBe(400);
    expect(await refused({ "__proto__[username]": "test", password: "password" })).toBe(401);
    for (const [type, body] of [
      ["application/json", '{"username":"test","password":"password"}'],
      ["text/plain", "username=test"],
    ] as const) {
      const headers = { "content-type": type };
      expect((await ask(host, { method: "POST", path: "/login", headers, body })).status).toBe(415);
    }
  });
});

describe("the request id", () => {
  it("is the host's when the host has set a valid one", async () => {
    const host = await openHost((app, latchkey) => {
      app.use((req, _res, next) => {
        Object.assign(req, { id: req.get("X-Host-Id") ?? 7 });
        next();
      });
      app.use(latchkey.router);
    });
    const named = async (id: string) =>
      (await host.visitor({ "X-Host-Id": id }).get("/login")).headers["x-request-id"];
    expect(await named("request-00000042")).toBe("request-00000042");
    expect(await named("short")).toMatch(/^[\w-]{36}$/);
    expect((await host.visitor().get("/login")).headers["x-request-id"]).toMatch(/^[\w-]{36}$/);

    const behind = await openHost(
      (app, latchkey) => {
        app.use((req, _res, next) => next(void Object.assign(req, { id: "the-hosts-own" })));
        app.use(latchkey.router);
      },
      { settings: { TRUST_PROXY: "loopback" } },
    );
    const proxys = await behind.visitor({ "X-Request-Id": "the-proxys-own" }).get("/login");
    expect(proxys.headers["x-request-id"]).toBe("the-proxys-own");
  });
});

describe("the host's look", () => {
  it("has its views first, pages and partials alike, and they may use ours", async () => {
    const views = newFolder({
      "home.ejs":
        '<%- include("partials/head", { width: "page-narrow" }) %><h1>Welcome, says <%= host.shop %></h1>',
      "partials/foot.ejs": "<footer>The host’s foot, <%= link('/account') %></footer>",
    });
    const host = await openHost(
      (app, latchkey) => {
        app.use((_req, res, next) => {
          Object.assign(res.locals, {
            shop: "the <shop>",
            next: "https://evil.example",
            retryAt: 1,
            problem: {},
          });
          next();
        });
        app.use("/in", latchkey.router);
      },
      { views },
    );
    const home = await host.visitor().get("/in/");
    expect(home.text).toContain("<h1>Welcome, says the &lt;shop&gt;</h1>");
    expect(home.text).toContain('class="band"');
    const login = await host.visitor().get("/in/login");
    expect(login.text).toContain("The host’s foot, /in/account");
    // The host's locals are its own: none of them becomes one of ours.
    expect(login.text).not.toContain("evil.example");
    expect(login.text).not.toContain("Error: ");
    expect(login.text).not.toContain("You can try again");
  });

  it("stops the start with a sentence when its folder of views is not there", async () => {
    const settings = { DATA_DIR: newFolder() };
    const views = path.join(settings.DATA_DIR, "nowhere");
    await expect(createLatchkey({ settings, views })).rejects.toThrow(
      /folder of views .*nowhere is not there/,
    );
  });

  it("has its name on the pages and in authenticator apps, whatever the settings say", async () => {
    const host = await openHost((app, latchkey) => app.use(latchkey.router), {
      name: "Notes & Co",
      settings: { APP_NAME: "Another" },
    });
    const visitor = host.visitor();
    expect((await visitor.get("/login")).text).toContain("<title>Sign in – Notes &amp; Co</title>");
    await visitor.password();
    expect((await visitor.get("/login/2fa")).text).toContain("issuer=Notes%20%26%20Co");
    const colon = createLatchkey({ name: "a:b", settings: { DATA_DIR: newFolder() } });
    await expect(colon).rejects.toThrow(/APP_NAME/);
  });

  it("has its accent in the stylesheet and the mark, under hashed names, immutable and compressed", async () => {
    const plain = await openHost((app, latchkey) => app.use(latchkey.router));
    const host = await openHost((app, latchkey) => app.use(latchkey.router), {
      colours: { accent: "#7a1fa2" },
    });
    const files = async (from: typeof host) =>
      [
        ...(await from.visitor().get("/login")).text.matchAll(
          /\/assets\/(?:latchkey|mark)\.[0-9a-f]{8}\.\w+/g,
        ),
      ].map(([file]) => file);
    const [mark = "", sheet = ""] = [...new Set(await files(host))].sort().reverse();
    expect(await files(plain)).not.toContain(sheet);
    const css = await host.visitor().get(sheet);
    expect(css.headers["content-type"]).toMatch(/^text\/css/);
    expect(css.headers["cache-control"]).toBe("public,max-age=31536000,immutable");
    expect(css.headers["content-encoding"]).toBe("gzip");
    expect(css.text).toContain("--lk-accent:#7a1fa2");
    const plainCss = await host.visitor().get(sheet).set("Accept-Encoding", "identity");
    expect(plainCss.headers["content-encoding"]).toBeUndefined();
    expect(plainCss.text).toBe(css.text);
    const svg = await host.visitor().get(mark);
    expect(svg.headers["content-type"]).toMatch(/^image\/svg/);
    expect(String(svg.body)).toContain('fill="#47125e"');
    expect((await plain.visitor().get(sheet)).status).toBe(404);
  });
});
