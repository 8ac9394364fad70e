/** docs/performance.md says what the results say: no number in it is typed by hand. */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { charts, filledIn, kept } from "../../bench/document.mjs";
import { read, root } from "./document.js";

const results = kept();

describe.each(["docs/performance.md", "bench/README.md"])("%s", (file) => {
  it("says what the results say, and nothing else in their places", () => {
    expect(filledIn(read(file), results)).toBe(read(file));
  });
});

describe("docs/performance.md", () => {
  it("has at most 120 lines", () => {
    expect(read("docs/performance.md").split("\n").length - 1).toBeLessThanOrEqual(120);
  });

  it("shows every chart, each as it is drawn from the results", () => {
    const drawn = charts(results);
    const folder = new URL("docs/performance/", root);
    const files = existsSync(fileURLToPath(folder)) ? readdirSync(folder) : [];
    expect(files.toSorted()).toEqual(Object.keys(drawn).toSorted());
    for (const [file, svg] of Object.entries(drawn)) {
      expect(read(`docs/performance/${file}`)).toBe(svg);
      expect(read("docs/performance.md")).toContain(`](performance/${file})`);
    }
  });
});

describe("bench/README.md", () => {
  it("has a place for every result, and for every bench", () => {
    const benches = readdirSync(new URL("bench/", root))
      .filter((file) => file.endsWith(".mjs") && !["run.mjs", "document.mjs"].includes(file))
      .map((file) => file.replace(/\.mjs$/, ""));
    expect(benches.length).toBeGreaterThan(4);
    for (const name of [...benches, ...results.map(({ name }) => name)]) {
      expect(read("bench/README.md")).toContain(`<!-- bench ${name} -->\n`);
    }
  });
});
