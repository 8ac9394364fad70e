/** What a person reads on a page, without its markup. */

const ENTITIES = new Map(
  Object.entries({ "&#39;": "'", "&amp;": "&", "&#34;": '"', "&lt;": "<", "&gt;": ">" }),
);

/** Cells, labels and values as words on one line, with a space wherever a tag stood. Entities stay as they are. */
export function wordsOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .replace(/ (?=[,.])/g, "")
    .trim();
}

/** Running text exactly as it is read: no tags, entities decoded, nothing of the head, templates or drawings. */
export function proseOf(html: string): string {
  return html
    .replace(/<(head|template|svg)\b.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, "")
    .replace(/&(#\d+|\w+);/g, (entity) => ENTITIES.get(entity) ?? entity)
    .replace(/\s+/g, " ")
    .trim();
}

/** The rows of the table under a heading: their words, and where the form of each row leads. @param id of the heading */
export function rowsUnder(id: string, html: string): { words: string; action: string }[] {
  const section = html.split(`<h2 id="${id}">`)[1]?.split("</section>")[0] ?? "";
  const table = /<tbody>(.*?)<\/tbody>/s.exec(section)?.[1] ?? "";
  return table
    .split("</tr>")
    .slice(0, -1)
    .map((row) => ({ words: wordsOf(row), action: /action="([^"]+)"/.exec(row)?.[1] ?? "" }));
}
