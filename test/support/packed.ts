/** A project with the package installed, as npm would install it, and everything else that this repository has. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { newFolder } from "./new-folder.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A new project with these files. @param files their texts by their names */
export function projectWithPackage(files: Record<string, string>): string {
  const folder = newFolder();
  const modules = path.join(folder, "node_modules");
  const latchkey = path.join(modules, "latchkey");
  mkdirSync(latchkey, { recursive: true });
  for (const name of ["package.json", "bin", "dist", "locales", "views"]) {
    cpSync(path.join(root, name), path.join(latchkey, name), { recursive: true });
  }
  for (const name of readdirSync(path.join(root, "node_modules"))) {
    if (name !== "latchkey") symlinkSync(path.join(root, "node_modules", name), path.join(modules, name));
  }
  writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "app", private: true, type: "module" }),
  );
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

/** Runs `node ARGV` in a project, without the settings of this run. @returns the exit code and everything that it printed */
export async function runNode(
  project: string,
  argv: string[],
  env: Record<string, string> = {},
): Promise<{ exit: number | null; output: string }> {
  const child = spawn(process.execPath, argv, { cwd: project, env: { PATH: process.env.PATH, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exit, output };
}
