/** Draws a text as a QR code: one SVG with one path and no style, so that it passes the strictest CSP. */
import { encode } from "uqr";

/** ISO/IEC 18004 asks for a quiet zone of four modules; scanners fail on dark pages without it. */
const QUIET_ZONE = 4;

/**
 * The whole SVG element as HTML. Dark on white in both colour schemes, because many scanners read nothing else.
 * @param name its accessible name, as HTML; without the text: a screen reader would read the secret aloud
 */
export function drawQr(text: string, name: string): string {
  const { size, data } = encode(text, { ecc: "M", border: QUIET_ZONE });
  return [
    `<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" role="img"`,
    ` aria-label="${name}" shape-rendering="crispEdges">`,
    `<rect width="${size}" height="${size}" fill="#fff"/><path d="${darkRuns(data)}" fill="#000"/></svg>`,
  ].join("");
}

/** Each horizontal run of dark modules as one closed strip: a third of the bytes that one square for each module takes. */
function darkRuns(rows: boolean[][]): string {
  let path = "";
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x++;
      path += `M${start} ${y}h${x + 1 - start}v1H${start}z`;
    }
  });
  return path;
}
