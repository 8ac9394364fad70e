#!/usr/bin/env node
/** The `latchkey` command as npm links it: here in a checkout too, where dist/ comes and goes. */
import { existsSync } from "node:fs";

const built = new URL("../dist/cli.js", import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write("latchkey: nothing is built yet: run `npm run build` first.\n");
  process.exitCode = 1;
}
