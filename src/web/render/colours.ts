/** The host's accent colour in place of ours, in the light and the dark scheme. Refuses colours in which text is unreadable. */
import type { LatchkeyOptions } from "../../public-types.js";

export type Colours = NonNullable<LatchkeyOptions["colours"]>;

/** The colour of the band at the top of each page, for the browser's own bars too. */
export interface Bands {
  light: string;
  dark: string;
}

type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** Dark grounds without a tint: of the page, of what is sunken into a card, and of the card. */
const DARK_GROUNDS = { page: [12, 13, 14], sunken: [16, 17, 18], surface: [20, 21, 22] } as const;

/** How much of the accent is in the grounds: enough to be felt, too little to be seen. */
const TINT = { page: 0.04, sunken: 0.06, dark: 0.05 };

/** The least contrast of text to its background (WCAG 2.2, 1.4.3), and that of a tone which we choose. */
const MIN_CONTRAST = 4.5;
const HIGH_CONTRAST = 7;

/** As in `public/css` and the mark. */
const OUR_BANDS: Bands = { light: "#0b4452", dark: "#0d2a33" };
const OUR_BRASS = "#f2c879";

/**
 * The stylesheet in the host's colours.
 * @throws Error in one sentence when one is no colour, or has too little contrast
 */
export function withColours(css: string, colours: Colours): string {
  const { light, dark } = schemesOf(colours);
  // Appended, because later rules override earlier ones.
  return `${css}:root{${variables(light)}}@media (prefers-color-scheme:dark){:root{${variables(dark)}}}`;
}

/** The mark in the host's band and brass. @throws as withColours does */
export function markWithColours(svg: string, colours: Colours): string {
  const { light } = schemesOf(colours);
  return svg.replaceAll(OUR_BANDS.light, hex(light.band)).replaceAll(OUR_BRASS, hex(light.brass));
}

/** @param colours the host's, in place of ours @throws as withColours does */
export function bandsOf(colours: Colours | undefined): Bands {
  if (!colours) return OUR_BANDS;
  const { light, dark } = schemesOf(colours);
  return { light: hex(light.band), dark: hex(dark.band) };
}

interface Scheme {
  accent: Rgb;
  hovered: Rgb;
  action: Rgb;
  band: Rgb;
  brass: Rgb;
  page: Rgb;
  surface: Rgb;
  field: Rgb;
  sunken: Rgb;
  line: Rgb;
}

function schemesOf({ accent, accentOnDark }: Colours): { light: Scheme; dark: Scheme } {
  const given = parse("accent", accent);
  const sunken = mix(WHITE, given, TINT.sunken);
  refuseUnreadable("accent", given, sunken);
  const brass = mix(given, WHITE, 0.8);
  const lighter = Array.from({ length: 101 }, (_, percent) => mix(given, WHITE, percent / 100));

  const dark = {
    page: mix(DARK_GROUNDS.page, given, TINT.dark),
    sunken: mix(DARK_GROUNDS.sunken, given, TINT.dark),
    surface: mix(DARK_GROUNDS.surface, given, TINT.dark),
  };
  const onDark =
    accentOnDark === undefined
      ? (lighter.find((tone) => contrast(tone, dark.surface) >= HIGH_CONTRAST) ?? WHITE)
      : parse("accentOnDark", accentOnDark);
  refuseUnreadable("accentOnDark", onDark, dark.surface);

  return {
    light: {
      accent: given,
      hovered: mix(given, BLACK, 0.27),
      action: given,
      band: mix(given, BLACK, 0.42),
      brass,
      page: mix(WHITE, given, TINT.page),
      surface: WHITE,
      field: WHITE,
      sunken,
      line: mix(sunken, BLACK, 0.1),
    },
    dark: {
      ...dark,
      accent: onDark,
      hovered: mix(onDark, WHITE, 0.35),
      // The lightest tone on which white text is readable, so that buttons stand out on a dark page.
      action: lighter.findLast((tone) => contrast(tone, WHITE) >= MIN_CONTRAST) ?? given,
      band: mix(given, dark.page, 0.66),
      brass,
      line: mix(dark.surface, WHITE, 0.12),
      field: dark.page,
    },
  };
}

function variables(tones: Scheme): string {
  const { accent, hovered } = tones;
  return [
    `--lk-accent:${hex(accent)}`,
    `--lk-action:${hex(tones.action)}`,
    `--lk-action-strong:${hex(mix(tones.action, BLACK, 0.2))}`,
    `--lk-band:${hex(tones.band)}`,
    `--lk-brass:${hex(tones.brass)}`,
    `--lk-surface:${hex(tones.surface)}`,
    `--lk-field:${hex(tones.field)}`,
    `--lk-sunken:${hex(tones.sunken)}`,
    `--bs-body-bg:${hex(tones.page)}`,
    `--bs-border-color:${hex(tones.line)}`,
    `--bs-link-color:${hex(accent)}`,
    `--bs-link-color-rgb:${accent.join(",")}`,
    `--bs-link-hover-color:${hex(hovered)}`,
    `--bs-link-hover-color-rgb:${hovered.join(",")}`,
  ].join(";");
}

function refuseUnreadable(name: keyof Colours, colour: Rgb, background: Rgb): void {
  const ratio = contrast(colour, background);
  if (ratio >= MIN_CONTRAST) return;
  throw new Error(
    `The colour ${name}, ${hex(colour)}, has a contrast of ${ratio.toFixed(1)} : 1 to ${hex(background)}: a text needs ${MIN_CONTRAST} : 1.`,
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

function parse(name: keyof Colours, text: string): Rgb {
  if (!/^#(?:[0-9a-f]{3}){1,2}$/i.test(text)) {
    throw new Error(`The colour ${name} is written #rrggbb or #rgb, and ${text} is not.`);
  }
  const digits = text.slice(1);
  const [red = 0, green = 0, blue = 0] = (
    digits.length === 3 ? [...digits].map((d) => d + d) : (digits.match(/../g) ?? [])
  ).map((pair) => Number.parseInt(pair, 16));
  return [red, green, blue];
}

function hex(colour: Rgb): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
