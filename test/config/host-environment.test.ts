/** createLatchkey in an environment that has another program's settings under our names. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { VARIABLES } from "../../src/config/schema.js";
import { createLatchkey } from "../../src/public-api.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";

afterEach(() => vi.unstubAllEnvs());

/** Sets these settings in this process's environment, and removes all others of ours. */
function surroundedBy(env: Record<string, string>): void {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ NODE_ENV: "test", DATA_DIR: newFolder(), ...env }))
    vi.stubEnv(name, value);
}

function newLog() {
  const lines: { level: number; msg: string }[] = [];
  const log = pino(
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)));
        done();
      },
    }),
  );
  return { log, warnings: () => lines.filter(({ level }) => level === 40).map(({ msg }) => msg) };
}

const FOREIGN = [
  ["BASE_URL", "/"],
  ["BASE_URL", " / "],
  ["BASE_URL", "/app"],
  ["BASE_URL", "/app/"],
  ["BASE_URL", "../"],
  ["BASE_URL", "../app/"],
  ["DATABASE_URL", "file:./dev.db"],
  ["DATABASE_URL", "FILE:./dev.db"],
  ["DATABASE_URL", "sqlite:hunter2.db"],
  ["DATABASE_URL", "mysql://root:hunter2@localhost/app"],
  ["DATABASE_URL", "mongodb://root:hunter2@localhost/app"],
  ["DATABASE_URL", "mongodb+srv://root:hunter2@cluster.example.net/app"],
  ["DATABASE_URL", "sqlserver://localhost:1433;database=app;password=hunter2"],
  ["DATABASE_URL", "jdbc:postgresql://localhost/app?password=hunter2"],
  ["DATABASE_URL", "libsql://app.example.net?authToken=hunter2"],
] as const;

describe("a setting of the environment that is plainly another program's", () => {
  it.each(FOREIGN)("is ignored by createLatchkey, with a warning: %s=%s", async (name, value) => {
    surroundedBy({ [name]: value });
    const { log, warnings } = newLog();
    await (await createLatchkey({ log })).close();
    expect(warnings()).toEqual([
      expect.stringMatching(new RegExp(`^${name} in the environment is .* ignored`)),
    ]);
    expect(warnings().join()).not.toContain("hunter2");
    expect(existsSync(path.join(process.env.DATA_DIR ?? "", "latchkey.sqlite"))).toBe(true);
  });

  it("is ignored together with another", async () => {
    surroundedBy({ BASE_URL: "/", DATABASE_URL: "file:./dev.db" });
    const { log, warnings } = newLog();
    await (await createLatchkey({ log })).close();
    expect(warnings()).toHaveLength(2);
  });

  it.each(FOREIGN)("is an error in `settings` and on the command line: %s=%s", async (name, value) => {
    surroundedBy({});
    const settings = { DATA_DIR: newFolder(), [name]: value };
    await expect(createLatchkey({ settings, log: newLog().log })).rejects.toThrow(
      new RegExp(`- ${name} is `),
    );
    for (const argv of [["serve"], ["account", "list"]]) {
      const { exit, err } = await latchkey(argv, { env: settings });
      expect({ exit, err }).toEqual({ exit: 1, err: expect.stringContaining(`- ${name} is `) });
    }
  });
});

describe("a setting of the environment that may be meant for Latchkey", () => {
  it.each([
    ["BASE_URL", "//example.org"],
    ["BASE_URL", "example.org/app"],
    ["BASE_URL", "https://example.org/app"],
    ["DATABASE_URL", "localhost/latchkey"],
    ["DATABASE_URL", "localhost:5432/latchkey"],
    ["DATABASE_URL", "./data/latchkey.sqlite"],
    ["DATABASE_URL", "postgres:latchkey"],
    ["DATABASE_URL", "postgres://latchkey:a#b@localhost/latchkey"],
    ["PORT", ""],
    ["TRUST_PROXY", "1"],
  ])("is never ignored: %s=%s", async (name, value) => {
    surroundedBy({ [name]: value });
    const { log, warnings } = newLog();
    const started = createLatchkey({ log });
    if (name === "PORT") await (await started).close();
    else await expect(started).rejects.toThrow(new RegExp(`- ${name} `));
    expect(warnings()).toEqual([]);
  });

  it("is reported as missing in production when it was ignored", async () => {
    surroundedBy({ NODE_ENV: "production", BASE_URL: "/", TRUST_PROXY: "loopback" });
    await expect(createLatchkey({ log: newLog().log })).rejects.toThrow(/BASE_URL is required in production/);
  });
});
