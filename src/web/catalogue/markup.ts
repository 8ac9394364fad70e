/**
 * Markup of messages: which parts of a text are tags, and how texts and values become safe HTML, or plain text again.
 */

/** A tag as messages have it: `<b>`, `</a>`, `<a href="…">`. */
const TAG = /<\/?[a-z][^>]*>/g;

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};
const CHARACTERS = new Map(Object.entries(ENTITIES).map(([character, entity]) => [entity, character]));

/** A value for HTML: as the content of an element, or within a quoted attribute. */
export function escapeValue(value: string): string {
  // Most values have nothing to escape, and testing is cheaper than replacing.
  return /[&<>"']/.test(value) ? value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "") : value;
}

/** HTML of the catalogue as plain text: without tags, with characters for entities. */
export function plainText(html: string): string {
  return html.replace(TAG, "").replace(/&(?:amp|lt|gt|#34|#39);/g, (entity) => CHARACTERS.get(entity) ?? "");
}

/**
 * Replaces the text outside tags in the parts of a message, in order. A tag may go over several parts: `<a href="`, a placeable,
 * `">`. @param parts the texts between placeables
 */
export function mapText(parts: readonly string[], change: (text: string) => string): string[] {
  let insideTag = false;
  return parts.map((part) => {
    let mapped = "";
    let rest = part;
    while (rest !== "") {
      const end = insideTag ? rest.indexOf(">") + 1 : rest.search(/<\/?[a-z]/);
      const length = end === -1 || (insideTag && end === 0) ? rest.length : end;
      const piece = rest.slice(0, length);
      mapped += insideTag ? piece : change(piece);
      rest = rest.slice(length);
      if (insideTag ? piece.endsWith(">") : rest !== "") insideTag = !insideTag;
    }
    return mapped;
  });
}
