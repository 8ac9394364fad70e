/** `req.latchkey` where no guard stands: says what is missing, and disturbs nobody who does not read it. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { inspect } from "node:util";
import express, { type ErrorRequestHandler, type Express, type Request } from "express";
import { describe, expect, it } from "vitest";
import type { Latchkey } from "../src/public-types.js";
import { enter } from "./support/by-the-clock.js";
import { openHost } from "./support/host.js";

/** An app whose error page is the message. */
const hostWith = (build: (app: Express, latchkey: Latchkey) => void) =>
  openHost((app, latchkey) => {
    build(app, latchkey);
    const errors: ErrorRequestHandler = (error, _req, res, _next) => void res.status(500).send(error.message);
    app.use(errors);
  });

const NAMES_THE_GUARD = /^req\.latchkey .*latchkey\.requireSession\(\)/;

/** What a route answers that looks at its request. */
async function seenBy(look: (req: Request) => unknown): Promise<{ status: number; text: string }> {
  const host = await hostWith((app, latchkey) => {
    app.use(latchkey.router);
    app.get("/open", (req, res) => void res.json(look(req) ?? null));
  });
  return host.visitor().get("/open");
}

describe("req.latchkey on a route without a guard", () => {
  it("throws an error that names requireSession when it is read", async () => {
    const { status, text } = await seenBy((req) => req.latchkey.account);
    expect(status).toBe(500);
    expect(text).toMatch(NAMES_THE_GUARD);
  });

  it("throws too in a router, in an app inside the app, and on a route from before Latchkey was mounted", async () => {
    const host = await hostWith((app, latchkey) => {
      app.get("/before", (req, res) => void res.json(req.latchkey));
      const inner = express();
      inner.get("/", (req, res) => void res.json(req.latchkey));
      app.use("/inner", inner);
      app.use("/sign-in", latchkey.router);
      app.use(
        "/router",
        express.Router().get("/", (req, res) => void res.json(req.latchkey)),
      );
    });
    for (const path of ["/before", "/inner", "/router"]) {
      expect((await host.visitor().get(path)).text, path).toMatch(NAMES_THE_GUARD);
    }
  });

  it("disturbs nobody who copies, lists, prints or looks into a request", async () => {
    const { status, text } = await seenBy((req) => {
      const found: string[] = [];
      for (const name in req) found.push(name);
      found.push(...Object.keys(req), ...Object.keys({ ...req }), ...Object.keys(Object.assign({}, req)));
      return [found.includes("latchkey"), Object.hasOwn(req, "latchkey"), inspect(req).includes("guard")];
    });
    expect([status, JSON.parse(text)]).toEqual([200, [false, false, false]]);
  });

  it("is what somebody else has put there", async () => {
    const host = await hostWith((app, latchkey) => {
      app.use((req, _res, next) => {
        Object.assign(req, { latchkey: "the app's own" });
        next();
      });
      app.use(latchkey.router);
      app.get("/own", (req, res) => void res.json([req.latchkey, Object.keys(req).includes("latchkey")]));
    });
    expect((await host.visitor().get("/own")).body).toEqual(["the app's own", true]);
  });

  it("is what the app's requests had before Latchkey was mounted", async () => {
    const host = await hostWith((app, latchkey) => {
      Object.assign(app.request, { latchkey: "the app's own" });
      app.use(latchkey.router);
      app.get("/own", (req, res) => void res.json(req.latchkey));
    });
    expect((await host.visitor().get("/own")).body).toBe("the app's own");
  });
});

describe("req.latchkey behind a guard", () => {
  it("is an ordinary property, and a later handler may replace it", async () => {
    const host = await hostWith((app, latchkey) => {
      app.use(latchkey.router);
      app.get("/in", latchkey.requireSession(), (req, res) => {
        const { username } = req.latchkey.account;
        const isOwn = Object.keys(req).includes("latchkey");
        req.latchkey = { ...req.latchkey, methods: ["replaced"] };
        res.json({ username, isOwn, methods: req.latchkey.methods });
      });
    });
    const visitor = host.visitor();
    await enter(visitor);
    expect((await visitor.get("/in")).body).toEqual({
      username: "test",
      isOwn: true,
      methods: ["replaced"],
    });
  });
});

describe("requests of other apps", () => {
  it("are left alone: of another Express app, of Express itself, and of Node", async () => {
    await hostWith((app, latchkey) => void app.use(latchkey.router));
    const others = [express().request, express.request, new IncomingMessage(new Socket())];
    for (const other of others) expect("latchkey" in other).toBe(false);
  });
});
