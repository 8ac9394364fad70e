/** A host's colours: every derived tone can be read on its ground. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bandsOf, markWithColours, withColours } from "../../../src/web/render/colours.js";
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

/** A tone of a scheme, by the name of its variable. */
type Tones = (name: string) => string;

/** The tones of both schemes, or undefined where the accent is refused. */
function schemes(accent: string): { light: Tones; dark: Tones } | undefined {
  let css: string;
  try {
    css = withColours("", { accent });
  } catch {
    return undefined;
  }
  const [light, dark] = [0, 1].map((n) => (name: string) => valuesOf(css, name)[n] ?? "");
  if (!light || !dark) throw new Error("There are two schemes.");
  return { light, dark };
}

/** Text and its ground, each a variable of a scheme or a colour of public/css that stays. */
const READABLE: [scheme: "light" | "dark", text: string, grounds: string[]][] = [
  ...["lk-accent", "bs-link-color", "bs-link-hover-color"].flatMap((text): typeof READABLE => [
    ["light", text, ["#ffffff", "bs-body-bg", "lk-sunken"]],
    ["dark", text, ["lk-surface", "bs-body-bg", "lk-sunken", "lk-field"]],
  ]),
  // White is what is written on them; brass is the key.
  ["light", "#ffffff", ["lk-action", "lk-action-strong", "lk-band"]],
  ["dark", "#ffffff", ["lk-action", "lk-action-strong", "lk-band"]],
  ["light", "lk-brass", ["lk-band"]],
  ["dark", "lk-brass", ["lk-band"]],
  // Ink, secondary text and errors, on grounds with a tint.
  ...["#1b2429", "#4f5d65", "#b3261e"].map((text): (typeof READABLE)[number] => [
    "light",
    text,
    ["bs-body-bg", "lk-sunken"],
  ]),
  ...["#dbe3e6", "#9fadb4", "#ea868f"].map((text): (typeof READABLE)[number] => [
    "dark",
    text,
    ["lk-surface", "bs-body-bg", "lk-sunken"],
  ]),
];

describe("an accent", () => {
  it("is refused, or readable in both schemes, as is all text on the grounds that take its tint", () => {
    let taken = 0;
    fc.assert(
      fc.property(hex, (accent) => {
        const found = schemes(accent);
        if (!found) return contrast(accent, "#ffffff") < 5.3;
        taken += 1;
        for (const [scheme, text, grounds] of READABLE) {
          const tone = (name: string) => (name.startsWith("#") ? name : found[scheme](name));
          for (const ground of grounds) {
            const ratio = contrast(tone(text), tone(ground));
            if (ratio < 4.5)
              throw new Error(`${accent}, ${scheme}: ${text} on ${ground}: ${ratio.toFixed(2)}`);
          }
        }
        // The border of a field.
        expect(contrast("#6f7d85", found.light("lk-sunken"))).toBeGreaterThanOrEqual(3);
        expect(contrast("#75838b", found.dark("lk-surface"))).toBeGreaterThanOrEqual(3);
        return true;
      }),
    );
    expect(taken).toBeGreaterThan(20);
  });

  it("colours the band, brass and grounds, and the browser's own bars like the band", () => {
    const found = schemes("#9a3412");
    expect(["lk-band", "lk-brass", "bs-body-bg", "lk-sunken"].map((name) => found?.light(name))).toEqual([
      "#591e0a",
      "#ebd6d0",
      "#fbf7f6",
      "#f9f3f1",
    ]);
    expect(bandsOf({ accent: "#9a3412" })).toEqual({
      light: found?.light("lk-band"),
      dark: found?.dark("lk-band"),
    });
  });

  it("is put into the mark as its band and brass", () => {
    const svg = readFileSync(new URL("../../../public/icons/mark.svg", import.meta.url), "utf8");
    const coloured = markWithColours(svg, { accent: "#9a3412" });
    expect(coloured).toMatch(/<rect [^>]*fill="#591e0a".*<path fill="#ebd6d0"/);
    expect(coloured).not.toMatch(/#0b4452|#f2c879/);
  });

  it.each([
    [{ accent: "#ffcc00" }, /accent, #ffcc00, has a contrast of 1\.\d : 1 to #fffcf0: a text needs 4\.5 : 1/],
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

describe("our own bands", () => {
  it("are those of the stylesheet", () => {
    const sass = readFileSync(new URL("../../../public/css/_theme.scss", import.meta.url), "utf8");
    const bands = [...sass.matchAll(/--lk-band: (#[0-9a-f]{6})/g)].map(([, band]) => band);
    expect(bands).toEqual(Object.values(bandsOf(undefined)));
  });
});
