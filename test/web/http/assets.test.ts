/** The stylesheet, scripts and icons over HTTP: their caching, compression and types. */
import express from "express";
import request from "supertest";
import { beforeAll, describe, expect, it } from "vitest";
import { createAssets } from "../../../src/web/http/assets.js";
import { openWorld, type World } from "../../support/world.js";

let world: World;
let stylesheet: string;
beforeAll(async () => {
  world = await openWorld();
  const { text } = await world.visitor().get("/login");
  stylesheet = /\/assets\/latchkey\.[0-9a-f]{8}\.css/.exec(text)?.[0] ?? "";
});

describe("an asset", () => {
  it("is cached for good, under a name that changes with its content", async () => {
    const answer = await world.visitor().get(stylesheet);
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("public,max-age=31536000,immutable");
    expect(answer.headers["content-type"]).toMatch(/^text\/css/);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  it.each(["br", "gzip"])("is compressed when the browser takes %s", async (encoding) => {
    const answer = await world.visitor().get(stylesheet).set("Accept-Encoding", encoding);
    expect(answer.headers["content-encoding"]).toBe(encoding);
    expect(answer.headers.vary).toMatch(/accept-encoding/i);
    expect(Number(answer.headers["content-length"])).toBeLessThan(12_000);
  });

  it("has neither ETag nor Last-Modified, because it never changes", async () => {
    const answer = await world.visitor().get(stylesheet);
    expect(answer.headers.etag).toBeUndefined();
    expect(answer.headers["last-modified"]).toBeUndefined();
  });

  it("is sent as it is when the browser takes no compression, and without content to HEAD", async () => {
    const assets = express().use(createAssets(undefined).files);
    const answer = await request(assets).get(stylesheet).set("Accept-Encoding", "identity");
    expect(answer.headers["content-encoding"]).toBeUndefined();
    expect(Number(answer.headers["content-length"])).toBe(answer.text.length);
    const head = await request(assets).head(stylesheet).set("Accept-Encoding", "identity");
    expect(head.headers["content-length"]).toBe(answer.headers["content-length"]);
    expect(head.text).toBeFalsy();
  });

  it.each([
    ["br;q=0, gzip", "gzip"],
    ["gzip;q=0, *", "br"],
    ["br;q=0, gzip;q=0", undefined],
    ["xbr, gzipped", undefined],
  ])("is sent in no encoding that the browser rules out: %s", async (accepted, encoding) => {
    const { files, pathOf } = createAssets(undefined);
    const asked = request(express().use(files)).get(pathOf("send-once.js"));
    expect((await asked.set("Accept-Encoding", accepted)).headers["content-encoding"]).toBe(encoding);
  });

  it.each([
    ["latchkey.css", "text/css"],
    ["send-once.js", "text/javascript"],
    ["mark.svg", "image/svg+xml"],
    ["favicon.ico", "image/x-icon"],
    ["apple-touch-icon.png", "image/png"],
  ])("has the media type of %s", async (name, type) => {
    const { files, pathOf } = createAssets(undefined);
    const answer = await request(express().use(files)).get(pathOf(name));
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, type]);
  });

  it("has a name of its own, and is compressed too, in a host's colours", async () => {
    const { files, pathOf } = createAssets({ accent: "#9a3412" });
    expect(pathOf("latchkey.css")).not.toBe(stylesheet);
    expect(createAssets(undefined).pathOf("latchkey.css")).toBe(stylesheet);
    for (const encoding of ["br", "gzip", "identity"]) {
      const answer = await request(express().use(files))
        .get(pathOf("latchkey.css"))
        .set("Accept-Encoding", encoding)
        .buffer(true);
      expect(answer.text).toContain("--lk-accent:#9a3412");
      expect(answer.headers["content-encoding"]).toBe(encoding === "identity" ? undefined : encoding);
    }
  });

  it("is the ordinary 404 when there is none, and no other file is served", async () => {
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
      expect(answer.text).toContain('data-message="error-404"');
    }
    expect((await world.visitor().post(stylesheet)).status).toBe(404);
  });
});
