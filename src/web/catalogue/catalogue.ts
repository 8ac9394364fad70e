/** A catalogue: every sentence that a person reads, in one language, from a Fluent file in locales/. */
import {
  FluentBundle,
  type FluentFunction,
  FluentNumber,
  FluentResource,
  FluentType,
  type FluentVariable,
} from "@fluent/bundle";
import { createFormats, type Formats, type TimeStyle } from "./formats.js";
import { escapeValue, mapText, plainText } from "./markup.js";
import type { Args, Message, MessageId, Value } from "./message.js";
import { accented } from "./pseudo.js";

export interface Catalogue extends Pick<Formats, "time"> {
  /** For the page's `lang`. */
  language: string;
  /** A message as HTML: its own tags stay, its values are escaped. Safe as the content of an element and in a quoted attribute. */
  html: Format;
  /** A message as plain text, for files and headers. */
  text: Format;
}

/** Takes an id and its values, or a message made earlier. */
export interface Format {
  <Id extends MessageId>(id: Id, ...args: Args<Id>): string;
  (message: Message): string;
}

/** The values that any message can use, without being passed: the site's name, whom to contact, the policy's numbers. */
export type Constants = Readonly<Record<string, string | number | Message>>;

/** The same in one language: texts are HTML. */
type Prepared = Readonly<Record<string, string | number>>;

/** A message is incomplete, or its id is unknown. A page that shows it has a gap; it is a bug all the same. */
export type OnError = (error: Error) => void;

/**
 * Reads a catalogue.
 * @param sources the text of its file, then texts whose messages replace earlier ones
 * @param pseudo whether to make the pseudo-locale of it
 */
export function createCatalogue(
  sources: readonly string[],
  { constants, onError, pseudo = false }: { constants: Constants; onError: OnError; pseudo?: boolean },
): Catalogue {
  const entries = sources.flatMap((source) => new FluentResource(source).body);
  const locale = localeOf(entries);
  const change = pseudo ? accented : (text: string) => text;
  const formats = createFormats(locale, change);
  const bundle = new FluentBundle(locale, { useIsolating: false, functions: functionsOf(formats) });
  const known = prepareConstants(constants, entries, change);
  for (const entry of entries) {
    const prepared = entry.value && prepare(entry.value, known, change);
    entry.value = pseudo && prepared ? ["[!! ", ...prepared, " !!]"] : prepared;
  }
  bundle.addResource({ body: entries }, { allowOverrides: true });

  function html(wanted: string | Message, given?: Readonly<Record<string, Value>>): string {
    const { id, args } = typeof wanted === "string" ? { id: wanted, args: given } : wanted;
    const pattern = bundle.getMessage(id)?.value;
    // Half of all messages have no values. They cost one lookup.
    if (typeof pattern === "string") return pattern;
    if (!pattern) return fail(new Error(`No message is called ${id}.`), escapeValue(id));
    const errors: Error[] = [];
    const text = bundle.formatPattern(pattern, args && variables(args), errors);
    const [error] = errors;
    return error ? fail(new Error(`The message ${id} is incomplete: ${error.message}`), text) : text;
  }

  function variables(args: Readonly<Record<string, Value>>): Record<string, FluentVariable> {
    const made: Record<string, FluentVariable> = {};
    for (const name in args) {
      const value = args[name];
      // A view may pass nothing, whatever the types say: Fluent then reports the name.
      if (value !== undefined && value !== null) made[name] = variable(value);
    }
    return made;
  }

  function variable(value: Value): FluentVariable {
    if (typeof value === "string") return escapeValue(value);
    if (typeof value === "number" || value instanceof Date) return value;
    if (!("id" in value)) return new List(value.map(item), formats);
    return html(value);
  }

  function item(value: string | Message): string {
    return typeof value === "string" ? escapeValue(value) : html(value);
  }

  function fail(error: Error, shown: string): string {
    onError(error);
    return shown;
  }

  const format = html as Format;
  const text = ((wanted: Message, given: never) => plainText(html(wanted, given))) as Format;
  return { language: pseudo ? "en-x-pseudo" : locale, html: format, text, time: formats.time };
}

