/** A catalogue: values escaped, markup of messages kept, plurals and times by the language. */
import { describe, expect, it } from "vitest";
import { type Catalogue, createCatalogue } from "../../../src/web/catalogue/catalogue.js";
import type { Message } from "../../../src/web/catalogue/message.js";

const SOURCE = `
language-tag = en-GB
plain = Sign in
quoted = Say "hello" & wave
bold = Hello <b>{ $name }</b>
link = <a href="{ $href }">Here & "there"</a>
count = { $count ->
    [one] <b>1</b> code
   *[other] { $count } codes
 }
list = { $names } or { OR($names) }
wait = { DURATION($ms) }
off = { ABOUT($seconds) }
at = { TIME($at, style: "clock") }
constant = { $app } keeps { $kept } for { DURATION($history) }: ask { $contact }
literal = { "<script>" } <{ "b" }>
whom = <a href="{ $href }">{ $who }</a>
`;

const errors: string[] = [];

/** A message of this test's own: its ids are not in the catalogue, so `message` cannot make one. */
const made = (id: string, args?: Message["args"]) => ({ id, args }) as Message;

const CONSTANTS = {
  app: "A & B",
  kept: 1_024,
  history: 86_400_000,
  contact: made("whom", { href: "/a?b&c", who: "<us>" }),
};

function catalogue(source = SOURCE, pseudo = false): Catalogue {
  return createCatalogue([source], {
    constants: CONSTANTS,
    onError: (error) => errors.push(error.message),
    pseudo,
  });
}

/** With ids of this test's own. */
function html(id: string, args?: Message["args"]): string {
  return catalogue().html(made(id, args));
}

describe("a catalogue", () => {
  it("escapes values, and keeps the tags of the message", () => {
    expect(html("plain")).toBe("Sign in");
    expect(html("bold", { name: `<script>"&'` })).toBe("Hello <b>&lt;script&gt;&#34;&amp;&#39;</b>");
    expect(html("link", { href: `/a?b"c&d` })).toBe(
      `<a href="/a?b&#34;c&amp;d">Here &amp; &#34;there&#34;</a>`,
    );
  });

  it("escapes its own text, so that a message fits into an attribute", () => {
    expect(html("literal")).toBe("&lt;script&gt; &lt;b&gt;");
    expect(html("quoted")).toBe("Say &#34;hello&#34; &amp; wave");
  });

  it("gives plain text without tags and entities", () => {
    const { text } = catalogue();
    expect(text(made("quoted"))).toBe(`Say "hello" & wave`);
    expect(text(made("bold", { name: "<b>&amp;" }))).toBe("Hello <b>&amp;");
  });

  it("chooses plurals, and joins lists, by the language", () => {
    expect(html("count", { count: 1 })).toBe("<b>1</b> code");
    expect(html("count", { count: 1_000 })).toBe("1,000 codes");
    expect(html("list", { names: ["<a>", "b", "c"] })).toBe("&lt;a&gt;, b and c or &lt;a&gt;, b or c");
  });

  it("formats durations, drifts and moments", () => {
    expect(html("wait", { ms: 89_001 })).toBe("1 minute 30 seconds");
    expect(html("off", { seconds: -150 })).toBe("2½ minutes");
    expect(html("at", { at: new Date("2026-11-24T14:32:05Z") })).toBe(
      '<time datetime="2026-11-24T14:32:05.000Z" data-local="clock" title="Tuesday, 24 November 2026 at 14:32:05 UTC">14:32 UTC</time>',
    );
  });

  it("puts constants in, a message with its own values among them", () => {
    expect(html("constant")).toBe('A &amp; B keeps 1,024 for 1 day: ask <a href="/a?b&amp;c">&lt;us&gt;</a>');
  });

  it("takes a message as the value of another", () => {
    expect(html("bold", { name: made("quoted") })).toBe("Hello <b>Say &#34;hello&#34; &amp; wave</b>");
  });

  it("reports a value that a view left undefined, and does not throw", () => {
    errors.length = 0;
    expect(html("bold", { name: undefined } as never)).toBe("Hello <b>{$name}</b>");
    expect(html("count", { count: null } as never)).toContain("codes");
    expect(errors).toHaveLength(2);
  });

  it("reports a message that is not there, or lacks a value, and shows what it can", () => {
    errors.length = 0;
    expect(html("<none>")).toBe("&lt;none&gt;");
    expect(html("bold")).toContain("Hello");
    expect(errors).toEqual([
      "No message is called <none>.",
      "The message bold is incomplete: Unknown variable: $name",
    ]);
  });

  it("refuses a file without a language tag", () => {
    expect(() => catalogue("plain = Sign in")).toThrow("language-tag");
  });
});

describe("the pseudo-locale", () => {
  it("accents every letter but those of tags and values", () => {
    const { html, language } = catalogue(SOURCE, true);
    expect(language).toBe("en-x-pseudo");
    expect(html(made("plain"))).toBe("[!! Šïĝñ ïñ !!]");
    expect(html(made("link", { href: "/x" }))).toBe('[!! <a href="/x">Ĥéřé &amp; &#34;ţĥéřé&#34;</a> !!]');
    expect(html(made("wait", { ms: 60_000 }))).toBe("[!! 1 ɱïñûţé !!]");
  });
});
