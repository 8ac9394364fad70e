/** The package: built from nothing, run as `npx latchkey` here and where it was installed. */
import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { copyOfTheCheckout } from "./support/checkout.js";

const execute = promisify(execFile);

let checkout: string;
beforeAll(async () => {
  checkout = await copyOfTheCheckout();
});

const run = async (cwd: string, command: string, ...args: string[]) =>
  (
    await execute(command, args, { cwd, env: { ...process.env, npm_config_update_notifier: "false" } })
  ).stdout.trim();

describe("the command", () => {
  it("says what to do where nothing is built yet", async () => {
    const refused = run(checkout, "npx", "--no", "latchkey", "secret");
    await expect(refused).rejects.toThrow(/nothing is built yet: run `npm run build` first/);
  });

  it("is executable after each of two builds from nothing, under its own name", async () => {
    for (let i = 0; i < 2; i++) {
      await run(checkout, "npm", "run", "build", "--silent");
      expect(await run(checkout, "npx", "--no", "latchkey", "hotp", "at", "base32secret3232", "1401")).toBe(
        "316439",
      );
      expect(await run(checkout, "./dist/cli.js", "hotp", "at", "base32secret3232", "0")).toBe("260182");
    }
  }, 120_000);

  it("works in a project that installed the packed package, pages and all", async () => {
    const project = path.join(checkout, "project");
    await mkdir(project);
    await writeFile(path.join(project, "package.json"), '{ "name": "project", "private": true }');
    const packed = await run(checkout, "npm", "pack", "--silent", "--pack-destination", project);
    await run(
      project,
      "npm",
      "install",
      "--silent",
      "--no-audit",
      "--ignore-scripts",
      "--prefer-offline",
      packed,
    );

    expect(await run(project, "npx", "--no", "latchkey", "hotp", "at", "base32secret3232", "1")).toBe(
      "055283",
    );
    const files = await readdir(path.join(project, "node_modules", "latchkey"));
    expect(files.sort()).toEqual(["LICENSE", "README.md", "bin", "dist", "package.json", "views"]);
    const { listening, stop } = await serve(project);
    const page = await fetch(`${listening}/login`);
    expect(page.status).toBe(200);
    const stylesheet = /href="(\/assets\/latchkey\.[0-9a-f]{8}\.css)"/.exec(await page.text())?.[1];
    expect((await fetch(`${listening}${stylesheet}`)).status).toBe(200);
    await stop();
  }, 180_000);
});

/** Starts the installed command and waits for the address that it prints. */
async function serve(project: string): Promise<{ listening: string; stop: () => Promise<void> }> {
  // Vitest sets a BASE_URL of its own, which is no origin.
  const env = { ...process.env, PORT: "0", BASE_URL: "" };
  const child = execFile("node_modules/.bin/latchkey", ["serve"], { cwd: project, env });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const listening = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (chunk: string) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(chunk)?.[0];
      if (address) resolve(address);
    });
    child.once("exit", (code) => reject(new Error(`latchkey serve ended with ${code}.`)));
  });
  return {
    listening,
    stop: () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}
