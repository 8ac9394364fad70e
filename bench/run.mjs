/** `npm run bench`: runs every bench, or the named ones (`npm run bench -- start-up`); `--write` updates docs/performance.md. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { machine } from "./support/machine.mjs";

/** The benches: each is a file in this folder that prints its results. */
const BENCHES = [
  "login-page",
  "sign-in",
  "code-check",
  "messages",
  "verify",
  "flood",
  "hostile-input",
  "bytes",
  "start-up",
  "scale-out",
  "diagnosis",
  "guessing",
];
/** Long benches, which run only by name. */
const LONG = ["growth"];

const named = process.argv.slice(2).filter((word) => word !== "--write");
const env = { ...process.env };
if (process.argv.includes("--write")) env.BENCH_RESULTS = fileURLToPath(new URL("results/", import.meta.url));

const known = [...BENCHES, ...LONG];
const unknown = named.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(", ")}: there are ${known.join(", ")}.\n`);
  process.exit(2);
}
console.log(machine());
for (const name of named.length > 0 ? named : BENCHES) {
  console.log(`\n${name}`);
  run(name);
}
if (env.BENCH_RESULTS) run("document");

function run(name) {
  const script = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  execFileSync(process.execPath, [script], { stdio: "inherit", env });
}
