/** The source of all views: what no single request can show. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const folder = new URL("../views/", import.meta.url);
const views = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ejs"),
);

describe("the views", () => {
  it("name our addresses only by link() or asset(), because the host decides where they are mounted", () => {
    expect(views.length).toBeGreaterThan(25);
    const bare = views.flatMap((name) => {
      const text = readFileSync(new URL(name, folder), "utf8");
      return [...text.matchAll(/(?:href|action|src)(?:="|: ["`])\/[^"`]*/g)].map(
        ([found]) => `${name}: ${found}`,
      );
    });
    expect(bare).toEqual([]);
  });
});
