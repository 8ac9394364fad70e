/** Peer: password hashes alone, one after the other: the upper limit for every sign-in that hashes one at a time. */
import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

const [seconds] = process.argv.slice(2).map(Number);
const PASSWORD = "seven tall ships at anchor";
const stored = await hash(PASSWORD, {
  algorithm: 2,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  salt: randomBytes(16),
});
const until = performance.now() + seconds * 1_000;
const took = [];
const before = process.cpuUsage();
while (performance.now() < until) {
  const start = performance.now();
  await verify(stored, PASSWORD);
  took.push(performance.now() - start);
}
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ took, processorMs: (user + system) / 1_000 / took.length }));
