/**
 * Looks into Fluent source: what is broken, and which values and elements a message has. Loaded only to check a host's messages,
 * and by tests: at run time a broken message would vanish without a word.
 * Tests: test/web/catalogue/syntax.test.ts, test/web/catalogue/overrides.test.ts
 */
import {
  type Expression,
  FluentParser,
  Junk,
  Message,
  type Pattern,
  type PatternElement,
  Term,
} from "@fluent/syntax";

/** What a value must be: a number for DURATION, ABOUT and plurals, a Date for TIME, a list for OR. */
export type ValueKind = "number" | "Date" | "list" | "any";

export interface MessageParts {
  id: string;
  values: ReadonlyMap<string, ValueKind>;
  /** Whole tags, for example `<a href="{$href}">` and `</a>`. */
  tags: readonly string[];
  /** The variants of each selection, for comparing plural categories. */
  variants: readonly string[][];
  /** The text alone, without values and tags. */
  text: string;
}

/** The messages of a source. @throws Error with the place and the reason, when some of it does not parse */
export function parseMessages(source: string): MessageParts[] {
  const { body } = new FluentParser({ withSpans: false }).parse(source);
  for (const entry of body) {
    if (!(entry instanceof Junk)) continue;
    const reason = entry.annotations[0]?.message ?? "no message";
    throw new Error(`${reason}, near “${entry.content.trim().split("\n")[0]}”`);
  }
  return body.flatMap((entry) => {
    if (entry instanceof Term) throw new Error(`-${entry.id.name}: terms are not used here`);
    if (!(entry instanceof Message)) return [];
    if (entry.attributes.length > 0) throw new Error(`${entry.id.name}: messages have no attributes here`);
    return entry.value ? [partsOf(entry.id.name, entry.value)] : [];
  });
}

function partsOf(id: string, pattern: Pattern): MessageParts {
  const values = new Map<string, ValueKind>();
  const variants: string[][] = [];
  const texts: string[] = [];
  const note = (expression: unknown, kind: ValueKind) => {
    const name = variableName(expression);
    // A name is "any" only until another use says more.
    if (name !== undefined && (kind !== "any" || !values.has(name))) values.set(name, kind);
  };

  function visitPattern(part: Pattern): void {
    // Placeables are written as in the source, so that tags with values can be compared.
    texts.push(part.elements.map(visitElement).join(""));
  }

  function visitElement(element: PatternElement): string {
    return element.type === "TextElement" ? element.value : visitExpression(element.expression);
  }

  function visitExpression(expression: Expression | { type: "Placeable"; expression: Expression }): string {
    switch (expression.type) {
      case "VariableReference":
        note(expression, "any");
        return `{$${expression.id.name}}`;
      case "FunctionReference":
        if (!(expression.id.name in KINDS))
          throw new Error(`${id}: no function is called ${expression.id.name}`);
        for (const argument of expression.arguments.positional)
          note(argument, KINDS[expression.id.name] ?? "any");
        return `{${expression.id.name}}`;
      case "SelectExpression": {
        const keys = expression.variants.map(({ key }) => (key.type === "Identifier" ? key.name : key.value));
        note(expression.selector, keys.some((key) => PLURALS.has(key)) ? "number" : "any");
        variants.push(keys);
        for (const variant of expression.variants) visitPattern(variant.value);
        return "{select}";
      }
      // A message stands alone, so that its values can be read off it.
      case "MessageReference":
      case "TermReference":
        throw new Error(`${id}: it refers to another message`);
      default:
        return `{${expression.type}}`;
    }
  }

  visitPattern(pattern);
  const whole = texts.join(" ");
  const tags = whole.match(/<\/?[a-z][^>]*>?/g) ?? [];
  return { id, values, tags, variants, text: whole.replace(/<[^>]*>|\{[^}]*\}/g, " ") };
}

function variableName(expression: unknown): string | undefined {
  const reference = expression as { type?: string; id?: { name: string } };
  return reference.type === "VariableReference" ? reference.id?.name : undefined;
}

const KINDS: Record<string, ValueKind> = {
  DURATION: "number",
  ABOUT: "number",
  NUMBER: "number",
  TIME: "Date",
  OR: "list",
};

const PLURALS = new Set(["zero", "one", "two", "few", "many", "other", "0", "1"]);
