/** The package's root folder, from which views/ and dist/public/ are found; the same for src/ and dist/. */
import { fileURLToPath } from "node:url";

export const PACKAGE_ROOT = fileURLToPath(new URL("../", import.meta.url));
