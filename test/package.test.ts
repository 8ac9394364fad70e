/** The command in a checkout: built from nothing, run as `npx latchkey`. example.test.ts runs the installed one. */
import { execFile } from "node:child_process";
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

describe("the command in a checkout", () => {
  it("says what to do when nothing is built yet", async () => {
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
});
