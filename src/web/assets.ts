/** Stylesheet, scripts and icons: built ahead of time under hashed names, so that browsers keep them for good. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { RequestHandler } from "express";
import sirv from "sirv";
import { PACKAGE_ROOT } from "../package-root.js";

const BUILT = path.join(PACKAGE_ROOT, "dist", "public");

/** Serves /assets: compressed ahead of time, immutable, listed at start so that no request looks for files. */
export function assetFiles(): RequestHandler {
  const serve = sirv(path.join(BUILT, "assets"), {
    immutable: true,
    maxAge: 31_536_000,
    brotli: true,
    gzip: true,
    etag: true,
    setHeaders: (res) => res.setHeader("X-Content-Type-Options", "nosniff"),
  });
  // Left to itself, sirv answers a POST like a GET.
  return (req, res, next) => (["GET", "HEAD"].includes(req.method) ? serve(req, res, next) : next());
}

/** The address of an asset by its plain name: `latchkey.css` → `/assets/latchkey.1a2b3c4d.css`. */
export function assetAddresses(): (name: string) => string {
  const manifest: Record<string, string> = JSON.parse(
    readFileSync(path.join(BUILT, "manifest.json"), "utf8"),
  );
  return (name) => {
    const built = manifest[name];
    if (!built) throw new Error(`No asset is called ${name}.`);
    return `/assets/${built}`;
  };
}
