/** Renders EJS views: from the host app's folder, if it has the view, else from ours. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import ejs from "ejs";
import { PACKAGE_ROOT } from "../../package-root.js";

const OURS = path.join(PACKAGE_ROOT, "views");

/**
 * Renders a view, for example `login` or `partials/foot`, with its locals.
 * @throws Error that names view and line; for our views in production only the view, in its stack
 */
export interface Render {
  (view: string, locals: object): string;
  /** Compiles all views if they cannot change, one at a time, so that no request waits for a first use. */
  prepare(): Promise<void>;
}

/** A compiled view, and the folder where its includes are looked for first. */
interface View {
  fill: (locals: object) => string;
  folder: string;
}

declare module "ejs" {
  interface Options {
    /** Makes the view use its locals as they are, with their prototypes, not a copy without prototypes. */
    unsafePrototypeLocals?: boolean;
  }
}

/**
 * @param folder the host's views; one with the name of a view or partial of ours replaces it
 * @param shared locals of every view
 * @param production whether the host's views cannot change any more; ours never change
 * @throws Error in one sentence when there is no such folder
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
  // The prototype of all locals. It has no prototype itself, so that a polluted Object.prototype adds no names to views.
  const root: object = Object.assign(Object.create(null), shared);
  const views = new Map<string, View>();
  const compiled = new Map<string, View>();
  // In development a host's views are read each time, so that changes show.
  const isCached = production || folder === undefined;

  function fillIn(view: View, locals: object): string {
    return view.fill({ __proto__: root, ...locals, include: includeIn(view, locals) });
  }

  /**
   * Replaces EJS's own `include`, which looks for the file each time and copies all locals twice: half the cost of a page
   * (docs/decisions/018-our-ejs-include.md).
   */
  function includeIn(view: View, locals: object) {
    return (name: string, more?: object) =>
      fillIn(viewOf(name, view.folder), more ? { ...locals, ...more } : locals);
  }

  function viewOf(name: string, from: string): View {
    const key = `${name} beside ${from}`;
    const known = views.get(key);
    if (known) return known;
    const view = compile(name, from);
    if (isCached) views.set(key, view);
    return view;
  }

  function compile(name: string, from: string): View {
    // A compiled view stays valid when its file is gone, as during an upgrade.
    const place = find(name, from, folders, (filename) => compiled.has(filename) || existsSync(filename));
    const filename = path.join(place.folder, place.view);
    const view = compiled.get(filename) ?? read(place, { production });
    if (isCached) compiled.set(filename, view);
    return view;
  }

  const render = (name: string, locals: object) => fillIn(viewOf(name, "."), locals);
  const prepare = async () => {
    if (!isCached) return;
    const files = readdirSync(OURS, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ejs"))) {
      compile(file, ".");
      await nextTurn();
    }
  };
  return Object.assign(render, { prepare });
}

interface Place {
  folder: string;
  view: string;
}

/** Finds a view: beside the one that includes it, then from the top; in both places first in the host's folder. */
function find(name: string, from: string, folders: string[], isThere: (filename: string) => boolean): Place {
  const file = name.endsWith(".ejs") ? name : `${name}.ejs`;
  const places = [path.join(from, file), file].flatMap((view) => folders.map((folder) => ({ folder, view })));
  const place = places.find(({ folder, view }) => isThere(path.join(folder, view)));
  if (!place) throw new Error(`No view is called ${name}.`);
  return place;
}

function read(place: Place, { production }: { production: boolean }): View {
  const filename = path.join(place.folder, place.view);
  // Tracking the line for errors costs a tenth of the time. In production our own views go without: they are tested before release.
  const compileDebug = !production || place.folder !== OURS;
  const options = { filename, compileDebug, unsafePrototypeLocals: true };
  return { fill: ejs.compile(readFileSync(filename, "utf8"), options), folder: path.dirname(place.view) };
}
