/** Queries that are put together once and asked often: Kysely takes longer to build one than SQLite to answer it. */
import {
  type Compilable,
  type CompiledQuery,
  type Kysely,
  type QueryResult,
  type RawBuilder,
  sql,
} from "kysely";
import type { Tables } from "./tables.js";

/** Stands in a query for one of its values. */
export type Value<V> = <K extends keyof V & string>(name: K) => RawBuilder<V[K]>;

/** The same among the parameters. */
class Place {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A query that gets its values each time that it is asked; all else of it is the same every time.
 * @param build is called once for each open database
 */
export function prepared<V extends object, O>(
  build: (db: Kysely<Tables>, value: Value<V>) => Compilable<O>,
): (db: Kysely<Tables>, values: V) => Promise<QueryResult<O>> {
  const built = new WeakMap<object, CompiledQuery<O>>();
  return (db, values) => {
    // It is the same for a database and for all transactions on it.
    const { adapter } = db.getExecutor();
    let query = built.get(adapter);
    if (!query) {
      query = build(db, (name) => sql`${new Place(name)}`).compile();
      built.set(adapter, query);
    }
    const parameters = query.parameters.map((one) =>
      one instanceof Place ? Reflect.get(values, one.name) : one,
    );
    return db.executeQuery({ ...query, parameters });
  };
}
