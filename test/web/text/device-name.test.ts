/** The few words by which people recognise a device: right for real User-Agents, harmless for other text. */

import Bowser from "bowser";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { deviceName } from "../../../src/web/text/device-name.js";
import { english } from "../../support/english.js";
import fc from "../../support/properties.js";

const nameOf = (userAgent: string) => english(deviceName(userAgent));

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K)";
const APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${APPLE}`;

describe("the name of a device", () => {
  it.each([
    ["Chrome on Windows", `${WINDOWS} ${WEBKIT} Chrome/131.0.0.0 Safari/537.36`],
    ["Chrome on Android", `${ANDROID} ${WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36`],
    ["Chrome on iPhone", `${IPHONE} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1`],
    [
      "Chrome on Chrome OS",
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/131.0.0.0 Safari/537.36`,
    ],
    ["Chrome on Linux", `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/131.0.0.0 Safari/537.36`],
    [
      "Firefox on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    ],
    ["Firefox on Linux", "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"],
    ["Firefox on Android", "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"],
    ["Firefox", "Mozilla/5.0 (X11; FreeBSD amd64; rv:133.0) Gecko/20100101 Firefox/133.0"],
    [
      "Safari on macOS",
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${APPLE} Version/18.1 Safari/605.1.15`,
    ],
    ["Safari on iPhone", `${IPHONE} Version/18.1 Mobile/15E148 Safari/604.1`],
    [
      "Safari on iPad",
      `Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) ${APPLE} Version/17.6 Mobile/15E148 Safari/604.1`,
    ],
    ["Edge on Windows", `${WINDOWS} ${WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0`],
    ["Edge on Android", `${ANDROID} ${WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.0.0`],
    [
      "Samsung Internet on Android",
      `${ANDROID} ${WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
    ],
    ["Opera on Windows", `${WINDOWS} ${WEBKIT} Chrome/131.0.0.0 Safari/537.36 OPR/115.0.0.0`],
    ["curl", "curl/8.5.0"],
    ["python-requests", "python-requests/2.32.3"],
    ["Lynx", "Lynx/2.9.0dev.12 libwww-FM/2.14"],
  ])("is %s", (name, userAgent) => {
    expect(nameOf(userAgent)).toBe(name);
  });

  it.each([
    ["nothing", ""],
    ["a space", " "],
    ["garbage", "qwertz !§$%&/()=?"],
    ["NULs and line ends", "\0\r\n\0"],
    ["a name that every browser claims", "Mozilla/5.0 (compatible)"],
    ["markup", "<script>alert(1)</script>/1.0 (x)"],
    ["a sentence in place of a name", "Call 555-0100 at once/1.0 (Latchkey)"],
    ["a sentence behind Mozilla", "Mozilla/5.0 call 555-0100 at once/1.0 (Latchkey)"],
    ["two lines", "Fox\r\nSet-Cookie: a=b/1 (x)"],
    ["10,000 slashes", "/".repeat(10_000)],
    ["10,000 letters", "x".repeat(10_000)],
    ["a name of 10,000 letters", `${"x".repeat(10_000)}/1.0`],
  ])("is an unknown browser when the header is %s", (_, userAgent) => {
    expect(nameOf(userAgent)).toBe("Unknown browser");
  });

  it("keeps the system when only the browser is unknown", () => {
    expect(nameOf("Mozilla/5.0 (Windows NT 10.0; Win64; x64)")).toBe("Unknown browser on Windows");
  });

  it("comes from the first 256 characters of a long header", () => {
    const start = `${WINDOWS} ${WEBKIT} Chrome/131.0.0.0 Safari/537.36 `;
    expect(nameOf(start.padEnd(10_000, "x"))).toBe("Chrome on Windows");
    expect(nameOf(`${start.padEnd(256, "x")} Edg/131.0.0.0`)).toBe("Chrome on Windows");
  });

  it("is one short printable line, whatever is sent", () => {
    const words = fc.constantFrom(
      "Mozilla/5.0",
      "Windows ",
      "iPhone",
      "PlayStation 4",
      "Firefox/",
      "(",
      ")",
      "/",
      " ",
      "\n",
    );
    const anyText = fc.uint16Array({ maxLength: 20 }).map((units) => String.fromCharCode(...units));
    const piece = fc.oneof(words, anyText);
    const userAgent = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(userAgent, (text) => {
        expect(nameOf(text)).toMatch(/^[A-Za-z][A-Za-z0-9 ._-]{0,59}$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("is computed once, however many rows of a page name it", () => {
    const parse = vi.spyOn(Bowser, "parse");
    onTestFinished(() => parse.mockRestore());
    const agents = Array.from({ length: 150 }, (_, n) => `${"/".repeat(250)}${n}`);
    for (let page = 0; page < 3; page++) for (const agent of [...agents, ...agents]) deviceName(agent);
    expect(parse).toHaveBeenCalledTimes(agents.length);
  });
});
