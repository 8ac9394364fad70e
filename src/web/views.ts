/** The views: EJS over our folder, and before it over that of the app that Latchkey is mounted in. */
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import ejs from "ejs";
import { PACKAGE_ROOT } from "../package-root.js";

const OURS = path.join(PACKAGE_ROOT, "views");

/**
 * Makes a page of a view, `login` or `partials/foot`, and what it is given.
 * @throws Error that tells view and line; of ours in production only the view, in its stack
 */
export type Render = (view: string, locals: object) => string;

/** A view that was read: what fills it in, and the folder from which its includes are looked for. */
interface View {
  fill: (locals: object) => string;
  folder: string;
}

declare module "ejs" {
  interface Options {
    /** Looks names up in what the view is given as it is, prototypes too, in place of a copy without them. */
    unsafePrototypeLocals?: boolean;
  }
}

/**
 * @param folder the host's views: of two with the same name, partials too, this folder's is taken
 * @param shared what every view is given
 * @param production whether a host's views are as they will stay; ours always are
 * @throws Error with a sentence when there is no such folder
 */
export function createViews(
  folder: string | undefined,
  shared: Record<string, unknown>,
  { production }: { production: boolean },
): Render {
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`The folder of views ${folder} is not there.`);
  }
  const folders = folder === undefined ? [OURS] : [path.resolve(folder), OURS];
  // Where the names in a view are looked up last. It has no prototype: what somebody puts into Object.prototype is no name.
  const root: object = Object.assign(Object.create(null), shared);
  const views = new Map<string, View>();
  // A host that is being written sees its own change.
  const isReadOnce = production || folder === undefined;

  function viewOf(name: string, from: string): View {
    const key = `${name} beside ${from}`;
    const known = views.get(key);
    if (known) return known;
    const view = read(name, from, folders, { production });
    if (isReadOnce) views.set(key, view);
    return view;
  }

  function fillIn(view: View, locals: object): string {
    // EJS's own include looks for the file each time, and copies all that the view was given twice: half the cost of a page.
    const include = (name: string, more?: object) =>
      fillIn(viewOf(name, view.folder), more ? { ...locals, ...more } : locals);
    return view.fill({ __proto__: root, ...locals, include });
  }

  return (name, locals) => fillIn(viewOf(name, "."), locals);
}

/** A name is looked for beside the view that includes it, then from the top; each time first in the host's folder. */
function read(name: string, from: string, folders: string[], { production }: { production: boolean }): View {
  const file = name.endsWith(".ejs") ? name : `${name}.ejs`;
  const places = [path.join(from, file), file].flatMap((view) => folders.map((folder) => ({ folder, view })));
  const place = places.find(({ folder, view }) => existsSync(path.join(folder, view)));
  if (!place) throw new Error(`No view is called ${name}.`);
  const filename = path.join(place.folder, place.view);
  // To know the line of an error takes a tenth of the time, and ours are tried before they are released.
  const compileDebug = !production || place.folder !== OURS;
  const options = { filename, compileDebug, unsafePrototypeLocals: true };
  return { fill: ejs.compile(readFileSync(filename, "utf8"), options), folder: path.dirname(place.view) };
}
