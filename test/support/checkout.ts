/** A copy of the checkout with the same packages, which a test may build and change while others use the real one. */
import { cp, readdir, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { newFolder } from "./new-folder.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const LEFT_OUT = ["node_modules", "dist", "data", ".git", ".env"];

export async function copyOfTheCheckout(): Promise<string> {
  const checkout = newFolder();
  const kept = (await readdir(root)).filter((name) => !LEFT_OUT.includes(name) && !name.startsWith("dist."));
  for (const name of kept) await cp(path.join(root, name), path.join(checkout, name), { recursive: true });
  await symlink(path.join(root, "node_modules"), path.join(checkout, "node_modules"));
  return checkout;
}
