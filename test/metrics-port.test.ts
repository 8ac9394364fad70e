/** METRICS_PORT: who reads `/metrics` there, and what a running server counts. */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { databaseFile } from "../src/storage/index.js";
import { codeOf, wrongCodeOf } from "./support/by-the-clock.js";
import { ACCOUNTS, ANSWERS, EVENTS, HASHES, OFFSET, SESSIONS, samples } from "./support/metrics-page.js";
import { newFolder } from "./support/new-folder.js";
import { freePort, start } from "./support/server-process.js";
import { Visitor } from "./support/visitor.js";

describe("METRICS_PORT", () => {
  it("serves /metrics to GET and HEAD, nothing else, and stops with 0", async () => {
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

  it("counts security events by type and reason", async () => {
    const port = await freePort();
    const server = await start({ METRICS_PORT: String(port) });
    const visitor = new Visitor(server.address, {});
    await visitor.password("test", "a wrong password");
    await visitor.password("nobody", "password");
    await visitor.password();
    await visitor.code(wrongCodeOf(await visitor.secret()));
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(samples(text, EVENTS).sort()).toEqual([
      `${EVENTS}{type="code-refused",reason="wrong"} 1`,
      `${EVENTS}{type="password-accepted",reason=""} 1`,
      `${EVENTS}{type="password-refused",reason=""} 2`,
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

  it("counts the live sessions and the password hashes", async () => {
    const port = await freePort();
    const server = await start({ METRICS_PORT: String(port) });
    const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 0`]);
    const visitor = new Visitor(server.address, {});
    await visitor.password();
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 0`]);
    await visitor.code(codeOf(await visitor.secret()));
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 1`]);
    expect(samples(await read(), EVENTS)).toContain(`${EVENTS}{type="signed-in",reason="password totp"} 1`);
    await visitor.post("/logout");
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 0`]);
    expect(samples(await read(), HASHES)).toEqual([
      `${HASHES}_running 0`,
      `${HASHES}_waiting 0`,
      `${HASHES}_refused_total{reason="full"} 0`,
      `${HASHES}_refused_total{reason="too-long"} 0`,
    ]);
  });

  it("leaves out the numbers of the database while it cannot be read, and serves the rest", async () => {
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
