/** `npm run bench`: every bench, or those that are named: `npm run bench -- start-up`. */
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";

/** Each a file of this folder that prints its results. */
const BENCHES = ["start-up", "diagnosis", "guessing"];

const named = process.argv.slice(2);
const unknown = named.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(", ")}: there are ${BENCHES.join(", ")}.\n`);
  process.exit(2);
}
console.log(
  `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}`,
);
for (const name of named.length > 0 ? named : BENCHES) {
  console.log(`\n${name}`);
  const script = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  execFileSync(process.execPath, [script], { stdio: "inherit" });
}
