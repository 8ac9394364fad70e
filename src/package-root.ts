/**
 * The package's root folder, from which views/ and dist/public/ are found; the same for src/ and dist/.
 * Tests: test/package.test.ts
 */
import { fileURLToPath } from "node:url";

export const PACKAGE_ROOT = fileURLToPath(new URL("../", import.meta.url));
