/** Watches what a world in the pseudo-locale says: which messages were shown, and what on its pages came from elsewhere. */
import type { Catalogue } from "../../src/web/catalogue/catalogue.js";
import type { Message, Value } from "../../src/web/catalogue/message.js";
import { plainEnglishOn } from "./plain-english.js";
import type { World } from "./world.js";

export interface Watched {
  /** The ids of all messages that were shown. */
  shown: Set<string>;
  /** For each view, the words that are not of the catalogue. */
  plain: Map<string, Set<string>>;
}

export function watchPages({ site }: World): Watched {
  const watched: Watched = { shown: new Set(), plain: new Map() };
  const { of, first } = site.languages;
  const watch = (catalogue: Catalogue): Catalogue => ({
    ...catalogue,
    html: noting(catalogue.html, watched.shown),
    text: noting(catalogue.text, watched.shown),
  });
  Object.assign(site.languages, {
    of: (req: Parameters<typeof of>[0]) => watch(of(req)),
    first: watch(first),
  });
  const render = site.render;
  const watchedRender = (view: string, locals: object) => {
    const html = render(view, locals);
    const words = plainEnglishOn(html, NAMES);
    if (words.length > 0) watched.plain.set(view, new Set([...(watched.plain.get(view) ?? []), ...words]));
    return html;
  };
  Object.assign(site, { render: Object.assign(watchedRender, render) });
  return watched;
}

function noting(format: Catalogue["html"], shown: Set<string>): Catalogue["html"] {
  const note = (id: string, args: Message["args"]) => {
    shown.add(id);
    for (const value of Object.values(args ?? {})) noteValue(value);
  };
  const noteValue = (value: Value | string | Message) => {
    if (Array.isArray(value)) value.forEach(noteValue);
    else if (typeof value === "object" && "id" in value) note(value.id, value.args);
  };
  const call = format as (wanted: Message | string, args?: Message["args"]) => string;
  return ((wanted: Message | string, args?: Message["args"]) => {
    if (typeof wanted === "string") note(wanted, args);
    else note(wanted.id, wanted.args);
    return call(wanted, args);
  }) as Catalogue["html"];
}

/** Names that pages show as they are: of people, products, the site, and what the walks type. */
const NAMES = [
  "Latchkey",
  "test",
  "password",
  "alice",
  "anna",
  "help@example.org",
  "Firefox",
  "Windows",
  "127.0.0.1",
  "Pixel 9",
  "KeePassXC",
  "curl",
  "SHA-1",
  "SHA-256",
  "Ctrl+C",
  "DEMO",
  "TRUST_PROXY",
  "X-Forwarded-Proto",
  "TLS",
  "HTTPS",
  "HTTP",
  "http://sign-in.example.org",
  "sign-in.example.org",
  "/login",
  "/account",
  "http://",
  "Google Authenticator",
  "Aegis",
  "FAS",
  "Ente Auth",
  "Microsoft Authenticator",
];
