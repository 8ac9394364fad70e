/** A host's accent in place of ours, on light grounds and dark ones; refused where a text in it could not be read. */

import type { LatchkeyOptions } from "../../public-types.js";

export type Colours = NonNullable<LatchkeyOptions["colours"]>;

type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** Of the grounds in `public/css`, those on which the accent is hardest to read. */
const LIGHT_GROUND: Rgb = [0xee, 0xf2, 0xf4];
const DARK_GROUND: Rgb = [0x14, 0x19, 0x1f];

/** Of a text to its ground (WCAG 2.2, 1.4.3); of a tone that is ours to choose, more. */
const READABLE = 4.5;
const WELL_READABLE = 7;

/** What `public/css` and the mark have, and the host's takes the place of. */
const OUR_ACCENT = "#0b6075";

/**
 * The stylesheet in the host's colours.
 * @throws Error with a sentence when one is no colour, or too close to its ground
 */
export function withColours(css: string, { accent, accentOnDark }: Colours): string {
  const light = readable("accent", accent, LIGHT_GROUND);
  const lighter = Array.from({ length: 101 }, (_, percent) => mix(light, WHITE, percent / 100));
  const dark =
    accentOnDark === undefined
      ? (lighter.find((tone) => contrast(tone, DARK_GROUND) >= WELL_READABLE) ?? WHITE)
      : readable("accentOnDark", accentOnDark, DARK_GROUND);
  // As light as a ground of white text may be: on a dark page the button stands out.
  const action = lighter.findLast((tone) => contrast(tone, WHITE) >= READABLE) ?? light;
  // The rules that come last are those that count.
  return [
    css,
    `:root{${variables(light, mix(light, BLACK, 0.27), light)}}`,
    `@media (prefers-color-scheme:dark){:root{${variables(dark, mix(dark, WHITE, 0.35), action)}}}`,
  ].join("");
}

/** The mark in the host's accent. @throws as withColours does */
export function markWithColours(svg: string, { accent }: Colours): string {
  return svg.replaceAll(OUR_ACCENT, hex(readable("accent", accent, LIGHT_GROUND)));
}

function variables(accent: Rgb, hovered: Rgb, action: Rgb): string {
  return [
    `--lk-accent:${hex(accent)}`,
    `--lk-action:${hex(action)}`,
    `--lk-action-strong:${hex(mix(action, BLACK, 0.2))}`,
    `--bs-link-color:${hex(accent)}`,
    `--bs-link-color-rgb:${accent.join(",")}`,
    `--bs-link-hover-color:${hex(hovered)}`,
    `--bs-link-hover-color-rgb:${hovered.join(",")}`,
  ].join(";");
}

function readable(name: keyof Colours, text: string, ground: Rgb): Rgb {
  const colour = parse(text);
  if (!colour) throw new Error(`The colour ${name} is written #rrggbb or #rgb, and ${text} is not.`);
  const reached = contrast(colour, ground);
  if (reached >= READABLE) return colour;
  throw new Error(
    `The colour ${name}, ${text}, has a contrast of ${reached.toFixed(1)} : 1 to ${hex(ground)}: a text needs ${READABLE} : 1.`,
  );
}

function mix(colour: Rgb, other: Rgb, share: number): Rgb {
  const [red, green, blue] = colour.map((value, n) => Math.round(value + ((other[n] ?? 0) - value) * share));
  return [red ?? 0, green ?? 0, blue ?? 0];
}

function contrast(one: Rgb, other: Rgb): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function parse(text: string): Rgb | undefined {
  const digits = /^#(?:[0-9a-f]{3}){1,2}$/i.test(text) ? text.slice(1) : undefined;
  if (digits === undefined) return undefined;
  const [red = 0, green = 0, blue = 0] = (
    digits.length === 3 ? [...digits].map((d) => d + d) : (digits.match(/../g) ?? [])
  ).map((pair) => Number.parseInt(pair, 16));
  return [red, green, blue];
}

function hex(colour: Rgb): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
