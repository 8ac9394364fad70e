/** The view engine: EJS over our folder of views, and before it over that of the app that Latchkey is mounted in. */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import ejs from "ejs";
import type { Express } from "express";
import { PACKAGE_ROOT } from "../package-root.js";

const OURS = path.join(PACKAGE_ROOT, "views");

/**
 * @param folder the host's views: of two with the same name, partials too, this folder's is taken
 * @throws Error with a sentence when there is no such folder
 */
export function useViews(app: Express, folder: string | undefined, { cache }: { cache: boolean }): void {
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`The folder of views ${folder} is not there.`);
  }
  const views = folder === undefined ? [OURS] : [path.resolve(folder), OURS];
  // An include is looked for beside the view that has it, and one of ours would never find the host's.
  const includer = (name: string, found: string | undefined) => {
    const inOurs = found?.startsWith(OURS + path.sep) ? path.relative(OURS, found) : undefined;
    const instead = inOurs && folder !== undefined ? path.resolve(folder, inOurs) : undefined;
    const filename = instead && existsSync(instead) ? instead : found;
    if (filename === undefined) throw new Error(`No view is called ${name}.`);
    return { filename };
  };
  app.engine(
    "ejs",
    (file, locals, done) => void ejs.renderFile(file, locals, { views, cache, includer }, done),
  );
  app.set("view engine", "ejs");
  app.set("views", views);
  app.set("view cache", cache);
}
