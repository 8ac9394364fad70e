/** A host app's own messages, in place of ours: checked at the start, so that none breaks a page or brings in markup. */
import type { MessageParts } from "./syntax.js";

/**
 * Checks the option `messages` and returns Fluent source with them.
 * @param source the catalogue whose messages they replace
 * @throws Error in one sentence when one does not parse, has a value or an element that the original lacks, or names no message
 */
export async function checkedOverrides(
  messages: Readonly<Record<string, string>>,
  source: string,
): Promise<string> {
  const entries = Object.entries(messages);
  if (entries.length === 0) return "";
  // Loaded only here: hosts without messages of their own do not pay for it.
  const { parseMessages } = await import("./syntax.js");
  const originals = new Map(parseMessages(source).map((parts) => [parts.id, parts]));
  return entries
    .map(([id, text]) => {
      const original = originals.get(id);
      if (!original) throw new Error(`The option messages: no message is called ${id}.`);
      const fluent = asFluent(id, text);
      check(original, parse(id, fluent, parseMessages));
      return fluent;
    })
    .join("");
}

/** Fluent source for one message. Every line is indented, so that none can begin a message of its own. */
function asFluent(id: string, text: string): string {
  return `${id} =\n${text.replace(/^/gm, "    ")}\n`;
}

function parse(id: string, fluent: string, parseMessages: (source: string) => MessageParts[]): MessageParts {
  try {
    const [parts, ...others] = parseMessages(fluent);
    if (parts && others.length === 0) return parts;
  } catch (error) {
    throw new Error(`The option messages: ${id} does not parse as Fluent: ${(error as Error).message}.`);
  }
  throw new Error(`The option messages: ${id} is empty.`);
}

function check(original: MessageParts, { id, values, tags }: MessageParts): void {
  const newValue = [...values.keys()].find((name) => !original.values.has(name));
  if (newValue !== undefined)
    throw new Error(`The option messages: ${id} has { $${newValue} }, which the original lacks.`);
  const misused = [...values].find(([name, kind]) => kind !== "any" && kind !== original.values.get(name));
  if (misused)
    throw new Error(`The option messages: ${id} uses { $${misused[0]} } as what it is not, a ${misused[1]}.`);
  const newTag = tags.find((tag) => !original.tags.includes(tag));
  if (newTag !== undefined)
    throw new Error(`The option messages: ${id} has ${newTag}, which the original lacks.`);
  if (!isBalanced(tags)) throw new Error(`The option messages: ${id} does not close its elements.`);
}

/** Whether each element is closed, the innermost first. */
function isBalanced(tags: readonly string[]): boolean {
  const open: string[] = [];
  for (const tag of tags) {
    const name = /^<\/?([a-z]+)/.exec(tag)?.[1] ?? "";
    if (name === "br") continue;
    if (!tag.startsWith("</")) open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}
