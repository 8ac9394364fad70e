/** The id of a request: in its answer, in the log, and on the page that says something failed. */
import { describe, expect, it } from "vitest";
import { databaseBytes } from "../../support/other-program.js";
import { ask, form, type RawRequest } from "../../support/raw-request.js";
import { openWorld, type World } from "../../support/world.js";

const OWN = /^[A-Za-z0-9_-]{36}$/;
const GIVEN = "edge-7f3a.0001";

const wrong = form({ username: "test", password: "wrong" });

/** The id in the answer, and those in all lines of the log that the request has left. */
async function idsOf(world: World, request: RawRequest) {
  const lines = world.logLines.length;
  const { status, headers, text } = await ask(world, request);
  const logged = world.logLines.slice(lines).map((line) => JSON.parse(line));
  return { status, text, id: String(headers["x-request-id"]), logged };
}

describe("the id of a request", () => {
  it("differs for each request, and stands in every log line about it", async () => {
    const world = await openWorld();
    const seen = new Set<string>();
    for (const request of [{ path: "/login" }, { path: "/nowhere" }, { path: "/login", ...wrong }]) {
      const { id, logged } = await idsOf(world, request);
      expect(id).toMatch(OWN);
      seen.add(id);
      const lines = logged.map(({ msg, requestId }) => [msg, requestId]);
      const event = request.path === "/login" && "body" in request ? [["security event", id]] : [];
      expect(lines).toEqual([...event, ["request", id]]);
    }
    expect(seen.size).toBe(3);
  });

  it("is not kept in the history", async () => {
    const world = await openWorld();
    const { id } = await idsOf(world, { path: "/login", ...wrong });
    expect(databaseBytes(world).includes("password-refused")).toBe(true);
    expect(databaseBytes(world).includes(id)).toBe(false);
  });

  it("comes from a trusted proxy, and from nobody else", async () => {
    const request = { path: "/login", headers: { "x-request-id": GIVEN } };
    const trusting = await idsOf(await openWorld({ TRUST_PROXY: "loopback" }), request);
    expect([trusting.id, trusting.logged[0].requestId]).toEqual([GIVEN, GIVEN]);
    for (const env of [{}, { TRUST_PROXY: "192.0.2.1" }]) {
      expect((await idsOf(await openWorld(env), request)).id).toMatch(OWN);
    }
  });

  it("is our own when a proxy's is malformed", async () => {
    const world = await openWorld({ TRUST_PROXY: "loopback" });
    for (const odd of [
      "",
      "short",
      "x".repeat(65),
      "with space",
      'quote"quote',
      "<b>bold</b>",
      "a,b,c,d,e",
      "é".repeat(8),
    ]) {
      const headers = { "x-request-id": Buffer.from(odd).toString("latin1") };
      expect((await idsOf(world, { path: "/login", headers })).id, odd).toMatch(OWN);
    }
    const twice = { "x-request-id": [GIVEN, GIVEN] };
    expect((await idsOf(world, { path: "/login", headers: twice })).id).toMatch(OWN);
  });

  it("stands on the page when something failed on our side, and on no other page", async () => {
    const world = await openWorld();
    for (const path of ["/login", "/nowhere"]) {
      const { id, text } = await idsOf(world, { path });
      expect(text).not.toContain(id);
      expect(text).not.toContain("Reference");
    }
    world.store.accounts.byUsername = () => Promise.reject(new Error("a bug"));
    const { status, id, text, logged } = await idsOf(world, { path: "/login", ...wrong });
    expect(status).toBe(500);
    expect(text).toContain(`Reference: <code>${id}</code>`);
    expect(logged).toContainEqual(
      expect.objectContaining({
        msg: "request failed",
        requestId: id,
        err: expect.objectContaining({ message: "a bug" }),
      }),
    );

    world.site.auth.now = () => {
      throw new Error("no page at all");
    };
    const last = await idsOf(world, { path: "/login?notice=signed-out" });
    expect(last.text).toContain(`Reference: ${last.id}`);
  });
});