/** The file's BCP 47 tag, which Intl and `lang` take. */
function localeOf(entries: FluentResource["body"]): string {
  const tag = entries.find(({ id }) => id === "language-tag")?.value;
  if (typeof tag === "string") return tag;
  throw new Error("The catalogue has no message language-tag.");
}

/** A constant that is a message becomes its text, with its own values in it. */
function prepareConstants(
  constants: Constants,
  entries: FluentResource["body"],
  change: (text: string) => string,
): Prepared {
  const prepared: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(constants)) {
    if (typeof value !== "object") {
      prepared[name] = typeof value === "string" ? escapeValue(value) : value;
      continue;
    }
    const pattern = entries.findLast(({ id }) => id === value.id)?.value ?? "";
    const text = prepare(pattern, prepareConstants((value.args as Constants) ?? {}, entries, change), change);
    if (typeof text !== "string") throw new Error(`The message ${value.id} lacks a value.`);
    prepared[name] = text;
  }
  return prepared;
}

type Pattern = NonNullable<FluentResource["body"][number]["value"]>;
type Element = Exclude<Pattern, string>[number];
type VariableReference = Extract<Element, { type: "var" }>;
type NumberLiteral = Extract<Element, { type: "num" }>;

/** Escapes the texts of a pattern and puts the constants in, so that neither costs anything per page. */
function prepare(pattern: Pattern, constants: Prepared, change: (text: string) => string): Pattern {
  const elements = typeof pattern === "string" ? [pattern] : pattern;
  const texts = mapText(
    elements.map((element) => (typeof element === "string" ? element : "")),
    (text) => escapeValue(change(text)),
  );
  const prepared = elements.map((element, index) =>
    typeof element === "string" ? (texts[index] ?? "") : prepareElement(element, constants, change),
  );
  const isPlain = prepared.every((element) => typeof element === "string");
  return isPlain ? prepared.join("") : prepared;
}

function prepareElement(element: Element, constants: Prepared, change: (text: string) => string): Element {
  if (typeof element === "string") return element;
  if (element.type === "str") return escapeValue(element.value);
  if (element.type === "var") {
    const value = constants[element.name];
    if (value === undefined) return element;
    return typeof value === "string" ? value : { type: "num", value, precision: 0 };
  }
  if (element.type === "func") {
    const args = element.args.map((arg) => (arg.type === "var" ? numberInstead(arg, constants) : arg));
    return { ...element, args };
  }
  if (element.type === "select") {
    const variants = element.variants.map((variant) => ({
      ...variant,
      value: prepare(variant.value, constants, change),
    }));
    const selector = prepareElement(element.selector, constants, change);
    return {
      ...element,
      selector: typeof selector === "string" ? { type: "str", value: selector } : selector,
      variants,
    };
  }
  return element;
}

/** A constant as the argument of a function. */
function numberInstead(arg: VariableReference, constants: Prepared): VariableReference | NumberLiteral {
  const value = constants[arg.name];
  return typeof value === "number" ? { type: "num", value, precision: 0 } : arg;
}

/** A list of texts, escaped already. */
class List extends FluentType<readonly string[]> {
  constructor(
    items: readonly string[],
    readonly formats: Formats,
  ) {
    super(items);
  }
  toString(): string {
    return this.formats.list(this.value);
  }
}

/** What messages call: DURATION($ms), ABOUT($seconds), TIME($at, style: "short"), OR($list). */
function functionsOf(formats: Formats): Record<string, FluentFunction> {
  return {
    DURATION: ([ms]) => escapeValue(formats.duration(numberOf(ms))),
    ABOUT: ([seconds]) => escapeValue(formats.about(numberOf(seconds))),
    TIME: ([at], { style }) =>
      formats.time(new Date(Number(at?.valueOf())), String(style ?? "short") as TimeStyle),
    OR: ([list]) => {
      if (list instanceof List) return formats.list(list.value, "disjunction");
      throw new TypeError("OR takes a list.");
    },
  };
}

function numberOf(value: unknown): number {
  if (value instanceof FluentNumber) return value.value;
  throw new TypeError("A number is missing.");
}
