/** The test kit beside everything else: it reads no environment, leaves no file, and keeps no process from ending. */
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { VARIABLES } from "../../src/config/schema.js";
import { newFolder } from "../support/new-folder.js";
import { projectWithPackage, runNode } from "../support/packed.js";

const WALK = `
import express from "express";
import { createTestLatchkey } from "latchkey/testing";

const kit = await createTestLatchkey();
const app = express();
app.use("/sign-in", kit.latchkey.router);
app.get("/private", kit.latchkey.requireSession(), (_req, res) => res.end());
const server = app.listen(0);
const { cookie } = await kit.signIn(await kit.account());
const answer = await fetch(\`http://127.0.0.1:\${server.address().port}/private\`, { headers: { cookie } });
const page = await fetch(\`http://127.0.0.1:\${server.address().port}/sign-in/login\`);
console.log(JSON.stringify({ status: answer.status, page: page.status, isNamed: (await page.text()).includes("Latchkey") }));
`;

const PROGRAMS = {
  "closing.mjs": `${WALK}server.close(); await kit.close(); await kit.close();`,
  // The app's own server ends, the kit does not.
  "forgetting.mjs": `${WALK}server.close();`,
  "leaving.mjs": `${WALK}process.exit();`,
  "outage.mjs": `${WALK}server.close(); await kit.outage(() => kit.close());`,
};

let project: string;
beforeAll(() => {
  project = projectWithPackage(PROGRAMS);
});

/** Every file below a folder, but for node_modules. */
function filesIn(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((file) => !file.startsWith("node_modules")).sort();
}

describe("a process with a test kit in it", () => {
  it.each(Object.keys(PROGRAMS))("ends by itself, and leaves no file: %s", async (program) => {
    const before = filesIn(project);
    const TMPDIR = path.join(newFolder(), "tmp");
    mkdirSync(TMPDIR);
    const started = performance.now();
    const { exit, output } = await runNode(project, [program], { TMPDIR, HOME: TMPDIR });
    expect(JSON.parse(output)).toEqual({ status: 200, page: 200, isNamed: true });
    expect(exit).toBe(0);
    // No timer of ours holds it: the jobs of a server come every minute.
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(filesIn(project)).toEqual(before);
    expect(filesIn(TMPDIR)).toEqual([]);
  });

  it("reads nothing of a hostile environment, whatever is set", async () => {
    const env = Object.fromEntries(VARIABLES.map((name) => [name, "hostile\uFEFF"]));
    const { exit, output } = await runNode(project, ["closing.mjs"], env);
    expect(JSON.parse(output)).toEqual({ status: 200, page: 200, isNamed: true });
    expect(exit).toBe(0);
  });

  it("reads nothing of an environment that would work", async () => {
    const DATA_DIR = newFolder();
    const env = {
      DATA_DIR,
      APP_NAME: "Another",
      NODE_ENV: "production",
      LOG_LEVEL: "trace",
      METRICS_PORT: "1",
    };
    const { exit, output } = await runNode(project, ["closing.mjs"], env);
    expect(JSON.parse(output)).toEqual({ status: 200, page: 200, isNamed: true });
    expect(exit).toBe(0);
    expect(filesIn(DATA_DIR)).toEqual([]);
  });

  it("writes nothing to the database of settings that come along", async () => {
    const DATA_DIR = newFolder();
    const source = WALK.replace(
      "createTestLatchkey()",
      `createTestLatchkey({ settings: { DATA_DIR: ${JSON.stringify(DATA_DIR)}, DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" } })`,
    );
    const other = projectWithPackage({ "along.mjs": `${source}server.close(); await kit.close();` });
    const { exit, output } = await runNode(other, ["along.mjs"]);
    expect(JSON.parse(output).status).toBe(200);
    expect(exit).toBe(0);
    expect(filesIn(DATA_DIR)).toEqual([]);
  });
});

describe("the package", () => {
  it("lets no caller of createLatchkey bring a clock or a database", async () => {
    const { createLatchkey } = await import("../../src/public-api.js");
    expect(createLatchkey.length).toBe(0);
    await expect(createLatchkey({ clock: () => 0 } as never)).rejects.toThrow(/clock/);
  });
});
