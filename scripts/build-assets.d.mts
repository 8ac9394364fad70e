/** The types of build-assets.mjs, for TypeScript. */
export function buildAssets(outDir?: string): Promise<Record<string, string>>;
