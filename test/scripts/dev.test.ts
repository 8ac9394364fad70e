/** `npm run dev`: it serves what is changed, and a mistake does not stop it. */
import { spawn } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { copyOfTheCheckout } from "../support/checkout.js";

const WAIT = { timeout: 30_000, interval: 200 };

describe("npm run dev", () => {
  it("serves a changed page and changed code, and survives a syntax error", async () => {
    const checkout = await copyOfTheCheckout();
    const env = { ...process.env, NODE_ENV: "development", PORT: "0", BASE_URL: "" };
    const dev = spawn(process.execPath, ["scripts/dev.mjs"], { cwd: checkout, env });
    const stopped = new Promise((resolve) => dev.once("exit", resolve));
    onTestFinished(async () => {
      dev.kill("SIGTERM");
      await stopped;
    });
    let output = "";
    for (const stream of [dev.stdout, dev.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    const home = async () => {
      const address = [...output.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].at(-1)?.[0];
      return (await fetch(`${address}/`)).text();
    };
    // As editors save: the new text takes the place of the old file.
    const change = (file: string, from: string, to: string) => {
      const target = path.join(checkout, file);
      writeFileSync(`${target}.new`, readFileSync(target, "utf8").replace(from, to));
      renameSync(`${target}.new`, target);
    };

    await vi.waitFor(async () => expect(await home()).toContain("Sign in"), WAIT);
    change("views/home.ejs", '<%- t("home-sign-in") %></a>', "Come in</a>");
    await vi.waitFor(async () => expect(await home()).toContain("Come in</a>"), WAIT);
    change("views/home.ejs", "Come in</a>", "Step in</a>");
    await vi.waitFor(async () => expect(await home()).toContain("Step in</a>"), WAIT);

    change("src/web/pages/home.ts", 'title: message("home-title")', "title: ");
    await vi.waitFor(() => expect(output).toMatch(/The build failed: .*home\.ts/s), WAIT);
    expect(await home()).toContain("Step in</a>");
    change("src/web/pages/home.ts", "title: ", 'title: "Mended"');
    await vi.waitFor(async () => expect(await home()).toContain("<title>Mended"), WAIT);
  }, 120_000);
});
