/** `npm start`: builds what is missing or stale, then serves. */
import { existsSync } from "node:fs";
import { buildIfStale } from "./build.mjs";

try {
  buildIfStale();
} catch {
  // The build has said what is wrong.
  process.exit(1);
}
if (existsSync(".env")) process.loadEnvFile(".env");
const { main, startProblem } = await import("../dist/main.js");
try {
  await main(process.env);
} catch (error) {
  process.stderr.write(`latchkey: ${startProblem(error)}\n`);
  process.exit(1);
}
