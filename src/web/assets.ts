/** Stylesheet, scripts and icons: built ahead of time under hashed names, so that browsers keep them for good. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { RequestHandler } from "express";
import sirv from "sirv";
import { PACKAGE_ROOT } from "../package-root.js";
import { type Colours, markWithColours, withColours } from "./colours.js";

const BUILT = path.join(PACKAGE_ROOT, "dist", "public");

const A_YEAR = 31_536_000;

export interface Assets {
  /** Serves them; whatever else is asked for passes on. */
  files: RequestHandler;
  /** All of them. */
  paths: string[];
  /** One of them by its plain name: `latchkey.css` → `/assets/latchkey.1a2b3c4d.css`. */
  pathOf(name: string): string;
}

/**
 * @param colours a host's, in place of ours
 * @throws Error when dist/public is not built, or with these colours a text could not be read
 */
export function createAssets(colours: Colours | undefined): Assets {
  const built: Record<string, string> = JSON.parse(readFileSync(path.join(BUILT, "manifest.json"), "utf8"));
  const paths = new Map(Object.entries(built).map(([name, file]) => [name, `/assets/${file}`]));
  const inColours = new Map<string, RequestHandler>();
  if (colours) {
    for (const [name, change] of [
      ["latchkey.css", withColours],
      ["key.svg", markWithColours],
    ] as const) {
      const original = readFileSync(path.join(BUILT, paths.get(name) ?? ""), "utf8");
      const content = change(original, colours);
      const address = `/assets/${hashedName(name, content)}`;
      paths.set(name, address);
      inColours.set(address, fromMemory(name, content));
    }
  }
  const others = fromFiles();
  return {
    files: (req, res, next) => (inColours.get(req.path) ?? others)(req, res, next),
    paths: [...paths.values()],
    pathOf(name) {
      const found = paths.get(name);
      if (!found) throw new Error(`No asset is called ${name}.`);
      return found;
    },
  };
}

/** Compressed ahead of time, and listed at start so that no request looks for files. */
function fromFiles(): RequestHandler {
  return sirv(BUILT, {
    immutable: true,
    maxAge: A_YEAR,
    brotli: true,
    gzip: true,
    etag: true,
    setHeaders: (res) => res.setHeader("x-content-type-options", "nosniff"),
  });
}

function fromMemory(name: string, content: string): RequestHandler {
  const compressed = gzipSync(content);
  return (req, res) => {
    const gzip = req.acceptsEncodings("gzip") === "gzip";
    if (gzip) res.set("Content-Encoding", "gzip");
    res.set({
      "Cache-Control": `public,max-age=${A_YEAR},immutable`,
      Vary: "Accept-Encoding",
      "X-Content-Type-Options": "nosniff",
    });
    res.type(path.extname(name)).send(gzip ? compressed : content);
  };
}

function hashedName(name: string, content: string): string {
  const { name: stem, ext } = path.parse(name);
  return `${stem}.${createHash("sha256").update(content).digest("hex").slice(0, 8)}${ext}`;
}
