/** What Fluent source has: values and their kinds, elements, plurals; and what it must not have. */
import { describe, expect, it } from "vitest";
import { parseMessages } from "../../../src/web/catalogue/syntax.js";

describe("a message's parts", () => {
  it("are its values, with what each must be, and its tags", () => {
    const [parts] = parseMessages(`
all = <a href="{ $href }">{ $count ->
    [one] { TIME($at, style: "day") }
   *[other] { OR($list) } <b>{ DURATION($ms) }</b>
 }</a> { ABOUT($seconds) }
`);
    expect(Object.fromEntries(parts?.values ?? [])).toEqual({
      href: "any",
      count: "number",
      at: "Date",
      list: "list",
      ms: "number",
      seconds: "number",
    });
    expect(parts?.tags.toSorted()).toEqual(["</a>", "</b>", '<a href="{$href}">', "<b>"]);
    expect(parts?.variants).toEqual([["one", "other"]]);
  });
});

describe("Fluent source", () => {
  it.each([
    ["title Sign in", "title Sign in"],
    ["title = { $open", "title"],
    ["title = { FOO($x) }", "FOO"],
    ["title = { other }", "another message"],
    ["title = { -brand }", "another message"],
    ["-brand = Latchkey", "terms"],
    ["title = Hello\n    .label = x", "attributes"],
  ])("is refused when it is %j", (source, named) => {
    expect(() => parseMessages(source)).toThrow(named);
  });
});
