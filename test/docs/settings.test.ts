/** Every setting stands in docs/settings.md and in .env.example, and no other does. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { VARIABLES } from "../../src/config/schema.js";

const root = new URL("../../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), "utf8");

it("docs/settings.md has a row for each", () => {
  const rows = [...read("docs/settings.md").matchAll(/^\| (`[A-Z_, `]+`) \|/gm)].flatMap(([, names]) =>
    [...(names ?? "").matchAll(/[A-Z_]+/g)].map(([name]) => name),
  );
  expect(rows.toSorted()).toEqual(VARIABLES.toSorted());
});

it(".env.example has a line for each", () => {
  const lines = [...read(".env.example").matchAll(/^#? ?([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(lines.toSorted()).toEqual(VARIABLES.toSorted());
});
