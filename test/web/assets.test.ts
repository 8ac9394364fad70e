/** Stylesheet, scripts and icons over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../support/world.js";

let world: World;
let stylesheet: string;
beforeAll(async () => {
  world = await createWorld();
  const { text } = await world.visitor().get("/login");
  stylesheet = /\/assets\/latchkey\.[0-9a-f]{8}\.css/.exec(text)?.[0] ?? "";
});
afterAll(() => world.close());

describe("an asset", () => {
  it("is kept by browsers for good, under a name that changes with it", async () => {
    const answer = await world.visitor().get(stylesheet);
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("public,max-age=31536000,immutable");
    expect(answer.headers["content-type"]).toMatch(/^text\/css/);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  it.each(["br", "gzip"])("is sent compressed to who understands %s", async (encoding) => {
    const answer = await world.visitor().get(stylesheet).set("Accept-Encoding", encoding);
    expect(answer.headers["content-encoding"]).toBe(encoding);
    expect(answer.headers.vary).toMatch(/accept-encoding/i);
    expect(Number(answer.headers["content-length"])).toBeLessThan(12_000);
  });

  it("that is not there is the ordinary 404, and nothing else of the disk can be asked for", async () => {
    for (const path of [
      "/assets/nothing.css",
      "/assets/",
      "/assets/../manifest.json",
      "/assets/..%2fmanifest.json",
      "/assets/%2e%2e/%2e%2e/main.js",
      "/manifest.json",
      "/dist/public/manifest.json",
    ]) {
      const answer = await world.visitor().get(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).toContain("There is no such page");
    }
    expect((await world.visitor().post(stylesheet)).status).toBe(404);
  });
});
