/** The types of build.mjs, for TypeScript. */
export function buildIfStale(): void;
