/**
 * Draws the mark: a key whose six cuts are the digits 287082, RFC 6238's first test vector (T = 59 s). `node scripts/mark.mjs` writes
 * the icons and the partial that puts the key into a page.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DIGITS = "287082";

/** As in public/css: the band, and the brass on it. */
const BAND = "#0b4452";
const BRASS = "#f2c879";

/** A key that lies on its side, bow to the left, in a box of 118 × 40. */
const IN_PAGE = { pitch: 11, flat: 4, depth: 1.25 };

/** Shorter, with deeper cuts: at 16 px they still show. */
const IN_TILE = { pitch: 8.5, flat: 3, depth: 1.5 };

/** The top and the bottom of the blade, and where it begins. */
const [TOP, BOTTOM, START] = [11, 29, 42];

/** The files that are made, by their paths: text alone, because only a browser can make the others. */
export function drawings() {
  return {
    "public/icons/mark.svg": `${tile("0 0 40 40", 10)}\n`,
    "public/icons/key.svg": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 118 40"><path id="key" d="${key(IN_PAGE)}"/></svg>\n`,
    "views/partials/key.ejs": [
      "<%# The key of the mark, written by scripts/mark.mjs: a path for a viewBox of 118 × 40, whose blade begins at 42 and has a cut each 11. -%>",
      `<path d="${key(IN_PAGE)}"/><%# -%>\n`,
    ].join("\n"),
  };
}

/** The key across a tile. @param {string} viewBox @param {number} radius of its corners */
function tile(viewBox, radius) {
  const middle = (START + IN_TILE.pitch * DIGITS.length + 10) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}">`,
    `<rect width="40" height="40" rx="${radius}" fill="${BAND}"/>`,
    `<path fill="${BRASS}" transform="rotate(-45 20 20) translate(20 20) scale(.42) translate(-${middle} -20)" d="${key(IN_TILE)}"/>`,
    "</svg>",
  ].join("");
}

/** All parts run clockwise, so that they join where they overlap; the hole runs against them. */
function key(cuts) {
  const bow = "M20 2a18 18 0 0 1 0 36a18 18 0 0 1 0-36z";
  const hole = "M13 14a6 6 0 0 0 0 12a6 6 0 0 0 0-12z";
  const collar = "M33 9h7a2.5 2.5 0 0 1 2.5 2.5v17a2.5 2.5 0 0 1-2.5 2.5h-7z";
  return bow + hole + collar + blade(cuts);
}

/** The blade: straight above; below, from the tip to the collar, each digit is how deep its cut goes. */
function blade({ pitch, flat, depth }) {
  const end = START + pitch * DIGITS.length;
  const cuts = [...DIGITS].flatMap((digit, n) => {
    const middle = START + pitch * (n + 0.5);
    const y = BOTTOM - Number(digit) * depth;
    return [`${middle - flat / 2} ${y}`, `${middle + flat / 2} ${y}`];
  });
  const tip = `H${end + 3}L${end + 8} 18L${end + 1} ${BOTTOM}`;
  return `M${START} ${TOP}${tip}${cuts
    .reverse()
    .map((point) => `L${point}`)
    .join("")}L${START} ${BOTTOM}z`;
}

/** An .ico file of PNG pictures by their width. */
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.size);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.size, 4);
  let offset = head.length;
  let at = 6;
  for (const [width, png] of pictures) {
    head.writeUInt8(width, at);
    head.writeUInt8(width, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
    at += 16;
  }
  return Buffer.concat([head, ...pictures.values()]);
}

async function writeAll() {
  const write = (path, content) => writeFileSync(new URL(`../${path}`, import.meta.url), content);
  for (const [path, content] of Object.entries(drawings())) write(path, content);

  const { findChromium, launch } = await import("./chromium.mjs");
  const browser = await launch(await findChromium());
  const page = await browser.newPage();
  const picture = async (svg, width) => {
    await page.setViewportSize({ width, height: width });
    await page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`);
    return page.screenshot({ omitBackground: true });
  };
  const sizes = new Map();
  for (const width of [16, 32, 48]) sizes.set(width, await picture(tile("0 0 40 40", 10), width));
  write("public/icons/favicon.ico", ico(sizes));
  // Phones cut their own corners.
  write("public/icons/apple-touch-icon.png", await picture(tile("0 0 40 40", 0), 180));
  await browser.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeAll();
