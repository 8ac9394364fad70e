/** What TypeScript needs to know of build-assets.mjs. */
export function buildAssets(outDir?: string): Promise<Record<string, string>>;
