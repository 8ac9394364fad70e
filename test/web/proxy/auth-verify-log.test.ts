/** The log lines of a proxy's questions: none when access is granted, host and reason when it is refused. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_POLICY, SET_UP_TIMES } from "../../../src/auth/policy.js";
import { ask } from "../../support/raw-request.js";
import { setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

const HOST = "app.example.org";

let world: World;
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld({ TRUST_PROXY: "loopback", DEMO: "on" });
  visitor = world.visitor();
});

/** The lines of the proxy's questions, once there are as many answers; each says host and reason, or nothing. */
async function linesAfter(answers: number) {
  await vi.waitFor(() => {
    expect(world.answers.filter(({ route }) => route === "/auth/verify")).toHaveLength(answers);
  });
  const lines = world.logLines.map((line) => JSON.parse(line));
  return lines.filter(({ msg, path }) => msg === "request" && path === "/auth/verify");
}

const wanted = { "X-Original-URL": `https://${HOST}/canary-path?canary=query` };

describe("the log of /auth/verify", () => {
  it("has no line when access is granted, which the metrics still count", async () => {
    await setUp(world, visitor);
    for (let n = 0; n < 3; n++) expect((await visitor.get("/auth/verify").set(wanted)).status).toBe(200);
    expect(await linesAfter(3)).toEqual([]);
    expect(world.answers.filter(({ route }) => route === "/auth/verify")).toEqual(
      Array(3).fill(expect.objectContaining({ status: 200 })),
    );
  });

  const REASONS: [string, string, (() => Promise<unknown>)?][] = [
    ["anonymous", ""],
    ["anonymous", "?redirect=1"],
    ["pending", "", () => visitor.password()],
    [
      "expired",
      "",
      async () => {
        await visitor.password();
        world.advance(SET_UP_TIMES * DEFAULT_POLICY.pendingLogin + MINUTE);
      },
    ],
    ["parameters", "?max_age=soon"],
    ["parameters", "?unheard-of=canary"],
    [
      "max_age",
      "?max_age=60",
      async () => {
        await setUp(world, visitor);
        world.advance(2 * MINUTE);
      },
    ],
    [
      "methods",
      "?methods=totp&redirect=1",
      async () => {
        const secret = await setUp(world, visitor);
        await visitor.post("/logout");
        await visitor.password();
        await visitor.code(world.code(secret), { trust_device: "on" });
        await visitor.post("/logout");
        await visitor.password();
      },
    ],
  ];

  it.each(REASONS)(
    "gives the reason %s and the host when /auth/verify%s is refused",
    async (reason, query, before) => {
      await before?.();
      expect([302, 401]).toContain((await visitor.get(`/auth/verify${query}`).set(wanted)).status);
      const lines = await linesAfter(1);
      expect(lines).toMatchObject([{ host: HOST, reason, address: "127.0.0.1", path: "/auth/verify" }]);
      expect(JSON.stringify(lines)).not.toContain("canary");
    },
  );

  const HOSTS: [string, Record<string, string>, string | undefined][] = [
    ["a port", { "X-Original-URL": "https://App.Example.org:8443/x" }, "app.example.org:8443"],
    [
      "forwarded headers",
      { "X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST, "X-Forwarded-Uri": "/x" },
      HOST,
    ],
    ["control characters", { "X-Original-URL": "https://evil\u0085\u009b[31m.example/x" }, undefined],
    ["a user", { "X-Original-URL": "https://name:password@app.example.org/" }, undefined],
    ["no end", { "X-Original-URL": `https://${"a".repeat(5_000)}/` }, undefined],
    ["no address", { "X-Original-URL": "/x" }, undefined],
    ["nothing", {}, undefined],
  ];

  it.each(HOSTS)("holds a host with %s in canonical form, or not at all", async (_what, headers, host) => {
    await ask(world, { path: "/auth/verify", headers });
    const [line] = await linesAfter(1);
    expect(line.reason).toBe("anonymous");
    expect(line.host).toBe(host);
  });

  it("holds a host only when a trusted proxy names it", async () => {
    const other = await openWorld({ TRUST_PROXY: "192.0.2.1", DEMO: "on" });
    await ask(other, { path: "/auth/verify", headers: wanted });
    await vi.waitFor(() => expect(other.logLines.join()).toContain('"reason":"anonymous"'));
    expect(other.logLines.join()).not.toContain(HOST);
  });
});
