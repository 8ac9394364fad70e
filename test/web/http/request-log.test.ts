/** The line that each request leaves in the log, and its place in the metrics. */
import { request } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { heldBy } from "../../support/cookies.js";
import { holdBack } from "../../support/hold-back.js";
import { ask } from "../../support/raw-request.js";
import { openWorld } from "../../support/world.js";

describe("the log line of a request", () => {
  it("says 499 when nobody waits for the answer, and the real status otherwise", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const cookie = heldBy(visitor);
    world.answers.splice(0);

    const hold = holdBack(world.store.sessions, "find");
    const sent = request({ port: world.port, path: "/login/2fa", headers: { cookie }, agent: false });
    sent.on("error", () => {}).end();
    await hold.reached;
    sent.destroy();
    await vi.waitFor(() => expect(world.answers).toMatchObject([{ status: 499 }]));
    hold.letGo();

    expect((await ask(world, { path: "/login" })).status).toBe(200);
    await vi.waitFor(() => expect(world.answers).toHaveLength(2));
    expect(world.answers[1]).toMatchObject({ method: "GET", route: "/login", status: 200 });
  });

  it("says where a request came from and led to, and nothing of its query", async () => {
    const world = await openWorld();
    await ask(world, { path: "/login?next=/canary" });
    const line = await vi.waitFor(() => {
      const found = world.logLines.map((text) => JSON.parse(text)).find(({ msg }) => msg === "request");
      expect(found).toBeDefined();
      return found;
    });
    expect(line).toMatchObject({ method: "GET", path: "/login", status: 200, address: "127.0.0.1" });
    expect(world.logLines.join()).not.toContain("canary");
  });
});
