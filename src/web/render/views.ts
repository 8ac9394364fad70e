/** The views: EJS over our folder, and before it over that of the app that Latchkey is mounted in. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import ejs from "ejs";
import { PACKAGE_ROOT } from "../../package-root.js";

const OURS = path.join(PACKAGE_ROOT, "views");

/**
 * Makes a page of a view, `login` or `partials/foot`, and what it is given.
 * @throws Error that tells view and line; of ours in production only the view, in its stack
 */
export interface Render {
  (view: string, locals: object): string;
  /** Reads and compiles the views that cannot change, one at a time, so that no request waits for a first use. */
  prepare(): Promise<void>;
}

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
  const compiled = new Map<string, View>();
  // A host that is being written sees its own change.
  const isReadOnce = production || folder === undefined;

  function viewOf(name: string, from: string): View {
    const key = `${name} beside ${from}`;
    const known = views.get(key);
    if (known) return known;
    const view = compile(name, from);
    if (isReadOnce) views.set(key, view);
    return view;
  }

  function compile(name: string, from: string): View {
    // A compiled view stays good when its file is gone, as during an upgrade.
    const place = find(name, from, folders, (filename) => compiled.has(filename) || existsSync(filename));
    const filename = path.join(place.folder, place.view);
    const view = compiled.get(filename) ?? read(place, { production });
    if (isReadOnce) compiled.set(filename, view);
    return view;
  }

  function fillIn(view: View, locals: object): string {
    // EJS's own include looks for the file each time, and copies all that the view was given twice: half the cost of a page.
    const include = (name: string, more?: object) =>
      fillIn(viewOf(name, view.folder), more ? { ...locals, ...more } : locals);
    return view.fill({ __proto__: root, ...locals, include });
  }

  const render = (name: string, locals: object) => fillIn(viewOf(name, "."), locals);
  const prepare = async () => {
    if (!isReadOnce) return;
    const files = readdirSync(OURS, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ejs"))) {
      compile(file, ".");
      await turn();
    }
  };
  return Object.assign(render, { prepare });
}

interface Place {
  folder: string;
  view: string;
}

/** A name is looked for beside the view that includes it, then from the top; each time first in the host's folder. */
function find(name: string, from: string, folders: string[], isThere: (filename: string) => boolean): Place {
  const file = name.endsWith(".ejs") ? name : `${name}.ejs`;
  const places = [path.join(from, file), file].flatMap((view) => folders.map((folder) => ({ folder, view })));
  const place = places.find(({ folder, view }) => isThere(path.join(folder, view)));
  if (!place) throw new Error(`No view is called ${name}.`);
  return place;
}

function read(place: Place, { production }: { production: boolean }): View {
  const filename = path.join(place.folder, place.view);
  // To know the line of an error takes a tenth of the time, and ours are tried before they are released.
  const compileDebug = !production || place.folder !== OURS;
  const options = { filename, compileDebug, unsafePrototypeLocals: true };
  return { fill: ejs.compile(readFileSync(filename, "utf8"), options), folder: path.dirname(place.view) };
}
