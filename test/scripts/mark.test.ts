/** The mark: what is committed is what the script draws. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { drawings } from "../../scripts/mark.mjs";

const root = new URL("../../", import.meta.url);
const icon = (name: string) => readFileSync(new URL(`public/icons/${name}`, root));

describe("the mark", () => {
  it("is drawn by the script, in the icons and in the pages", () => {
    for (const [path, content] of Object.entries(drawings())) {
      expect([path, readFileSync(new URL(path, root), "utf8")]).toEqual([path, content]);
    }
  });

  it("has six cuts, as deep as the digits of RFC 6238's first test vector", () => {
    const blade = /M42 11[^z]*z/.exec(drawings()["views/partials/key.ejs"] ?? "")?.[0] ?? "";
    const depths = [...blade.matchAll(/L([\d.]+) ([\d.]+)/g)]
      .map(([, x, y]) => ({ x: Number(x), depth: (29 - Number(y)) / 1.25 }))
      // The tip before the cuts and the collar after them.
      .slice(2, -1)
      .sort((one, other) => one.x - other.x);
    expect(depths.filter((_, n) => n % 2 === 0).map(({ depth }) => depth)).toEqual([2, 8, 7, 0, 8, 2]);
  });

  it("is a picture in three sizes in favicon.ico, and one of 180 px for home screens", () => {
    const ico = icon("favicon.ico");
    const sizes = [0, 1, 2].map((n) => ico.readUInt8(6 + 16 * n));
    expect([ico.readUInt16LE(2), ico.readUInt16LE(4), sizes]).toEqual([1, 3, [16, 32, 48]]);
    const touch = icon("apple-touch-icon.png");
    expect([touch.readUInt32BE(16), touch.readUInt32BE(20)]).toEqual([180, 180]);
    expect(ico.length + touch.length).toBeLessThan(10_000);
  });
});
