/** Compares a language with the English catalogue. */
import type { MessageParts } from "../../src/web/catalogue/syntax.js";

/**
 * What a translation lacks or has too much, one sentence for each problem.
 * @param locale the tag of the language, whose plural categories count
 */
export function translationProblems(
  original: readonly MessageParts[],
  translation: readonly MessageParts[],
  locale: string,
): string[] {
  const translated = new Map(translation.map((parts) => [parts.id, parts]));
  const known = new Set(original.map(({ id }) => id));
  const extra = translation.filter(({ id }) => !known.has(id)).map(({ id }) => `${id} is no message`);
  return [...extra, ...original.flatMap((parts) => problemsOf(parts, translated.get(parts.id), locale))];
}

function problemsOf(original: MessageParts, translated: MessageParts | undefined, locale: string): string[] {
  const { id } = original;
  if (!translated) return [`${id} is missing`];
  const { pluralCategories } = new Intl.PluralRules(locale).resolvedOptions();
  return [
    ...differences([...original.values.keys()], [...translated.values.keys()]).map(
      (name) => `${id}: the value ${name}`,
    ),
    ...differences(new Set(original.tags), new Set(translated.tags)).map(
      (tag) => `${id}: the element ${tag}`,
    ),
    ...translated.variants
      .flatMap((keys) =>
        keys.includes("other") ? differences(pluralCategories, keys.filter(isCategory)) : [],
      )
      .map((category) => `${id}: the plural ${category}`),
  ];
}

function isCategory(key: string): boolean {
  return !/^\d+$/.test(key);
}

/** What is in one of them alone. */
function differences(one: Iterable<string>, other: Iterable<string>): string[] {
  const [first, second] = [new Set(one), new Set(other)];
  return [
    ...[...first].filter((item) => !second.has(item)),
    ...[...second].filter((item) => !first.has(item)),
  ];
}
