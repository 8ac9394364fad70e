/** Compiles frequent queries once and caches them: Kysely takes longer to build a query than SQLite to answer it. */
import {
  type Compilable,
  type CompiledQuery,
  type Kysely,
  type QueryResult,
  type RawBuilder,
  sql,
} from "kysely";
import type { Tables } from "./tables.js";

/** Makes a placeholder for one value of a query, by the value's name. */
export type Value<V> = <K extends keyof V & string>(name: K) => RawBuilder<V[K]>;

/** A placeholder among a compiled query's parameters. */
class Placeholder {
  constructor(readonly name: string) {}
}

/**
 * Returns a function that runs a query with new values each time. Everything else in the query must be the same every time.
 * @param build builds the query; it is called once for each open database
 */
export function compiled<V extends object, O>(
  build: (db: Kysely<Tables>, value: Value<V>) => Compilable<O>,
): (db: Kysely<Tables>, values: V) => Promise<QueryResult<O>> {
  const compiled = new WeakMap<object, CompiledQuery<O>>();
  return (db, values) => {
    // A database and all transactions on it share one adapter.
    const { adapter } = db.getExecutor();
    let query = compiled.get(adapter);
    if (!query) {
      query = build(db, (name) => sql`${new Placeholder(name)}`).compile();
      compiled.set(adapter, query);
    }
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? Reflect.get(values, parameter.name) : parameter,
    );
    return db.executeQuery({ ...query, parameters });
  };
}
