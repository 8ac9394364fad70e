/** `npm start`: builds what is missing or stale, then serves. */
import { existsSync } from "node:fs";
import { buildIfStale } from "./build.mjs";

await buildIfStale();
if (existsSync(".env")) process.loadEnvFile(".env");
const { main, startProblem } = await import("../dist/main.js");
try {
  await main(process.env);
} catch (error) {
  process.stderr.write(`latchkey: ${startProblem(error)}\n`);
  process.exit(1);
}
