/** The drawn QR code: read back as a scanner would, from the very SVG that a page shows. */
import jsqr from "jsqr";
import { describe, expect, it } from "vitest";
import { MAX_USERNAME_LENGTH } from "../../../src/auth/policy.js";
import { drawQr } from "../../../src/web/render/qr.js";

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const URI = `otpauth://totp/Latchkey:test?secret=${SECRET}&issuer=Latchkey&algorithm=SHA1&digits=6&period=30`;

describe("the QR code", () => {
  const svg = drawQr(URI, "QR code");

  it("reads back as the text that was drawn", () => {
    expect(scan(svg)).toBe(URI);
  });

  it("holds the longest name and issuer", () => {
    const long = URI.replaceAll("Latchkey", "Company".repeat(8)).replace(
      "test",
      "a".repeat(MAX_USERNAME_LENGTH),
    );
    expect(scan(drawQr(long, "QR code"))).toBe(long);
  });

  it("keeps a quiet zone of four modules", () => {
    const rows = modulesOf(svg);
    const dark = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [{ x, y }] : [])));
    expect(Math.min(...dark.map(({ x }) => x), ...dark.map(({ y }) => y))).toBe(4);
    expect(Math.max(...dark.map(({ x }) => x), ...dark.map(({ y }) => y))).toBe(rows.length - 5);
  });

  it("is dark on white by its own attributes, which a strict CSP allows", () => {
    expect(svg).toContain('fill="#fff"');
    expect(svg).toContain('fill="#000"');
    expect(svg).not.toMatch(/style|script|href|url\(/i);
    expect(svg.match(/<path/g)).toHaveLength(1);
  });

  it("has the name that it is given, and holds its content nowhere else", () => {
    expect(svg).toContain('role="img" aria-label="QR code"');
    expect(svg).not.toContain(SECRET);
    expect(svg).not.toContain("otpauth");
  });
});

/** What a scanner reads from the drawing, eight pixels a module. */
function scan(svg: string): string | undefined {
  const scale = 8;
  const rows = modulesOf(svg);
  const side = rows.length * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (rows[Math.floor(y / scale)]?.[Math.floor(x / scale)])
        pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return jsqr.default(pixels, side, side)?.data;
}

/** The drawing's path, run by run, as rows of dark and light modules. */
function modulesOf(svg: string): boolean[][] {
  const size = Number(svg.match(/viewBox="0 0 (\d+) \1"/)?.[1]);
  const rows = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1H\1z/g)) {
    rows[Number(y)]?.fill(true, Number(x), Number(x) + Number(width));
  }
  return rows;
}
