/** Compiles a part of src/ for a bench, as the product runs it, into a folder that is deleted when the process ends. */
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folders = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The exports of a source file, for example `compiled("src/auth/authenticators/diagnosis.ts")`. */
export async function compiled(entry) {
  // Inside the project, so that its imports are found.
  const folder = mkdtempSync(path.join(root, "node_modules", ".latchkey-bench-"));
  folders.push(folder);
  const bundle = await rolldown({
    cwd: root,
    input: { entry },
    platform: "node",
    external: (id) => !/^[./]/.test(id) && !path.isAbsolute(id),
  });
  await bundle.write({ dir: folder, format: "esm" });
  await bundle.close();
  return import(pathToFileURL(path.join(folder, "entry.js")).href);
}
