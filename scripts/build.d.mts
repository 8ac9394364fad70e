/** What TypeScript needs to know of build.mjs. */
export function build(): Promise<void>;
export function buildIfStale(): Promise<void>;
