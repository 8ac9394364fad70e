/** A host's colours: every derived tone can be read on its ground. */

import { describe, expect, it } from "vitest";
import { withColours } from "../../../src/web/render/colours.js";
import fc from "../../support/properties.js";

const hex = fc
  .tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 255 })))
  .map((rgb) => `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`);

/** WCAG 2.2, "contrast ratio", written a second time. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4))
      .reduce((sum, share, n) => sum + share * ([0.2126, 0.7152, 0.0722][n] ?? 0), 0);
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const valuesOf = (css: string, name: string) =>
  [...css.matchAll(new RegExp(`--${name}:(#[0-9a-f]{6})`, "g"))].map(([, value]) => value ?? "");

describe("an accent", () => {
  it("is refused, or readable on links, hovered links and the main button in both schemes", () => {
    let taken = 0;
    fc.assert(
      fc.property(hex, (accent) => {
        let css: string;
        try {
          css = withColours("", { accent });
        } catch {
          return contrast(accent, "#eef2f4") < 4.5;
        }
        taken += 1;
        for (const name of ["bs-link-color", "bs-link-hover-color", "lk-accent"]) {
          const [light = "", dark = ""] = valuesOf(css, name);
          expect(contrast(light, "#eef2f4")).toBeGreaterThanOrEqual(4.5);
          expect(contrast(dark, "#14191f")).toBeGreaterThanOrEqual(4.5);
        }
        for (const ground of [...valuesOf(css, "lk-action"), ...valuesOf(css, "lk-action-strong")]) {
          expect(contrast(ground, "#ffffff")).toBeGreaterThanOrEqual(4.5);
        }
        return true;
      }),
    );
    expect(taken).toBeGreaterThan(20);
  });

  it.each([
    [{ accent: "#ffcc00" }, /accent, #ffcc00, has a contrast of 1\.\d : 1 to #eef2f4: a text needs 4\.5 : 1/],
    [{ accent: "#0b6075", accentOnDark: "#222222" }, /accentOnDark, #222222, has a contrast of/],
    [{ accent: "teal" }, /written #rrggbb or #rgb, and teal is not/],
    [{ accent: "#12" }, /#12 is not/],
    [{ accent: "#0b6075}body{display:none" }, /is not/],
  ])("is refused in a sentence when it cannot be read or is no colour: %o", (colours, sentence) => {
    expect(() => withColours("", colours)).toThrow(sentence);
  });

  it("is the same in three digits and in six", () => {
    expect(withColours("", { accent: "#036" })).toBe(withColours("", { accent: "#003366" }));
  });
});
