/** The server as a process: starting, refusing to start, stopping. */
import { rmSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { newFolder } from "./support/new-folder.js";
import { start } from "./support/server-process.js";
import { addAccount, createWorld, setUp } from "./support/world.js";

describe("the server", () => {
  it("prints its address, serves, and stops with 0 on SIGTERM and SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const server = await start({});
      expect((await fetch(`${server.address}/login`)).status).toBe(200);
      server.child.kill(signal);
      expect(await server.exit).toBe(0);
      expect(server.output().err).toBe("");
    }
  });

  it("lets the request in flight end before it stops", async () => {
    const server = await start({});
    const answer = fetch(`${server.address}/login`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "username=test&password=password",
      redirect: "manual",
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.child.kill("SIGTERM");
    expect((await answer).status).toBe(303);
    expect(await server.exit).toBe(0);
  });

  it("says in production how to add the first account, until there is one", async () => {
    const settings = {
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      BASE_URL: "http://127.0.0.1",
      APP_SECRETS: "test-secret ".repeat(4),
      DATA_DIR: newFolder(),
    };
    const advice = /no account yet: add one with `latchkey account add NAME`/;
    // The address that it prints is the public one.
    const empty = await start(settings);
    expect(empty.output().out).toMatch(advice);
    empty.child.kill("SIGTERM");
    await empty.exit;

    const world = await createWorld({ DATA_DIR: settings.DATA_DIR });
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

  it("refuses to start when the generated key is lost while secrets are sealed with it", async () => {
    const DATA_DIR = newFolder();
    await (await start({ DATA_DIR })).child.kill("SIGKILL");
    rmSync(path.join(DATA_DIR, "key"));
    // Without a sealed secret a new key does no harm.
    const again = await start({ DATA_DIR });
    expect(again.address).not.toBe("");
    again.child.kill("SIGKILL");

    const world = await createWorld({ DATA_DIR });
    await setUp(world, world.visitor());
    await world.close();
    const refused = await start({ DATA_DIR });
    expect(await refused.exit).toBe(1);
    expect(refused.output().err).toMatch(
      /sealed with a key that is not among APP_SECRETS: bring that key back/,
    );
    const right = await start({ DATA_DIR, APP_SECRETS: `${"new ".repeat(10)},${world.config.secrets?.[0]}` });
    expect(right.address).not.toBe("");
  });
});
