/**
 * Messages: what code says to a person, as an id of the catalogue with its values. The language comes when the page is rendered.
 * Tests: test/web/catalogue/catalogue.test.ts, test/web/text/messages.test.ts
 */
import type { MessageArgs } from "./message-ids.js";
import type { Message } from "./values.js";

export type { Message, Value } from "./values.js";

export type MessageId = keyof MessageArgs & string;

/** What must be passed beside an id: nothing for a message without values. */
export type Args<Id extends MessageId> =
  Record<never, never> extends MessageArgs[Id] ? [] : [args: MessageArgs[Id]];

export function message<Id extends MessageId>(id: Id, ...[args]: Args<Id>): Message {
  return (args === undefined ? { id } : { id, args }) as Message;
}

/** As JSON, in which moments stay moments. */
export function serialiseMessage(message: Message): string {
  return JSON.stringify(message, function (this: Record<string, unknown>, key, value) {
    // JSON.stringify has already turned a Date into text; its holder still has the Date.
    const original = this[key];
    return original instanceof Date ? { [MOMENT]: original.getTime() } : value;
  });
}

/** What `serialiseMessage` made; undefined for any other text. The id may be one that this version does not know. */
export function parseMessage(text: string): Message | undefined {
  try {
    const parsed: unknown = JSON.parse(text, (_key, value) =>
      isMoment(value) ? new Date(value[MOMENT]) : value,
    );
    return typeof parsed === "object" && parsed !== null && "id" in parsed ? (parsed as Message) : undefined;
  } catch {
    return undefined;
  }
}

/** The key of a moment in JSON. No name of a value starts with a $. */
const MOMENT = "$moment";

function isMoment(value: unknown): value is { [MOMENT]: number } {
  return typeof value === "object" && value !== null && MOMENT in value && typeof value[MOMENT] === "number";
}
