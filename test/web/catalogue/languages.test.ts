/** The languages on offer: one file each, complete, and chosen by Accept-Language. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { languageNames, readLanguages } from "../../../src/web/catalogue/languages.js";
import { parseMessages } from "../../../src/web/catalogue/syntax.js";
import { translationProblems } from "../../support/translations.js";
import { openWorld } from "../../support/world.js";

const read = (name: string) => parseMessages(readFileSync(`locales/${name}.ftl`, "utf8"));

describe("LANGUAGES", () => {
  it("serves each person the language that the browser asks for, the first to all others", async () => {
    const world = await openWorld({ LANGUAGES: "en,pseudo" });
    const titleFor = async (header: string) => {
      const answer = await world.visitor({ "Accept-Language": header }).get("/login");
      expect(answer.headers.vary).toContain("Accept-Language");
      return /<html lang="(.*?)">/.exec(answer.text)?.[1];
    };
    expect(await titleFor("en")).toBe("en-GB");
    expect(await titleFor("pseudo, en;q=0.5")).toBe("en-x-pseudo");
    expect(await titleFor("pseudo;q=0.5, en")).toBe("en-GB");
    expect(await titleFor("zh")).toBe("en-GB");
    expect(await titleFor(`pseudo, ${"x".repeat(5_000)}`)).toBe("en-GB");
    // Pages are cached by language.
    expect(await titleFor("pseudo")).toBe("en-x-pseudo");
  });

  it("varies no answer where there is one language", async () => {
    const world = await openWorld();
    const answer = await world.visitor({ "Accept-Language": "pseudo" }).get("/login");
    expect(answer.headers.vary ?? "").not.toContain("Accept-Language");
    expect(answer.text).toContain('<html lang="en-GB">');
  });

  it.each(["xx", "../../package", "en,", "en,en", ""])("refuses %j at the start", async (names) => {
    const problem = /LANGUAGES|no language/;
    const list = names === "" ? [] : names.split(",");
    await expect(
      openWorld({ LANGUAGES: names || "," }).then(() => readLanguages(list, undefined, QUIET)),
    ).rejects.toThrow(problem);
  });

  const QUIET = { constants: {}, onError: () => undefined };
});

describe("a translation", () => {
  it.each(languageNames())("%s has every message, value, element and plural of the English one", (name) => {
    const messages = read(name);
    const tag = /^language-tag = (.*)$/m.exec(readFileSync(`locales/${name}.ftl`, "utf8"))?.[1] ?? "";
    expect(translationProblems(read("en"), messages, tag)).toEqual([]);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
  });

  const ENGLISH = parseMessages(`
plain = Sign in
codes = { $count ->
    [one] 1 code for <b>{ $name }</b>
   *[other] { $count } codes for <b>{ $name }</b>
 }
`);

  it("may order things otherwise, and has its own plurals", () => {
    const polish = parseMessages(`
codes = <b>{ $name }</b>: { $count ->
    [one] kod
    [few] kody
    [many] kodów
   *[other] kodu
 }
plain = Zaloguj się
`);
    expect(translationProblems(ENGLISH, polish, "pl")).toEqual([]);
  });

  it.each([
    ["codes is missing", "plain = Anmelden"],
    ["more is no message", "more = Mehr"],
    ["codes: the value name", "codes = { $count } <b></b>"],
    ["codes: the value names", "codes = { $count } <b>{ $names }{ $name }</b>"],
    ["codes: the element <b>", "codes = { $count } { $name }"],
    ["codes: the element <i>", "codes = <i>{ $count }</i> <b>{ $name }</b>"],
    ["codes: the plural few", "codes = <b>{ $name }</b> { $count ->\n [one] a\n [few] b\n *[other] c\n }"],
    ["codes: the plural one", "codes = <b>{ $name }</b> { $count ->\n *[other] c\n }"],
  ])("is found wanting: %s", (problem, source) => {
    expect(translationProblems(ENGLISH, parseMessages(source), "de")).toContain(problem);
  });
});
