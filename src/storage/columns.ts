/**
 * Casts parameters to a column type where PostgreSQL cannot infer it: it reads a bare number as 32 bits.
 * Tests: test/storage/store.test.ts
 */
import { type RawBuilder, sql } from "kysely";

/** A 64-bit integer: times in milliseconds, time steps. */
export function int64<T extends number | null>(value: T | RawBuilder<T>): RawBuilder<T> {
  return sql<T>`cast(${value} as bigint)`;
}

/** A 32-bit integer. */
export function int32(value: number | RawBuilder<number>): RawBuilder<number> {
  return sql<number>`cast(${value} as integer)`;
}

export function text<T extends string | null>(value: T | RawBuilder<T>): RawBuilder<T> {
  return sql<T>`cast(${value} as text)`;
}

/** The number of rows, cast because PostgreSQL counts in 64 bits, which drivers return as text. */
export const countRows = sql<number>`cast(count(*) as integer)`;
