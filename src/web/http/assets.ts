/** Stylesheet, scripts and icons: built ahead of time under hashed names, so that browsers keep them for good. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { RequestHandler, Response } from "express";
import { PACKAGE_ROOT } from "../../package-root.js";
import { type Colours, markWithColours, withColours } from "../render/colours.js";

const BUILT = path.join(PACKAGE_ROOT, "dist", "public");

const A_YEAR = 31_536_000;

const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

export interface Assets {
  /** Serves them; whatever else is asked for passes on. */
  files: RequestHandler;
  /** All of them. */
  paths: string[];
  /** One of them by its plain name: `latchkey.css` → `/assets/latchkey.1a2b3c4d.css`. */
  pathOf(name: string): string;
}

/** The same content in each way of sending it. */
interface Bodies {
  plain: Buffer;
  gzip: Buffer;
  br: Buffer;
}

/**
 * All are kept in memory, some 100 KB: no request waits for the disk behind the password hashes, which use the same threads.
 * @param colours a host's, in place of ours
 * @throws Error when dist/public is not built, or with these colours a text could not be read
 */
export function createAssets(colours: Colours | undefined): Assets {
  const built: Record<string, string> = JSON.parse(readFileSync(path.join(BUILT, "manifest.json"), "utf8"));
  const paths = new Map<string, string>();
  const handlers = new Map<string, RequestHandler>();
  for (const [name, file] of Object.entries(built)) {
    const asset = colours ? inColours(name, asBuilt(file), colours) : asBuilt(file);
    const address = `/assets/${asset.file}`;
    paths.set(name, address);
    handlers.set(address, sender(TYPES[path.extname(name)] ?? "application/octet-stream", asset));
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

type Asset = Bodies & { file: string };

const passOn: RequestHandler = (_req, _res, next) => next();

function asBuilt(file: string): Asset {
  const read = (ending: string) => readFileSync(path.join(BUILT, "assets", file + ending));
  return { file, plain: read(""), gzip: read(".gz"), br: read(".br") };
}

/** The stylesheet and the mark, which have colours, change; their names with them. */
function inColours(name: string, asset: Asset, colours: Colours): Asset {
  const change = { "latchkey.css": withColours, "key.svg": markWithColours }[name];
  if (!change) return asset;
  const plain = Buffer.from(change(asset.plain.toString(), colours));
  return { file: hashedName(name, plain), plain, gzip: gzipSync(plain), br: brotliCompressSync(plain) };
}

function hashedName(name: string, content: Buffer): string {
  const { name: stem, ext } = path.parse(name);
  return `${stem}.${createHash("sha256").update(content).digest("hex").slice(0, 8)}${ext}`;
}

/** With no date and no tag: under this name there will never be anything else to compare it with. */
function sender(type: string, { plain, gzip, br }: Bodies): RequestHandler {
  const answer = (body: Buffer, encoding?: string) => {
    const headers = {
      "Content-Type": type,
      "Content-Length": body.length,
      ...(encoding && { "Content-Encoding": encoding }),
      "Cache-Control": `public,max-age=${A_YEAR},immutable`,
      Vary: "Accept-Encoding",
      "X-Content-Type-Options": "nosniff",
    };
    return (res: Response) => void res.writeHead(200, headers).end(body);
  };
  const [asBr, asGzip, asIs] = [answer(br, "br"), answer(gzip, "gzip"), answer(plain)];
  return (req, res) => {
    const best = req.acceptsEncodings("br") ? asBr : req.acceptsEncodings("gzip") ? asGzip : asIs;
    best(res);
  };
}
