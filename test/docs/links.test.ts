/** Every link in a document leads to a file, and to a heading of it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { read, root } from "./document.js";

const DOCUMENTS = [
  ...readdirSync(root).filter((file) => file.endsWith(".md")),
  ...readdirSync(new URL("docs/", root), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
  "bench/README.md",
  ...readdirSync(new URL("examples/", root))
    .map((example) => `examples/${example}/README.md`)
    .filter((file) => existsSync(new URL(file, root))),
];

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

describe("the links of the documents", () => {
  it.each(DOCUMENTS)("lead to what exists in %s", (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link ?? "");
    const broken = links.filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = new URL(path, new URL(file, root));
      if (!existsSync(fileURLToPath(target))) return true;
      if (anchor === undefined) return false;
      const headings = [...readFileSync(target, "utf8").matchAll(/^#+ (.+)$/gm)].map(
        ([, text]) => text ?? "",
      );
      return !headings.map(anchorOf).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
