/** /healthz and /readyz: what a load balancer learns, and what each question costs. */
import { describe, expect, it, vi } from "vitest";
import { openDatabase } from "../../support/other-program.js";
import { type Answer, ask } from "../../support/raw-request.js";
import { openWorld, type World } from "../../support/world.js";

/** How long one answer of the database is good for all. */
const SHARED_MS = 1_000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const ready = (world: World) => ask(world, { path: "/readyz" });

function expectNotReady({ status, text, headers }: Answer, reason: string) {
  expect([status, text]).toEqual([503, reason]);
  expect(headers["retry-after"]).toBe("5");
  expect(headers["cache-control"]).toBe("no-store");
}

describe("/healthz and /readyz", () => {
  it("answer in one word, to GET and HEAD only", async () => {
    const world = await openWorld();
    for (const [path, word] of [
      ["/healthz", "ok"],
      ["/readyz", "ready"],
    ] as const) {
      const { status, text, headers } = await ask(world, { path });
      expect([status, text]).toEqual([200, word]);
      expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers["set-cookie"]).toBeUndefined();
      const head = await ask(world, { path, method: "HEAD" });
      expect([head.status, head.text]).toEqual([200, ""]);
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        const refused = await ask(world, { path, method });
        expect([refused.status, refused.headers.allow]).toEqual([405, "GET, HEAD"]);
      }
    }
  });

  it("answer over plain HTTP when people need HTTPS, and leave no line in the log", async () => {
    const world = await openWorld({ BASE_URL: "https://sign-in.example.org", TRUST_PROXY: "loopback" });
    expect((await ask(world, { path: "/login" })).status).toBe(400);
    const lines = world.logLines.length;
    expect((await ask(world, { path: "/healthz" })).status).toBe(200);
    expect((await ready(world)).status).toBe(200);
    expect(world.logLines).toHaveLength(lines);
    expect(world.answers.map(({ route }) => route)).toEqual(["other"]);
  });

  it("say alive and not ready while the database takes no writes, and recover without a restart", async () => {
    const world = await openWorld();
    const other = openDatabase(world);
    other.exec("begin immediate");
    const [notReady] = await Promise.all([
      ready(world),
      ask(world, { path: "/healthz" }).then(({ status }) => expect(status).toBe(200)),
    ]);
    expectNotReady(notReady, "the database cannot be used now");
    expect(world.logLines.at(-1)).toContain("not ready");
    other.exec("rollback");
    await wait(SHARED_MS + 100);
    expect((await ready(world)).status).toBe(200);
  });

  it("say alive and not ready without the database", async () => {
    const world = await openWorld();
    await world.store.close();
    expectNotReady(await ready(world), "the database cannot be used now");
    expect((await ask(world, { path: "/healthz" })).text).toBe("ok");
  });

  it("ask the database once a second during a flood", async () => {
    const world = await openWorld();
    const asked = vi.spyOn(world.store.accounts, "lockRow");
    const answers = await Promise.all(Array.from({ length: 100 }, () => ready(world)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await ready(world);
    expect(asked).toHaveBeenCalledTimes(1);
    await wait(SHARED_MS + 100);
    await ready(world);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it("say not ready at shutdown, while pages are still served and connections close", async () => {
    const world = await openWorld();
    const stylesheet = /\/assets\/[^"]+\.css/.exec((await ask(world, { path: "/login" })).text)?.[0] ?? "";
    const paths = ["/healthz", "/readyz", "/login", "/account", stylesheet, "/no-such-page"];
    const answers = () =>
      Promise.all(paths.map((path) => ask(world, { path, headers: { connection: "keep-alive" } })));
    const statuses = (of: Answer[]) => of.map(({ status }) => status);
    const before = await answers();
    expect(before.map(({ headers }) => headers.connection)).toEqual(paths.map(() => "keep-alive"));
    expect(statuses(before)).toEqual([200, 200, 200, 303, 200, 404]);

    world.startShutdown();
    const after = await answers();
    expect(after.map(({ headers }) => headers.connection)).toEqual(paths.map(() => "close"));
    expect(statuses(after)).toEqual([200, 503, 200, 303, 200, 404]);
    expectNotReady(await ready(world), "stopping");
  });
});
