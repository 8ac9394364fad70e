/** The views as they are written: what no request can show of all of them. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const folder = new URL("../views/", import.meta.url);
const views = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ejs"),
);

it("name no address of ours but by link() or asset(): where they are mounted is the host's affair", () => {
  expect(views.length).toBeGreaterThan(25);
  const bare = views.flatMap((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    return [...text.matchAll(/(?:href|action|src)(?:="|: ["`])\/[^"`]*/g)].map(
      ([found]) => `${name}: ${found}`,
    );
  });
  expect(bare).toEqual([]);
});
