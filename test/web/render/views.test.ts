/** Views: how an include is found, what it is given, and what an error says. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createViews } from "../../../src/web/render/views.js";
import { newFolder } from "../../support/new-folder.js";

const views = (files: Record<string, string>, production = true) =>
  createViews(newFolder(files), { shared: "what all get" }, { production });

describe("a view", () => {
  it("finds an include beside the view first, then from the top", () => {
    const render = views({
      "page.ejs": '<%- include("two") %>, <%- include("parts/one") %>',
      "parts/one.ejs": '<%- include("two") %>, <%- include("top") %>, <%- include("parts/two.ejs") %>',
      "parts/two.ejs": "beside",
      "two.ejs": "another two",
      "top.ejs": "from the top",
    });
    expect(render("page", {})).toBe("another two, beside, from the top, beside");
  });

  it("tells two includes apart when folder and name together read alike", () => {
    const render = views({
      "page.ejs": '<%- include("a/one") %>, <%- include("a/x/two") %>',
      "a/one.ejs": '<%- include("x/y") %>',
      "a/x/two.ejs": '<%- include("y") %>',
      "x/y.ejs": "x/y from the top",
      "y.ejs": "y from the top",
    });
    expect(render("page", {})).toBe("x/y from the top, y from the top");
  });

  it("keeps what an include is given inside it", () => {
    const render = views({
      "page.ejs": '<%- include("part", { more: "more" }) %>, <%- include("part") %>, <%= locals.more %>',
      "part.ejs": "<%= mine %> <%= locals.more %> <%= shared %>",
    });
    const locals = Object.freeze({ mine: "mine" });
    expect(render("page", locals)).toBe("mine more what all get, mine  what all get, ");
  });

  it("knows no name that every object has, even when somebody has planted it", () => {
    Object.assign(Object.prototype, { planted: "planted" });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, "planted"));
    const render = views({
      "page.ejs": "<%= locals.planted %>|<%= locals.toString %>|<%= locals.constructor %>",
    });
    expect(render("page", {})).toBe("||");
    expect(render("page", JSON.parse('{ "__proto__": { "planted": 1 } }'))).toBe("||");
  });

  it.each([
    ["in production", true],
    ["in development", false],
  ])("names file and line of an error in a host's view %s", (_, production) => {
    const render = views(
      { "page.ejs": '<%- include("part") %>', "part.ejs": "<p>\n<%= missing %>" },
      production,
    );
    expect(() => render("page", {})).toThrow(/part\.ejs:2[\s\S]*missing is not defined/);
    expect(() => render("nowhere", {})).toThrow("No view is called nowhere.");
  });

  it("is read for each page in development, and once in production", () => {
    for (const production of [true, false]) {
      const folder = newFolder({ "page.ejs": "before" });
      const render = createViews(folder, {}, { production });
      expect(render("page", {})).toBe("before");
      writeFileSync(path.join(folder, "page.ejs"), "after");
      expect(render("page", {})).toBe(production ? "before" : "after");
    }
  });
});
