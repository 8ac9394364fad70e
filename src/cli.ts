#!/usr/bin/env node
/** The `latchkey` command: hands the process's streams, environment, clock and randomness to cli/run.ts. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { operatorName } from "./cli/operator-name.js";
import { runCli } from "./cli/run.js";

// Whoever reads the output may stop early (`latchkey --help | head -1`): that is no failure, and nothing to report.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") fail("The output cannot be written", error);
});
process.stderr.on("error", () => {});

try {
  if (existsSync(".env")) process.loadEnvFile(".env");
} catch (error) {
  fail("The file .env cannot be read", error);
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  now: Date.now,
  random: randomBytes,
  operator: () => operatorName(process.env),
});

function fail(what: string, error: unknown): never {
  process.stderr.write(`latchkey: ${what}: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
