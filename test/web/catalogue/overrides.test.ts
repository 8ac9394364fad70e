/** A host app's own messages: each replaces ours, and what could break a page stops the start. */
import { describe, expect, it } from "vitest";
import { checkedOverrides } from "../../../src/web/catalogue/overrides.js";
import { openHost } from "../../support/host.js";

const OURS = `
language-tag = en-GB
title = Sign in
hello = Hello <b>{ $name }</b>
codes = { $count ->
    [one] 1 code
   *[other] { $count } codes
 }
more = <a href="{ $href }">More</a> or <a href="{ $other }">less</a>
`;

describe("a host's messages", () => {
  it("appear on the pages in place of ours", async () => {
    const host = await openHost((app, latchkey) => app.use(latchkey.router), {
      messages: { "login-title": "Welcome to “Notes” & more", "login-continue": "Go\non" },
    });
    const page = await host.visitor().get("/login");
    expect(page.text).toContain("<h1>Welcome to “Notes” &amp; more</h1>");
    expect(page.text).toMatch(/type="submit">Go\s+on</);
  });

  it.each([
    ["title", 'Open { "{" }the door{ "}" }'],
    ["title", '5 > 4 is fine in a value: { ">" }'],
    ["hello", "<b>{ $name }</b>, it is you"],
    ["hello", "No name at all"],
    ["title", "1 < 2"],
    ["title", "Hello\nother = not another message"],
    ["codes", "{ $count ->\n [one] One\n *[other] { $count } of them\n}"],
    ["more", '<a href="{ $href }">More</a>'],
  ])("may replace %s by %s", async (id, text) => {
    const source = await checkedOverrides({ [id]: text }, OURS);
    expect(source).toContain(`${id} =`);
  });

  it.each([
    ["no-such-message", "Hello", "no message is called no-such-message"],
    ["__proto__", "Hello", "no message is called __proto__"],
    ["title", "Hello { $name", "does not parse"],
    ["title", "", "title"],
    ["title", "   ", "title"],
    ["title", "Hello\n}", "does not parse"],
    ["title", "Hello { $name }", "$name"],
    ["title", "Hello <b>you</b>", "<b>"],
    ["title", "Hello <script>alert(1)</script>", "<script>"],
    ["title", "Hello { hello }", "another message"],
    ["title", "Hello { FOO() }", "FOO"],
    ["title", "Hello\n.attribute = injected", "attributes"],
    ["hello", 'Hello <b onclick="x">{ $name }</b>', "onclick"],
    ["hello", "Hello <b>{ $name }", "close"],
    ["hello", "Hello </b>{ $name }<b>", "close"],
    ["hello", "Wait { DURATION($name) }", "$name"],
    ["more", '<a href="javascript:alert(1)">More</a>', "javascript"],
    ["more", '<a href="{ $href }" target="x">More</a>', "target"],
  ])("stop the start when %s becomes %j", async (id, text, named) => {
    const messages = Object.defineProperty({}, id, { value: text, enumerable: true });
    await expect(checkedOverrides(messages, OURS)).rejects.toThrow(named);
    await expect(checkedOverrides(messages, OURS)).rejects.toThrow(/^The option messages: .*\.$/s);
  });

  it("stop the start of an app", async () => {
    await expect(openHost(() => {}, { messages: { "login-title": "<h1>x</h1>" } })).rejects.toThrow(
      "The option messages",
    );
    await expect(openHost(() => {}, { messages: ["x"] as never })).rejects.toThrow("messages");
    await expect(openHost(() => {}, { messages: { "login-title": 5 } as never })).rejects.toThrow(
      "login-title",
    );
  });
});
