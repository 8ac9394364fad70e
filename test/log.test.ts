/** The log: security events at every level but `silent`, by our logger and a host's; in a terminal, no assets and probes. */
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import express from "express";
import { type Logger, multistream, pino } from "pino";
import pretty from "pino-pretty";
import request from "supertest";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { EVENTS, type SecurityEventType } from "../src/auth/index.js";
import { securityLog } from "../src/log.js";
import { createLatchkey } from "../src/public-api.js";
import { startApp } from "./support/app-process.js";
import { appSecret } from "./support/app-secret.js";
import { newFolder } from "./support/new-folder.js";

const root = fileURLToPath(new URL("../", import.meta.url));

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;

/** A stream, and what was written to it. */
function sink() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, stream };
}

/** A wrong password, sent to an app that has Latchkey with this log in it. */
async function wrongPasswordTo(log: Logger): Promise<void> {
  const settings = { DATA_DIR: newFolder(), NODE_ENV: "development", APP_SECRETS: appSecret() };
  const latchkey = await createLatchkey({ settings, log });
  onTestFinished(() => latchkey.close());
  const app = express();
  app.use(latchkey.router);
  const fields = { username: "test", password: "a wrong password" };
  expect((await request(app).post("/login").type("form").send(fields)).status).toBe(401);
}

const isEvent = (line: string) => line.includes("security event");

describe("a host's logger", () => {
  const LOGGERS: Record<string, (level: string, stream: Writable) => Logger> = {
    "one with a stream": (level, stream) => pino({ level }, stream),
    "one that is a child of another": (level, stream) =>
      pino({ level: "trace" }, stream).child({ of: "the host" }, { level }),
    "one with several streams": (level, stream) => pino({ level }, multistream([{ stream, level: "trace" }])),
    "one that writes for people": (level, stream) =>
      pino({ level }, pretty({ sync: true, colorize: false, destination: stream })),
  };

  describe.each(Object.entries(LOGGERS))("%s", (_which, make) => {
    it.each(LEVELS)("gets security events at %s", async (level) => {
      const { lines, stream } = sink();
      await wrongPasswordTo(make(level, stream));
      await vi.waitFor(() => expect(lines.filter(isEvent)).toHaveLength(1));
      const [line = ""] = lines.filter(isEvent);
      for (const said of ["password-refused", "warning", "failure", "127.0.0.1"])
        expect(line).toContain(said);
    });

    it("gets nothing at silent", async () => {
      const { lines, stream } = sink();
      await wrongPasswordTo(make("silent", stream));
      expect(lines).toEqual([]);
    });
  });

  it("keeps its own fields and redaction, and is silent as soon as its level is", () => {
    const { lines, stream } = sink();
    const log = pino({ level: "warn", redact: ["address"], base: { app: "theirs" } }, stream);
    const report = securityLog(log);
    const event = { type: "signed-out", id: "1", at: new Date(0), username: "alice" } as const;
    report({ ...event, address: "192.0.2.7" });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { app: "theirs", level: 30, address: "[Redacted]", severity: "info", outcome: "success" },
    ]);
    log.level = "silent";
    report(event);
    expect(lines).toHaveLength(1);
  });

  it("gets each type with its severity and outcome", () => {
    const { lines, stream } = sink();
    const report = securityLog(pino({ level: "fatal" }, stream));
    const types = Object.keys(EVENTS) as SecurityEventType[];
    for (const type of types) report({ type, reason: "wrong", subject: "" } as Parameters<typeof report>[0]);
    const said = lines
      .map((line) => JSON.parse(line))
      .map(({ type, severity, outcome }) => [type, severity, outcome]);
    expect(said).toEqual(types.map((type) => [type, EVENTS[type].severity, EVENTS[type].outcome]));
  });
});

describe("the server's own log", () => {
  it.each([...LEVELS, "silent"])(
    "has security events and requests as LOG_LEVEL=%s demands",
    async (level) => {
      const app = await startApp(root, ["dist/main.js"], { NODE_ENV: "development", LOG_LEVEL: level });
      await app.visitor().password("test", "a wrong password");
      const heard = () => app.output().split("\n").filter(isEvent);
      const asMany = level === "silent" ? 0 : 1;
      await vi.waitFor(() => expect(heard()).toHaveLength(asMany));
      await app.stop();
      expect(heard()).toHaveLength(asMany);
      const requests = app.output().includes('"msg":"request"');
      expect(requests).toBe(["info", "debug", "trace"].includes(level));
    },
  );
});

describe("the log in a terminal", () => {
  const TERMINAL = "data:text/javascript,process.stdout.isTTY = true";

  /** A page, what belongs to it, and the probes. */
  async function visit(app: Awaited<ReturnType<typeof startApp>>): Promise<void> {
    const visitor = app.visitor();
    const { text } = await visitor.get("/login");
    for (const path of text.match(/\/assets\/[^"]+/g) ?? [])
      expect((await visitor.get(path)).status).toBe(200);
    for (const path of ["/healthz", "/readyz", "/no-such-page"]) await visitor.get(path);
    await vi.waitFor(() => expect(app.output()).toContain("no-such-page"));
  }

  it("has no line for assets and probes, and one for any other request", async () => {
    const app = await startApp(root, ["--import", TERMINAL, "dist/main.js"], { NODE_ENV: "development" });
    await visit(app);
    const lines = app.output().split("\n");
    expect(lines.filter((line) => line.includes('"path":"/login"'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("no-such-page"))).toHaveLength(1);
    expect(app.output()).not.toMatch(/assets|healthz|readyz/);
  });

  it("shows the address of the demo account's codes under its line", async () => {
    const app = await startApp(root, ["--import", TERMINAL, "dist/main.js"], { NODE_ENV: "development" });
    const shown = /test \/ password.*\n.*(http:\/\/127\.0\.0\.1:\d+\/dev\/authenticator)/.exec(app.output());
    expect(shown?.[1]).toBe(`${app.address}/dev/authenticator`);
    expect((await fetch(shown?.[1] ?? "")).status).toBe(200);
  });

  it.each([{ DEMO: "off" }, { BASE_URL: "https://sign-in.example.org" }])(
    "shows no such address with %j",
    async (env) => {
      const settings = { NODE_ENV: "development", ...env };
      const app = await startApp(root, ["--import", TERMINAL, "dist/main.js"], settings);
      expect(app.output()).toContain("is ready at");
      expect(app.output()).not.toContain("/dev/authenticator");
    },
  );

  it("has a line for assets when a program reads it", async () => {
    const app = await startApp(root, ["dist/main.js"], { NODE_ENV: "development" });
    await visit(app);
    expect(app.output()).toMatch(/"path":"\/assets\/[^"]+","status":200/);
  });
});
