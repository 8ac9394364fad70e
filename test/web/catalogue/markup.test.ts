/** Markup of messages: tags kept, all else escaped, whatever a value holds. */

import { describe, expect, it } from "vitest";
import { escapeValue, mapText, plainText } from "../../../src/web/catalogue/markup.js";
import fc from "../../support/properties.js";

describe("a value", () => {
  it("comes back from HTML as it was, and brings no tag and no quote", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const html = escapeValue(value);
        expect(html).not.toMatch(/[<>"']/);
        expect(plainText(html)).toBe(value);
      }),
    );
  });
});

describe("the text of a message", () => {
  const upper = (text: string) => text.toUpperCase();

  it.each([
    [["Hello <b>you</b>!"], ["HELLO <b>YOU</b>!"]],
    [
      ['go <a href="', '">here</a>'],
      ['GO <a href="', '">HERE</a>'],
    ],
    [["1 < 2 and 2 > 1"], ["1 < 2 AND 2 > 1"]],
    [
      ["a <", "b>"],
      ["A <", "B>"],
    ],
    [
      ["<b", ">x"],
      ["<b", ">X"],
    ],
    [[""], [""]],
  ])("%j is separated from its tags, over all parts: %j", (parts, changed) => {
    expect(mapText(parts, upper)).toEqual(changed);
  });
});
