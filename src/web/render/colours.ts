/** The host's accent colour in place of ours, in the light and the dark scheme. Refuses colours in which text is unreadable. */
import type { LatchkeyOptions } from "../../public-types.js";

export type Colours = NonNullable<LatchkeyOptions["colours"]>;

type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** Of the backgrounds in `public/css`, those on which the accent is hardest to read. */
const LIGHT_BACKGROUND: Rgb = [0xee, 0xf2, 0xf4];
const DARK_BACKGROUND: Rgb = [0x14, 0x19, 0x1f];

/** The least contrast of text to its background (WCAG 2.2, 1.4.3), and that of a tone which we choose. */
const MIN_CONTRAST = 4.5;
const HIGH_CONTRAST = 7;

/** Our accent, as in `public/css` and the logo. */
const OUR_ACCENT = "#0b6075";

/**
 * The stylesheet in the host's colours.
 * @throws Error in one sentence when one is no colour, or has too little contrast
 */
export function withColours(css: string, { accent, accentOnDark }: Colours): string {
  const light = readableColour("accent", accent, LIGHT_BACKGROUND);
  const lighter = Array.from({ length: 101 }, (_, percent) => mix(light, WHITE, percent / 100));
  const dark =
    accentOnDark === undefined
      ? (lighter.find((tone) => contrast(tone, DARK_BACKGROUND) >= HIGH_CONTRAST) ?? WHITE)
      : readableColour("accentOnDark", accentOnDark, DARK_BACKGROUND);
  // The lightest tone on which white text is readable, so that buttons stand out on a dark page.
  const action = lighter.findLast((tone) => contrast(tone, WHITE) >= MIN_CONTRAST) ?? light;
  // Appended, because later rules override earlier ones.
  return [
    css,
    `:root{${variables(light, mix(light, BLACK, 0.27), light)}}`,
    `@media (prefers-color-scheme:dark){:root{${variables(dark, mix(dark, WHITE, 0.35), action)}}}`,
  ].join("");
}

/** The logo in the host's accent. @throws as withColours does */
export function markWithColours(svg: string, { accent }: Colours): string {
  return svg.replaceAll(OUR_ACCENT, hex(readableColour("accent", accent, LIGHT_BACKGROUND)));
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

function readableColour(name: keyof Colours, text: string, background: Rgb): Rgb {
  const colour = parse(text);
  if (!colour) throw new Error(`The colour ${name} is written #rrggbb or #rgb, and ${text} is not.`);
  const ratio = contrast(colour, background);
  if (ratio >= MIN_CONTRAST) return colour;
  throw new Error(
    `The colour ${name}, ${text}, has a contrast of ${ratio.toFixed(1)} : 1 to ${hex(background)}: a text needs ${MIN_CONTRAST} : 1.`,
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
