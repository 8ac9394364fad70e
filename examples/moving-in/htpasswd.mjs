/**
 * Makes JSON lines for `latchkey account import` out of a password file of Apache or nginx.
 *
 *   node htpasswd.mjs < .htpasswd > people.jsonl
 */
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const colon = line.indexOf(":");
  if (line.startsWith("#") || colon < 0) continue;
  console.log(JSON.stringify({ username: line.slice(0, colon), passwordHash: line.slice(colon + 1).trim() }));
}
