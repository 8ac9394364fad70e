/** Parameters that say their type, where no column tells it: PostgreSQL takes a bare number for 32 bits. */
import { type RawBuilder, sql } from "kysely";

/** A time, or anything else that needs 64 bits. */
export function big<T extends number | null>(value: T | RawBuilder<T>): RawBuilder<T> {
  return sql<T>`cast(${value} as bigint)`;
}

export function whole(value: number | RawBuilder<number>): RawBuilder<number> {
  return sql<number>`cast(${value} as integer)`;
}

export function text<T extends string | null>(value: T | RawBuilder<T>): RawBuilder<T> {
  return sql<T>`cast(${value} as text)`;
}

/** The number of rows; PostgreSQL counts in 64 bits, which its drivers hand over as text. */
export const countRows = sql<number>`cast(count(*) as integer)`;
