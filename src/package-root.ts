/** Where this package lies: the files of views/ and dist/public/ are found from here, from src/ as from dist/. */
import { fileURLToPath } from "node:url";

export const PACKAGE_ROOT = fileURLToPath(new URL("../", import.meta.url));
