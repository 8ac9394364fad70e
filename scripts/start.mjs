/** `npm start`: builds dist/ if it is missing or stale, then serves. */
import { buildIfStale } from "./build.mjs";

try {
  buildIfStale();
} catch {
  // The build has printed what is wrong.
  process.exit(1);
}
const { start } = await import("../dist/main.js");
await start();
