/** The shape of a message and of the values within one; `message` (message.ts) makes one whose values match its id. Tests: test/web/catalogue/catalogue.test.ts */

declare const checked: unique symbol;

/** A message with its values, in no language yet. */
export interface Message {
  readonly id: string;
  readonly args?: Readonly<Record<string, Value>>;
  /** Nothing but `message` makes one, so that an id and its values always match. */
  readonly [checked]: true;
}

/** A value within a message. Texts are escaped, numbers and moments formatted, and a list is joined ("a, b and c"). */
export type Value = string | number | Date | Message | readonly (string | Message)[];
