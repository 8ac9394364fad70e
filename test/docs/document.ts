/** The documents of this repository, as text. */
import { readFileSync } from "node:fs";

export const root = new URL("../../", import.meta.url);

/** @param file its path from the root, such as `docs/cli.md` */
export const read = (file: string) => readFileSync(new URL(file, root), "utf8");
