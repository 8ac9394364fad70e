/** Stylesheet, scripts and icons: built ahead of time under hashed names, so that browsers keep them for good. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { RequestHandler } from "express";
import sirv from "sirv";
import { PACKAGE_ROOT } from "../package-root.js";

const BUILT = path.join(PACKAGE_ROOT, "dist", "public");

/** Serves what lies under /assets/: compressed ahead of time, immutable, listed at start so that no request looks for files. */
export function assetFiles(): RequestHandler {
  return sirv(BUILT, {
    immutable: true,
    maxAge: 31_536_000,
    brotli: true,
    gzip: true,
    etag: true,
    setHeaders: (res) => res.setHeader("x-content-type-options", "nosniff"),
  });
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
