/** The types of postgres.mjs, for TypeScript. */
export function findPostgres(): Promise<string>;
