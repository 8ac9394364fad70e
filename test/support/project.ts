/** A folder with an app of somebody else's, in which the package is installed: by links in place of copies. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { newFolder } from "./new-folder.js";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * An empty project.
 * @param packages what is installed besides Latchkey: names, or names with the folder of ours that they are found in
 */
export function linkedProject(packages: readonly (string | [name: string, from: string])[]): string {
  const folder = newFolder();
  const modules = path.join(folder, "node_modules");
  mkdirSync(path.join(modules, ".bin"), { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "name": "host", "private": true, "type": "module" }');
  symlinkSync(root, path.join(modules, "latchkey"));
  symlinkSync(path.join(root, "bin/latchkey.js"), path.join(modules, ".bin/latchkey"));
  for (const entry of packages) {
    const [name, from] = typeof entry === "string" ? [entry, entry] : entry;
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(root, "node_modules", from), path.join(modules, name));
  }
  return folder;
}

/**
 * An example with what its package.json names, each at that very version.
 * @param aliases where a package is in a folder of another name
 * @throws Error when another version is installed here
 */
export function exampleProject(name: string, aliases: Record<string, string> = {}): string {
  const example = path.join(root, "examples", name);
  const { dependencies }: { dependencies: Record<string, string> } = json(path.join(example, "package.json"));
  const packages = Object.entries(dependencies).filter(([dependency]) => dependency !== "latchkey");
  for (const [dependency, version] of packages) {
    const from = aliases[dependency] ?? dependency;
    const installed = json(path.join(root, "node_modules", from, "package.json")).version;
    if (installed !== version) throw new Error(`${name} wants ${dependency} ${version}, not ${installed}.`);
  }
  const folder = linkedProject(
    packages.map(([dependency]) => [dependency, aliases[dependency] ?? dependency]),
  );
  for (const file of readdirSync(example)) {
    if (file !== "node_modules" && file !== "data")
      cpSync(path.join(example, file), path.join(folder, file), { recursive: true });
  }
  return folder;
}

function json(file: string) {
  return JSON.parse(readFileSync(file, "utf8"));
}
