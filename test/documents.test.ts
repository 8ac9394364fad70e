/** The documents tell the truth about what can be checked: links, commands, pages, tests. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { documented, kept } from "../bench/document.mjs";
import { EVENTS } from "../src/auth/index.js";
import { latchkey } from "./support/latchkey-command.js";
import { createWorld } from "./support/world.js";

const root = new URL("../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), "utf8");
const readme = read("README.md");

describe.each([
  "README.md",
  "docs/embed.md",
  "docs/events.md",
  "docs/forward-auth.md",
  "docs/how-it-works.md",
  "docs/operate.md",
  "docs/performance.md",
  "docs/server-clock.md",
  "docs/why-refused.md",
  "examples/express-app/README.md",
])("%s", (file) => {
  it("links only to files that exist", () => {
    const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map(([, link]) => link ?? "");
    const missing = links.filter((link) => !existsSync(fileURLToPath(new URL(link, new URL(file, root)))));
    expect(missing).toEqual([]);
  });
});

describe("README.md", () => {
  it("names every script of package.json that people run", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts).filter(
      (name) => name !== "prepack",
    );
    for (const name of scripts) expect(readme).toMatch(new RegExp(`npm (run )?${name}\\b`));
  });

  it("names every page of the URL table", async () => {
    const world = await createWorld();
    for (const [, path] of world.urls.pages) {
      expect(readme).toContain(`| \`${path}\``);
    }
    await world.close();
  });

  it("names every command", async () => {
    const { out } = await latchkey(["--help"]);
    const commands = [...out.matchAll(/^ {2}latchkey ([a-z]+(?: [a-z]+)?)/gm)].map(([, words]) => words);
    expect(commands.length).toBeGreaterThan(6);
    for (const words of commands) expect(readme).toContain(`latchkey ${words}`);
  });

  it("names every threat that has a test, and shows every screenshot", () => {
    for (const test of readdirSync(new URL("test/security/", root)))
      expect(readme).toContain(`test/security/${test}`);
    for (const picture of readdirSync(new URL("docs/screenshots/", root))) expect(readme).toContain(picture);
  });
});

describe("docs/events.md", () => {
  const rows = [
    ...read("docs/events.md").matchAll(
      /^\| `([a-z-]+)` \| ([^|]+) \| ([^|]*)\| (info|warning|critical) \| (yes|no) \|$/gm,
    ),
  ];

  it("has each type of the closed list once, with its severity and whether the history has it", () => {
    const told = rows.map(([, type, , , severity, inHistory]) => [type, severity, inHistory === "yes"]);
    const known = Object.entries(EVENTS).map(([type, facts]) => [type, facts.severity, facts.inHistory]);
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  it("names each reason that the code gives a recovery code, a delay and an unlocking", () => {
    const reasonsOf = (type: string) => rows.find(([, one]) => one === type)?.[3] ?? "";
    for (const reason of ["typo", "unknown", "used", "replaced"])
      expect(reasonsOf("recovery-code-refused")).toContain(`\`${reason}\``);
    for (const reason of ["delay", "lock"]) expect(reasonsOf("code-delayed")).toContain(`\`${reason}\``);
    expect(reasonsOf("account-unlocked")).toContain("`clock-ahead`");
  });
});

describe("docs/performance.md", () => {
  const performance = read("docs/performance.md");
  const made = documented(performance, kept());

  it("says what the kept results say, and nothing else stands in their places", () => {
    expect(made.markdown).toBe(performance);
  });

  it("has a place for every bench", () => {
    const benches = readdirSync(new URL("bench/", root), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !["run.mjs", "document.mjs"].includes(entry.name))
      .map(({ name }) => name.replace(/\.mjs$/, ""));
    expect(benches.length).toBeGreaterThan(4);
    for (const name of benches) expect(performance).toContain(`<!-- bench ${name} -->\n`);
  });

  it("shows every chart that is there, each as it is drawn from the results", () => {
    const folder = new URL("docs/performance/", root);
    const files = existsSync(fileURLToPath(folder)) ? readdirSync(folder) : [];
    expect(files.toSorted()).toEqual(Object.keys(made.charts).toSorted());
    for (const [file, svg] of Object.entries(made.charts)) {
      expect(read(`docs/performance/${file}`)).toBe(svg);
      expect(performance).toContain(`](performance/${file})`);
    }
  });
});
