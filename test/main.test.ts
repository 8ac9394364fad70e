/** The server as a process: starting, refusing to start, stopping. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { appSecret } from "./support/app-secret.js";
import { newFolder } from "./support/new-folder.js";
import { headOfLogin, rawClient } from "./support/raw-client.js";
import { freePort, productionOn, start } from "./support/server-process.js";
import { addAccount } from "./support/sign-in.js";
import { openWorld } from "./support/world.js";

describe("the server process", () => {
  it("prints its address, serves, and stops with 0 on SIGTERM and SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const server = await start({});
      expect((await fetch(`${server.address}/login`)).status).toBe(200);
      server.child.kill(signal);
      expect(await server.exit).toBe(0);
      expect(server.output().err).toBe("");
    }
  });

  it("answers the request in flight before it stops", async () => {
    const server = await start({});
    const answer = fetch(`${server.address}/login`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "username=test&password=password",
      redirect: "manual",
    });
    await wait(5);
    server.child.kill("SIGTERM");
    expect((await answer).status).toBe(303);
    expect(await server.exit).toBe(0);
  });

  it("waits for a request that is still being sent, and closes idle connections", async () => {
    const server = await start({});
    const body = "username=test&password=password";
    const slow = await rawClient(server.address);
    slow.send(headOfLogin(body.length) + body.slice(0, 10));
    const resting = await rawClient(server.address);
    resting.send("GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    while (!resting.received().includes("</html>")) await wait(10);
    server.child.kill("SIGTERM");
    await resting.closed;
    expect(slow.received()).toBe("");
    slow.send(body.slice(10));
    await slow.closed;
    expect(slow.received()).toMatch(/^HTTP\/1\.1 303 .*\r\nLocation: \/login\/2fa\r\n/s);
    expect(await server.exit).toBe(0);
    expect(server.output().err).toBe("");
  });

  it("fails /readyz first in production, and serves until proxies have noticed", async () => {
    const port = await freePort();
    const server = await start(productionOn(port, newFolder()));
    expect((await fetch(`${server.address}/readyz`)).status).toBe(200);
    const told = performance.now();
    server.child.kill("SIGTERM");
    while ((await fetch(`${server.address}/readyz`)).status === 200) await wait(5);
    expect(performance.now() - told).toBeLessThan(1_000);
    let last = 0;
    for (;;) {
      const answer = await fetch(`${server.address}/login`).catch(() => undefined);
      if (!answer) break;
      last = performance.now() - told;
      expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
      expect((await answer.text()).length).toBeGreaterThan(1_000);
      await wait(100);
    }
    expect(last).toBeGreaterThan(2_500);
    expect(await server.exit).toBe(0);
    expect(performance.now() - told).toBeLessThan(10_000);
    expect(server.output().err).toBe("");
  });

  it("exits with 0 within ten seconds when a client never ends its request", async () => {
    const server = await start({});
    const endless = await rawClient(server.address);
    endless.send(`${headOfLogin(1_000)}username=`);
    const trickle = setInterval(() => endless.send("x"), 200);
    await wait(100);
    const told = performance.now();
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
    clearInterval(trickle);
    expect(performance.now() - told).toBeLessThan(10_000);
    expect(endless.received()).toBe("");
  });

  it("exits at once at a second signal, but not when one comes twice, as Ctrl-C does through npm", async () => {
    const server = await start({});
    const endless = await rawClient(server.address);
    endless.send(`${headOfLogin(1_000)}username=`);
    await wait(100);
    server.child.kill("SIGINT");
    server.child.kill("SIGINT");
    expect(await Promise.race([server.exit, wait(600)])).toBeUndefined();
    const told = performance.now();
    server.child.kill("SIGINT");
    expect(await server.exit).toBe(1);
    expect(performance.now() - told).toBeLessThan(1_000);
  });

  it("says in production how to add the first account, until there is one", async () => {
    const settings = productionOn(await freePort(), newFolder());
    const advice = /no account yet: add one with `latchkey account add NAME`/;
    const empty = await start(settings);
    expect(empty.output().out).toMatch(advice);
    empty.child.kill("SIGTERM");
    await empty.exit;

    const world = await openWorld({ DATA_DIR: settings.DATA_DIR });
    await addAccount(world, "alice");
    await world.close();
    expect((await start(settings)).output().out).not.toMatch(advice);
  });

  it("refuses to start with wrong settings, and names them all", async () => {
    const server = await start({ PORT: "many", DEMO: "maybe" });
    expect(await server.exit).toBe(1);
    expect(server.output().err).toMatch(/PORT.*DEMO/s);
    expect(server.output().err).not.toContain("    at ");
  });

  it("refuses to start when its port is taken, in one sentence", async () => {
    const first = await start({});
    const second = await start({ PORT: new URL(first.address).port });
    expect(await second.exit).toBe(1);
    expect(second.output().err).toBe(
      "latchkey: The port is in use: stop what uses it, or set PORT to another.\n",
    );
  });

  it("refuses to start when the generated key is lost, until it is brought back", async () => {
    const DATA_DIR = newFolder();
    const first = await start({ DATA_DIR });
    first.child.kill("SIGKILL");
    await first.exit;
    const file = path.join(DATA_DIR, "key");
    const key = readFileSync(file, "utf8");
    rmSync(file);

    const refused = await start({ DATA_DIR });
    expect(await refused.exit).toBe(1);
    expect(refused.output().err).toMatch(
      /sealed with a key that is not among APP_SECRETS: bring that key back/,
    );
    // The key may be one of several, and not the newest.
    const right = await start({ DATA_DIR, APP_SECRETS: `${appSecret("new")},${key}` });
    expect(right.address).not.toBe("");
    right.child.kill("SIGKILL");
    writeFileSync(file, key);
    expect((await start({ DATA_DIR })).address).not.toBe("");
  });
});
