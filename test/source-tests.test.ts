/** Every source file says where its tests are: by a test of the same name, or in its header. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const isThere = (file: string) => existsSync(new URL(file, root));

const sources = readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

/** The tests that a file's header names: `Tests: test/security/replay.test.ts, …` */
function testsNamedIn(source: string): string[] {
  const [header = ""] = /\/\*\*.*?\*\//s.exec(readFileSync(new URL(`src/${source}`, root), "utf8")) ?? [];
  const [, named = ""] = /Tests: (.*?)\s*\*\//s.exec(header) ?? [];
  return named.match(/test\/[\w/-]+\.test\.ts/g) ?? [];
}

describe("a source file", () => {
  it.each(sources)("has tests that can be found from it: %s", (source) => {
    const twin = `test/${source.replace(/\.ts$/, ".test.ts")}`;
    const named = testsNamedIn(source);
    expect(named.filter((test) => !isThere(test))).toEqual([]);
    expect(isThere(twin) || named.length > 0, "a test of the same name, or `Tests:` in the header").toBe(
      true,
    );
  });
});

/** Written by a test from the catalogue; nobody reads it in one sitting. */
const GENERATED = "catalogue/message-ids.ts";

describe("a file of the project", () => {
  const files = ["src/", "test/"].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(GENERATED))
      .map((file) => `${folder}${file}`),
  );

  it.each(files)("is read in one sitting: %s", (file) => {
    expect(readFileSync(new URL(file, root), "utf8").split("\n").length).toBeLessThanOrEqual(301);
  });
});
