/** What TypeScript needs to know of postgres.mjs. */
export function findPostgres(): Promise<string>;
