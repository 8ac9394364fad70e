/**
 * Views name messages that exist, and every message is named somewhere. In source the compiler checks ids and values; a value that
 * a view forgets fails the test that renders it.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseMessages } from "../../../src/web/catalogue/syntax.js";

const tagsOf = new Map(
  parseMessages(readFileSync("locales/en.ftl", "utf8")).map(({ id, tags }) => [id, tags]),
);
const ids = new Set(tagsOf.keys());

const filesIn = (folder: string, extension: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension) && !file.endsWith("message-ids.ts"))
    .map((file) => path.join(folder, file));

const views = filesIn("views", ".ejs");

describe("a view", () => {
  it.each(views)("%s names messages that exist", (view) => {
    const named = [...readFileSync(view, "utf8").matchAll(/\b(?:t|text)\("([^"]+)"|\bid: "([^"]+)" }/g)].map(
      ([, called, made]) => called ?? made ?? "",
    );
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe("a message in an attribute", () => {
  // An attribute ends at the first quotation mark, and shows tags as text.
  it.each(views)("has no element: %s", (view) => {
    const named = [...readFileSync(view, "utf8").matchAll(/="<%- t\("([^"]+)"/g)].map(([, id = ""]) => id);
    expect(named.filter((id) => tagsOf.get(id)?.length !== 0)).toEqual([]);
  });
});

describe("a message", () => {
  it("is named in a view or in source", () => {
    const texts = [...views, ...filesIn("src", ".ts")].map((file) => readFileSync(file, "utf8")).join("\n");
    const unused = [...ids].filter((id) => !texts.includes(`"${id}"`) && id !== "language-tag");
    expect(unused).toEqual([]);
  });
});
