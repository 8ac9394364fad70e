#!/usr/bin/env node
/**
 * The `latchkey` command: hands the process's streams, environment, clock and randomness to cli/run.ts.
 * Tests: test/package.test.ts
 */
import { randomBytes } from "node:crypto";
import { operatorName } from "./cli/operator-name.js";
import { runCli } from "./cli/run.js";
import { loadDotEnv } from "./config/dotenv.js";

// The reader of the output may stop early (`latchkey --help | head -1`), which is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") fail(`The output cannot be written: ${error.message}`);
});
process.stderr.on("error", () => {});

try {
  loadDotEnv(".env", process.env);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
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

function fail(message: string): never {
  process.stderr.write(`latchkey: ${message}\n`);
  process.exit(1);
}
