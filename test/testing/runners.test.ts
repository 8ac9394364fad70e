/** The test kit under the runners of apps, from ES modules and from CommonJS. The tests that run there are those of docs/testing.md. */
import { beforeAll, describe, expect, inject, it } from "vitest";
import { read } from "../docs/document.js";
import { projectWithPackage, runNode } from "../support/packed.js";
import { skipWithout } from "../support/skip.js";

const snippets: Record<string, string> = Object.fromEntries(
  [...read("docs/testing.md").matchAll(/^```js title="([^"]+)"\n(.*?)^```$/gms)].map(([, title, text]) => [
    title,
    text,
  ]),
);

const commonJs = snippets["notes.test.cjs"] ?? "";

/** The test of CommonJS as an ES module. */
const asModule = commonJs
  .replace("const { createTestLatchkey } = require(", "import { createTestLatchkey } from ")
  .replace(/const (express|request) = require\(/g, "import $1 from ")
  .replaceAll('");', '";');

/** The same for node:test, which gives no globals. */
const forNode = `
const { before: beforeAll, after: afterAll, test } = require("node:test");
const expect = (found) => ({ toEqual: (wanted) => require("node:assert").deepEqual(found, wanted) });
${commonJs}`;

/** A test of Vitest for an app in CommonJS, which requires its Latchkey itself. */
const requiring = `
import { createRequire } from "node:module";
import { expect, test } from "vitest";
test("requires the same Latchkey as it imports", async () => {
  const require = createRequire(import.meta.url);
  expect(require("latchkey/testing").createTestLatchkey).toBe((await import("latchkey/testing")).createTestLatchkey);
  expect(require("latchkey").createLatchkey).toBe((await import("latchkey")).createLatchkey);
});`;

const JEST = "node_modules/jest/bin/jest.js";
const VITEST = ["node_modules/vitest/vitest.mjs", "run"];

const RUNNERS: [what: string, argv: string[], passed: RegExp][] = [
  ["node:test, ES modules", ["--test", "notes.test.js"], /pass 2/],
  ["node:test, CommonJS", ["--test", "node.test.cjs"], /pass 1/],
  ["Vitest, ES modules", [...VITEST, "supertest.test.js"], /3 passed/],
  ["Vitest, an app in CommonJS", [...VITEST, "requiring.test.js"], /1 passed/],
  ["Jest, CommonJS, without a flag", [JEST, "notes.test.cjs"], /1 passed/],
  ["Jest, ES modules", ["--experimental-vm-modules", JEST, "module.test.mjs"], /1 passed/],
];

let project: string;
beforeAll(() => {
  project = projectWithPackage({
    ...snippets,
    "node.test.cjs": forNode,
    "module.test.mjs": asModule,
    "requiring.test.js": requiring,
  });
});

describe("the test kit", () => {
  it.each(RUNNERS)("works under %s, and lets the run end", async (_runner, argv, passed) => {
    const { exit, output } = await runNode(project, argv, { NO_COLOR: "1" });
    expect(output).toMatch(passed);
    expect(output).not.toMatch(/did not exit|open handle|force exit/i);
    expect(exit).toBe(0);
  });

  it("works with Playwright", async () => {
    const chromium = inject("chromium");
    if ("problem" in chromium) skipWithout(chromium.problem);
    const argv = ["--test", "playwright.test.js"];
    const { exit, output } = await runNode(project, argv, { CHROMIUM: chromium.path });
    expect(output).toMatch(/pass 2/);
    expect(exit).toBe(0);
  });
});

describe("docs/testing.md", () => {
  it("has no snippet that nothing runs", () => {
    const run = RUNNERS.flatMap(([, argv]) => argv);
    expect(
      Object.keys(snippets)
        .filter((title) => !run.includes(title))
        .sort(),
    ).toEqual(["app.js", "playwright.test.js"]);
  });
});
