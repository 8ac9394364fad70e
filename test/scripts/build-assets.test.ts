/** The built assets: small, named by what they hold, compressed to what they were. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildAssets } from "../../scripts/build-assets.mjs";

describe("the asset build", () => {
  let out: string;
  let manifest: Record<string, string>;
  const asset = (name: string, suffix = "") => readFile(join(out, "assets", `${manifest[name]}${suffix}`));

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), "latchkey-assets-"));
    manifest = await buildAssets(out);
  });
  afterAll(() => rm(out, { recursive: true }));

  it("lists each file under its plain name", async () => {
    expect(JSON.parse(await readFile(join(out, "manifest.json"), "utf8"))).toEqual(manifest);
    expect(Object.keys(manifest)).toEqual(expect.arrayContaining(["latchkey.css", "copy.js", "mark.svg"]));
  });

  it("names each file by its content", async () => {
    for (const [name, hashed] of Object.entries(manifest)) {
      const hash = createHash("sha256")
        .update(await asset(name))
        .digest("hex")
        .slice(0, 8);
      expect(hashed).toBe(name.replace(/(\.\w+)$/, `.${hash}$1`));
    }
  });

  it("compresses each file ahead of time to what it was", async () => {
    for (const name of Object.keys(manifest)) {
      const plain = await asset(name);
      expect(gunzipSync(await asset(name, ".gz")).equals(plain)).toBe(true);
      expect(brotliDecompressSync(await asset(name, ".br")).equals(plain)).toBe(true);
    }
  });

  it("keeps the stylesheet under 25 KB, and 6 KB compressed", async () => {
    expect((await asset("latchkey.css")).length).toBeLessThanOrEqual(25_000);
    expect((await asset("latchkey.css", ".br")).length).toBeLessThanOrEqual(6_000);
  });

  it("purges what no page uses and keeps what pages do use", async () => {
    const css = String(await asset("latchkey.css"));
    expect(css).not.toMatch(/\.(carousel|navbar|btn-outline-danger)|file-selector|datetime-edit|type=search/);
    for (const used of [
      ".btn-primary",
      ".alert-danger",
      ".ring-at-29",
      "*:focus-visible",
      ".form-control[aria-invalid]",
    ]) {
      expect(css).toContain(used);
    }
  });

  it("follows the system's colour scheme without a script", async () => {
    const css = String(await asset("latchkey.css"));
    expect(css).toMatch(/prefers-color-scheme:\s*dark/);
    expect(css).not.toContain("data-bs-theme");
  });

  it("is the same when built again, and leaves no older file behind", async () => {
    const before = (await readdir(join(out, "assets"))).sort();
    await writeFile(join(out, "assets", "latchkey.00000000.css"), "old");
    expect(await buildAssets(out)).toEqual(manifest);
    expect((await readdir(join(out, "assets"))).sort()).toEqual(before);
  });
});
