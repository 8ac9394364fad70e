/** README.md, the tour, the threats and the decisions: short, and complete. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { read, root } from "./document.js";

const readme = read("README.md");

describe("README.md", () => {
  it("has at most 120 lines", () => {
    expect(readme.split("\n").length - 1).toBeLessThanOrEqual(120);
  });

  it("names every script of package.json that people run", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts).filter(
      (name) => name !== "prepack",
    );
    for (const name of scripts) expect(readme).toMatch(new RegExp(`npm (run )?${name}\\b`));
  });

  it("links to every document for its reader", () => {
    const documents = readdirSync(new URL("docs/", root)).filter((file) => file.endsWith(".md"));
    for (const file of documents.filter((name) => name !== "README.md")) {
      expect(readme).toContain(`](docs/${file})`);
      expect(read("docs/README.md")).toContain(`](${file})`);
    }
  });
});

describe("docs/tour.md", () => {
  it("shows every screenshot", () => {
    const tour = read("docs/tour.md");
    for (const picture of readdirSync(new URL("docs/screenshots/", root))) {
      expect(tour).toContain(`](screenshots/${picture})`);
    }
  });
});

describe("docs/security.md", () => {
  it("names every threat that has a test", () => {
    const security = read("docs/security.md");
    for (const test of readdirSync(new URL("test/security/", root))) {
      expect(security).toContain(`](../test/security/${test})`);
    }
  });
});

describe("docs/decisions/", () => {
  const folder = readdirSync(new URL("docs/decisions/", root)).filter((file) => file !== "README.md");

  it.each(folder)(
    "lists %s, which has its date, context, decision, alternative, and effect or cost",
    (file) => {
      const text = read(`docs/decisions/${file}`);
      expect(read("docs/decisions/README.md")).toContain(`](${file})`);
      expect(text).toMatch(/^# \d+\. .+\n\n\d{4}-\d\d-\d\d\n/);
      for (const part of ["Context", "Decision", "Alternative"]) expect(text).toContain(`\n**${part}.** `);
      expect(text).toMatch(/\n\*\*(Effect|What it costs)\.\*\* /);
    },
  );
});
