/** What TypeScript needs to know of build.mjs. */
export function buildIfStale(): void;
