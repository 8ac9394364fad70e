/** Serves stylesheet, scripts and icons. They are built ahead of time, under hashed names, so that browsers cache them for good. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { RequestHandler, Response } from "express";
import { PACKAGE_ROOT } from "../../package-root.js";
import { type Colours, markWithColours, withColours } from "../render/colours.js";

const BUILT = path.join(PACKAGE_ROOT, "dist", "public");

const A_YEAR = 31_536_000;
const A_DAY = 86_400;

const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".ico": "image/x-icon",
  ".png": "image/png",
};

export interface Assets {
  /** Serves the assets; passes other paths on. */
  files: RequestHandler;
  /** The paths of all assets. */
  paths: string[];
  /** The path of an asset by its plain name: `latchkey.css` → `/assets/latchkey.1a2b3c4d.css`. @throws Error when there is none */
  pathOf(name: string): string;
}

/** One asset's content, uncompressed and compressed. */
interface Bodies {
  plain: Buffer;
  gzip: Buffer;
  br: Buffer;
}

/**
 * Reads all assets into memory, some 100 KB. Reads from the disk would wait behind password hashes, which use the same threads.
 * @param colours the host's, in place of ours
 * @throws Error when dist/public is not built; Error in one sentence when text would be unreadable in these colours
 */
export function createAssets(colours: Colours | undefined): Assets {
  const built = manifest();
  const paths = new Map<string, string>();
  const handlers = new Map<string, RequestHandler>();
  for (const [name, file] of Object.entries(built)) {
    const asset = colours ? inColours(name, asBuilt(file), colours) : asBuilt(file);
    const address = `/assets/${asset.file}`;
    paths.set(name, address);
    handlers.set(address, sender(typeOf(name), asset, `public,max-age=${A_YEAR},immutable`));
  }
  return {
    files: (req, res, next) => (handlers.get(req.path) ?? passOn)(req, res, next),
    paths: [...paths.values()],
    pathOf(name) {
      const found = paths.get(name);
      if (!found) throw new Error(`No asset is called ${name}.`);
      return found;
    },
  };
}

/** The icons that browsers and password managers ask for at the root of a host, whatever the pages say. */
const ROOT_ICONS = ["favicon.ico", "apple-touch-icon.png"];

/**
 * Serves the icons at the root, for the server that is Latchkey alone: in a host app these paths are the app's. Without hashes in
 * their names they are cached for a day.
 */
export function rootIcons(): RequestHandler {
  const built = manifest();
  const handlers = new Map(
    ROOT_ICONS.map((name) => [
      `/${name}`,
      sender(typeOf(name), asBuilt(built[name] ?? ""), `public,max-age=${A_DAY}`),
    ]),
  );
  return (req, res, next) => {
    const send = req.method === "GET" || req.method === "HEAD" ? handlers.get(req.path) : undefined;
    (send ?? passOn)(req, res, next);
  };
}

/** The hashed names of all assets by their plain ones. @throws Error when dist/public is not built */
function manifest(): Record<string, string> {
  return JSON.parse(readFileSync(path.join(BUILT, "manifest.json"), "utf8"));
}

function typeOf(name: string): string {
  return TYPES[path.extname(name)] ?? "application/octet-stream";
}

type Asset = Bodies & { file: string };

const passOn: RequestHandler = (_req, _res, next) => next();

function asBuilt(file: string): Asset {
  const read = (ending: string) => readFileSync(path.join(BUILT, "assets", file + ending));
  return { file, plain: read(""), gzip: read(".gz"), br: read(".br") };
}

/** Puts the host's colours into the stylesheet and the mark, and names both by their new content. Other assets stay as built. */
function inColours(name: string, asset: Asset, colours: Colours): Asset {
  const change = { "latchkey.css": withColours, "mark.svg": markWithColours }[name];
  if (!change) return asset;
  const plain = Buffer.from(change(asset.plain.toString(), colours));
  return { file: hashedName(name, plain), plain, gzip: gzipSync(plain), br: brotliCompressSync(plain) };
}

function hashedName(name: string, content: Buffer): string {
  const { name: stem, ext } = path.parse(name);
  return `${stem}.${createHash("sha256").update(content).digest("hex").slice(0, 8)}${ext}`;
}

/** Sends no Last-Modified and no ETag: under a hashed name the content never changes, so there is nothing to revalidate. */
function sender(type: string, { plain, gzip, br }: Bodies, caching: string): RequestHandler {
  const answer = (body: Buffer, encoding?: string) => {
    const headers = {
      "Content-Type": type,
      "Content-Length": body.length,
      ...(encoding && { "Content-Encoding": encoding }),
      "Cache-Control": caching,
      Vary: "Accept-Encoding",
      "X-Content-Type-Options": "nosniff",
    };
    return (res: Response) => void res.writeHead(200, headers).end(body);
  };
  const [asBr, asGzip, asIs] = [answer(br, "br"), answer(gzip, "gzip"), answer(plain)];
  return (req, res) => {
    if (req.acceptsEncodings("br")) return asBr(res);
    if (req.acceptsEncodings("gzip")) return asGzip(res);
    return asIs(res);
  };
}
