/**
 * Nothing that a person reads is written outside the catalogue: views and scripts hold no text, and a walk through the pages in the
 * pseudo-locale shows no plain English. What handlers say is a `Message`, by its type.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { plainEnglishOn } from "../../support/plain-english.js";
import { WALKS } from "../../support/walks.js";
import { watchPages } from "../../support/watch-pages.js";
import { openWorld } from "../../support/world.js";

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ejs|js)$/.test(file))
    .map((file) => path.join(folder, file));

describe("a view", () => {
  it.each(filesIn("views"))("%s has no text of its own", (view) => {
    const withoutCode = readFileSync(view, "utf8").replace(/<%.*?%>/gs, "");
    expect(plainEnglishOn(withoutCode, [])).toEqual([]);
  });
});

describe("a script", () => {
  it.each(filesIn("public/js"))("%s has no text of its own", (script) => {
    const code = readFileSync(script, "utf8")
      .replace(/\/\*.*?\*\//gs, "")
      .replace(/\/\/.*$/gm, "");
    const texts = [...code.matchAll(/(["'`])((?:(?!\1).)*)\1/g)].map(([, , text = ""]) => text);
    expect(texts.filter((text) => /^[A-Z][a-z]|[a-z] [a-z]+ [a-z]/.test(text))).toEqual([]);
  });
});

describe("a walk in the pseudo-locale", () => {
  const shown = new Set<string>();
  const inViews = new Set(
    filesIn("views").flatMap((view) =>
      [...readFileSync(view, "utf8").matchAll(/\bt\("([^"]+)"/g)].map(([, id = ""]) => id),
    ),
  );

  it.each(Object.entries(WALKS))("sees no plain English on %s", async (_name, { settings, look, walk }) => {
    const world = await openWorld({ LANGUAGES: "pseudo", ...settings }, undefined, look);
    const watched = watchPages(world);
    await walk(world);
    for (const id of watched.shown) shown.add(id);
    expect(Object.fromEntries([...watched.plain].map(([view, words]) => [view, [...words]]))).toEqual({});
  });

  it("meets every message that a view names", () => {
    expect([...inViews].filter((id) => !shown.has(id))).toEqual([]);
  });
});
