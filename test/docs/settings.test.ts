/** docs/settings.md and .env.example list every setting, and no other. */
import { describe, expect, it } from "vitest";
import { VARIABLES } from "../../src/config/schema.js";
import { read } from "./document.js";

describe("docs/settings.md", () => {
  it("has a row for each setting", () => {
    const rows = [...read("docs/settings.md").matchAll(/^\| (`[A-Z_, `]+`) \|/gm)].flatMap(([, names]) =>
      [...(names ?? "").matchAll(/[A-Z_]+/g)].map(([name]) => name),
    );
    expect(rows.toSorted()).toEqual(VARIABLES.toSorted());
  });
});

describe(".env.example", () => {
  it("has a line for each setting", () => {
    const lines = [...read(".env.example").matchAll(/^#? ?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(lines.toSorted()).toEqual(VARIABLES.toSorted());
  });
});
