/** The languages that are offered, and the one for a request. A language is one file: locales/NAME.ftl. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Request } from "express";
import { PACKAGE_ROOT } from "../../package-root.js";
import { type Catalogue, type Constants, createCatalogue, type OnError } from "./catalogue.js";
import { checkedOverrides } from "./overrides.js";

const FOLDER = path.join(PACKAGE_ROOT, "locales");

/** The language whose messages the others must have, and on which the pseudo-locale is made. */
const ORIGINAL = "en";

const PSEUDO = "pseudo";

export interface Languages {
  /** The catalogue for a person, by Accept-Language; the first of LANGUAGES where that names none of them. */
  of(req: Request): Catalogue;
  /** The first of LANGUAGES, for what is said without a request. */
  first: Catalogue;
  /** Whether an answer depends on Accept-Language. */
  vary: boolean;
}

/**
 * Reads the catalogues.
 * @param names LANGUAGES, for example ["en"]
 * @param messages a host app's own, in place of ours
 * @throws Error in one sentence when there is no such language, or a message of the host cannot be used
 */
export async function readLanguages(
  names: readonly string[],
  messages: Readonly<Record<string, string>> | undefined,
  { constants, onError }: { constants: Constants; onError: OnError },
): Promise<Languages> {
  const overrides = await checkedOverrides(messages ?? {}, sourceOf(ORIGINAL));
  const catalogues = new Map(
    names.map((name) => {
      const pseudo = name === PSEUDO;
      const sources = [sourceOf(pseudo ? ORIGINAL : name), overrides];
      return [name, createCatalogue(sources, { constants, onError, pseudo })];
    }),
  );
  const [first] = catalogues.values();
  if (!first) throw new Error("LANGUAGES names no language.");
  // The common case costs nothing.
  if (catalogues.size === 1) return { of: () => first, first, vary: false };
  const choose = cachedByHeader((req) => req.acceptsLanguages([...catalogues.keys()]));
  return { of: (req) => catalogues.get(choose(req) || "") ?? first, first, vary: true };
}

function sourceOf(name: string): string {
  const known = languageNames();
  if (known.includes(name)) return readFileSync(path.join(FOLDER, `${name}.ftl`), "utf8");
  throw new Error(`LANGUAGES names ${name}, and there are ${[...known, PSEUDO].join(", ")}.`);
}

/** The languages that have a file. */
export function languageNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".ftl"))
    .map((file) => path.basename(file, ".ftl"))
    .sort();
}

/** Longer headers are not worth remembering, and more of them than this are not from people. */
const MAX_HEADER = 200;
const MAX_CACHED_HEADERS = 500;

/** Negotiating takes longer than all of a page's messages, and few headers are in use. */
function cachedByHeader(negotiate: (req: Request) => string | false): (req: Request) => string | false {
  const cache = new Map<string, string | false>();
  return (req) => {
    const header = req.get("Accept-Language") ?? "";
    // No header is long by right: browsers send some 40 bytes.
    if (header.length > MAX_HEADER) return false;
    const known = cache.get(header);
    if (known !== undefined) return known;
    const name = negotiate(req);
    if (cache.size >= MAX_CACHED_HEADERS) cache.clear();
    cache.set(header, name);
    return name;
  };
}
