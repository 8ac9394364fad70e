/** `/metrics`: what it counts, who reaches it, what it never says; and the clock drifts at the end of a server. */

import { readFileSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import type { HashLoad, ServerClock } from "../src/auth/index.js";
import { createMetrics } from "../src/metrics.js";
import { fromBase32, totpAt } from "../src/otp/index.js";
import { databaseFile, openStore } from "../src/storage/index.js";
import { wrongCodeOf } from "./support/by-the-clock.js";
import { newFolder } from "./support/new-folder.js";
import { freePort, start } from "./support/server-process.js";
import { Visitor } from "./support/visitor.js";

const OFFSET = "latchkey_server_clock_offset_seconds";
const ACCOUNTS = "latchkey_server_clock_accounts";
const SESSIONS = "latchkey_sessions";
const ANSWERS = "latchkey_http_request_duration_seconds";
const HASHES = "latchkey_password_hashes";

/** The samples on a page, without their explanations. */
function samples(text: string, name: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(name));
}

describe("the server with METRICS_PORT", () => {
  it("serves /metrics there, to be read and nothing else, and stops with 0", async () => {
    const port = await freePort();
    const server = await start({ METRICS_PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    const page = await fetch(`${url}/metrics?name=any`);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toMatch(/^text\/plain; version=/);
    const text = await page.text();
    expect(samples(text, "process_resident_memory_bytes")).toHaveLength(1);
    const told = readFileSync(new URL("../docs/operate.md", import.meta.url), "utf8");
    const ours = [...text.matchAll(/^# TYPE (latchkey_\w+)/gm)].map(([, name]) => name ?? "");
    expect(ours.length).toBeGreaterThan(7);
    for (const name of ours) expect(told).toContain(name);
    expect(samples(text, ACCOUNTS)).toEqual([`${ACCOUNTS} 0`]);
    expect(samples(text, OFFSET)).toEqual([]);

    const head = await fetch(`${url}/metrics`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await fetch(`${url}/metrics`, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    for (const elsewhere of ["/", "/login", "/metrics/", "//metrics"])
      expect((await fetch(`${url}${elsewhere}`)).status).toBe(404);
    expect((await fetch(`${server.address}/metrics`)).status).toBe(404);

    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
    expect(server.output().err).toBe("");
  });

  it("counts what happened, by type and reason", async () => {
    const port = await freePort();
    const server = await start({ METRICS_PORT: String(port) });
    const visitor = new Visitor(server.address, {});
    await visitor.password("test", "a wrong password");
    await visitor.password("nobody", "password");
    await visitor.password();
    await visitor.code(wrongCodeOf(await visitor.secret()));
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(samples(text, "latchkey_security_events_total").sort()).toEqual([
      'latchkey_security_events_total{type="code-refused",reason="wrong"} 1',
      'latchkey_security_events_total{type="password-accepted",reason=""} 1',
      'latchkey_security_events_total{type="password-refused",reason=""} 2',
    ]);
  });

  it("times each answer under its row of the URL table, whatever was asked for", async () => {
    const port = await freePort();
    const server = await start({ METRICS_PORT: String(port) });
    const visitor = new Visitor(server.address, {});
    const { text: login } = await visitor.get("/login?next=/account");
    await visitor.password("test", "a wrong password");
    await visitor.get(/\/assets\/[^"]+\.css/.exec(login)?.[0] ?? "");
    await visitor.get("/canary-path");
    await visitor.post("/account/sessions/canary-id/end");
    await visitor.get("/account/sessions/end-others");
    for (const path of ["/healthz", "/readyz"]) await visitor.get(path);
    for (const method of ["HEAD", "CANARY"]) {
      await new Promise<void>((resolve) => {
        const asked = request(`${server.address}/login`, { method, agent: false }, (answer) => {
          answer.resume().once("close", resolve);
        });
        asked.once("error", () => resolve()).end();
      });
    }
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(samples(text, `${ANSWERS}_count`).sort()).toEqual([
      `${ANSWERS}_count{method="GET",route="/account/sessions/end-others",status="4xx"} 1`,
      `${ANSWERS}_count{method="GET",route="/login",status="2xx"} 1`,
      `${ANSWERS}_count{method="GET",route="assets",status="2xx"} 1`,
      `${ANSWERS}_count{method="GET",route="other",status="4xx"} 1`,
      `${ANSWERS}_count{method="POST",route="/account/sessions/:id/end",status="3xx"} 1`,
      `${ANSWERS}_count{method="POST",route="/login",status="4xx"} 1`,
      `${ANSWERS}_count{method="other",route="/login",status="2xx"} 1`,
    ]);
    expect(text).not.toMatch(/canary/i);
    const [sum] = samples(text, `${ANSWERS}_sum{method="POST",route="/login"`);
    expect(Number(sum?.split(" ")[1])).toBeGreaterThan(0);
  });

  it("tells the live sessions and the password hashes", async () => {
    const port = await freePort();
    const server = await start({ METRICS_PORT: String(port) });
    const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 0`]);
    const visitor = new Visitor(server.address, {});
    await visitor.password();
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 0`]);
    await visitor.code(totpAt(fromBase32(await visitor.secret()), Date.now() / 1_000));
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 1`]);
    expect(samples(await read(), "latchkey_security_events_total")).toContain(
      'latchkey_security_events_total{type="signed-in",reason="password totp"} 1',
    );
    await visitor.post("/logout");
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 0`]);
    expect(samples(await read(), HASHES)).toEqual([
      `${HASHES}_running 0`,
      `${HASHES}_waiting 0`,
      `${HASHES}_refused_total{reason="full"} 0`,
      `${HASHES}_refused_total{reason="too-long"} 0`,
    ]);
  });

  it("leaves out what only the database can tell while that cannot be read, and tells the rest", async () => {
    const port = await freePort();
    const DATA_DIR = newFolder();
    const server = await start({ METRICS_PORT: String(port), DATA_DIR });
    const file = new DatabaseSync(databaseFile(DATA_DIR), { timeout: 1_000 });
    const accounts = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
      expect(answer.status).toBe(200);
      return samples(await answer.text(), "latchkey_server_clock");
    };
    file.exec("alter table drifts rename to elsewhere");
    expect(await accounts()).toEqual([]);
    expect((await fetch(`${server.address}/login`)).status).toBe(200);
    file.exec("alter table elsewhere rename to drifts");
    expect(await accounts()).toEqual(["latchkey_server_clock_accounts 0"]);
    file.close();
  });

  it("refuses to start when that port is taken, in one sentence", async () => {
    const port = await freePort();
    await start({ METRICS_PORT: String(port) });
    const second = await start({ METRICS_PORT: String(port) });
    expect(await second.exit).toBe(1);
    expect(second.output().err).toMatch(/^latchkey: METRICS_PORT cannot be used: .*EADDRINUSE.*\.\n$/);
  });
});

describe("a server that stops", () => {
  /** Sets an authenticator up, and so leaves one clock drift to be written down. */
  async function setUp(address: string): Promise<void> {
    const visitor = new Visitor(address, {});
    await visitor.password();
    const code = totpAt(fromBase32(await visitor.secret()), Date.now() / 1_000);
    expect((await visitor.code(code)).status).toBe(200);
  }

  it("writes down the clock drifts of its last minute", async () => {
    const DATA_DIR = newFolder();
    const server = await start({ DATA_DIR });
    await setUp(server.address);
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
    const store = await openStore({ dataDir: DATA_DIR });
    expect(await store.drifts.since(0)).toEqual([
      { window: expect.any(Number), bin: expect.any(Number), accounts: 1 },
    ]);
    await store.close();
  });

  it("exits with 0 where it cannot", async () => {
    const DATA_DIR = newFolder();
    const server = await start({ DATA_DIR });
    await setUp(server.address);
    const file = new DatabaseSync(path.join(DATA_DIR, "latchkey.sqlite"), { timeout: 1_000 });
    file.exec("drop table drifts");
    file.close();
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
    expect(server.output().out).toContain("the clock drifts of the last minute are lost");
  });
});

describe("the page", () => {
  const served: { close(): void }[] = [];
  afterEach(() => {
    for (const server of served.splice(0)) server.close();
  });

  const QUIET: HashLoad = { running: 0, waiting: 0, refused: { full: 0, tooLong: 0 } };

  /** Metrics on a server whose clock is judged like this, and a way to read them. */
  async function metricsOn(
    verdict: { now: ServerClock },
    { sessionCount = async () => 0, passwordHashes = () => QUIET } = {},
  ) {
    const port = await freePort();
    const metrics = createMetrics(port);
    const serverClock = async () => verdict.now;
    const withDeadline = <T>(work: () => T) => work();
    served.push(await metrics.serve({ serverClock, sessionCount, passwordHashes, withDeadline }));
    const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return { metrics, read };
  }

  it("tells by how many seconds the clock is off, as long as that is known", async () => {
    const since = new Date();
    const verdict: { now: ServerClock } = { now: { verdict: "off", seconds: -45, accounts: 61, since } };
    const { read } = await metricsOn(verdict);
    expect(samples(await read(), OFFSET)).toEqual([`${OFFSET} -45`]);
    verdict.now = { verdict: "right", seconds: 0, accounts: 61, since };
    expect(samples(await read(), OFFSET)).toEqual([`${OFFSET} 0`]);
    verdict.now = { verdict: "too-few", accounts: 9 };
    expect(samples(await read(), OFFSET)).toEqual([]);
    expect(await read()).not.toContain("NaN");
  });

  it("tells the accounts in tens: one more would betray that a guess fits a time to come", async () => {
    const verdict: { now: ServerClock } = { now: { verdict: "too-few", accounts: 0 } };
    const { read } = await metricsOn(verdict);
    const told: string[] = [];
    for (const accounts of [0, 9, 10, 19, 20]) {
      verdict.now =
        accounts < 10
          ? { verdict: "too-few", accounts }
          : { verdict: "right", seconds: 1, accounts, since: new Date() };
      told.push(...samples(await read(), ACCOUNTS));
    }
    expect(told).toEqual([0, 0, 10, 10, 20].map((accounts) => `${ACCOUNTS} ${accounts}`));
    // Durations have buckets; clocks have none.
    expect(await read()).not.toMatch(/^latchkey_\w*clock\w*_bucket/m);
  });

  it("counts events of types that only a newer version knows as `other`", async () => {
    const { metrics, read } = await metricsOn({ now: { verdict: "too-few", accounts: 0 } });
    const counted = (type: string) => metrics.count({ type, reason: "canary" } as never);
    for (const type of ["canary", "constructor", "__proto__", 'x"} 1']) counted(type);
    metrics.count({ type: "account-unlocked" });
    metrics.count({ type: "account-unlocked", reason: "clock-ahead", subject: "2" });
    expect(samples(await read(), "latchkey_security_events_total")).toEqual([
      'latchkey_security_events_total{type="other",reason=""} 4',
      'latchkey_security_events_total{type="account-unlocked",reason=""} 1',
      'latchkey_security_events_total{type="account-unlocked",reason="clock-ahead"} 1',
    ]);
  });

  it("tells how busy the password hashes are, and counts each refusal once however often it is read", async () => {
    const load = { now: QUIET };
    const clock: { now: ServerClock } = { now: { verdict: "too-few", accounts: 0 } };
    const { read } = await metricsOn(clock, { passwordHashes: () => load.now });
    load.now = { running: 3, waiting: 64, refused: { full: 7, tooLong: 2 } };
    for (let n = 0; n < 2; n++) {
      expect(samples(await read(), HASHES)).toEqual([
        `${HASHES}_running 3`,
        `${HASHES}_waiting 64`,
        `${HASHES}_refused_total{reason="full"} 7`,
        `${HASHES}_refused_total{reason="too-long"} 2`,
      ]);
    }
  });

  it("leaves the sessions out while they cannot be counted, and tells them again afterwards", async () => {
    const count = { now: async () => 5 };
    const clock: { now: ServerClock } = { now: { verdict: "too-few", accounts: 0 } };
    const { read } = await metricsOn(clock, { sessionCount: () => count.now() });
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 5`]);
    count.now = () => Promise.reject(new Error("no database"));
    const text = await read();
    expect(samples(text, SESSIONS)).toEqual([]);
    expect(samples(text, ACCOUNTS)).toEqual([`${ACCOUNTS} 0`]);
    count.now = async () => 6;
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 6`]);
  });

  it("counts very many sessions once for several readers, and seldom", async () => {
    let counts = 0;
    const clock: { now: ServerClock } = { now: { verdict: "too-few", accounts: 0 } };
    const sessionCount = async () => {
      counts += 1;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 1_000_000;
    };
    const { read } = await metricsOn(clock, { sessionCount });
    for (const text of await Promise.all([read(), read()])) {
      expect(samples(text, SESSIONS)).toEqual([`${SESSIONS} 1000000`]);
    }
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 1000000`]);
    expect(counts).toBe(1);
  });

  it("never tells what an event was about, or whom", async () => {
    const { metrics, read } = await metricsOn({ now: { verdict: "too-few", accounts: 0 } });
    metrics.count({
      type: "authenticator-removed",
      subject: "my subject",
      username: "my-name",
      accountId: "my-id",
      address: "my-address",
      device: "my-browser",
      requestId: "my-request",
    });
    const text = await read();
    expect(samples(text, "latchkey_security_events_total")).toEqual([
      'latchkey_security_events_total{type="authenticator-removed",reason=""} 1',
    ]);
    expect(text).not.toMatch(/my[ -]/);
  });
});
