/** A process that asks for a few pages again and again, at a steady pace, and prints how long it waited: ORIGIN COOKIE SECONDS. */
import { Client } from "undici";
import { ask, percentiles } from "./load.mjs";

const EVERY_MS = 50;
/** In the beginning this process itself is slow. */
const WARM_UP_MS = 1_000;

const [origin, cookie, seconds] = process.argv.slice(2);
const began = performance.now();
const until = began + Number(seconds) * 1_000;
const took = [];

await Promise.all(
  ["/login", "/auth/verify", "/account"].map(async (path, index) => {
    const headers = path === "/login" ? {} : { cookie };
    const client = new Client(origin, { pipelining: 1 });
    // Not all in the same breath: then each would wait for the others.
    for (let due = began + (index * EVERY_MS) / 3; due < until; due += EVERY_MS) {
      const now = performance.now();
      if (due > now) await new Promise((resolve) => setTimeout(resolve, due - now));
      const status = await ask(client, { path, headers });
      if (status !== 200) throw new Error(`${path}: ${status}.`);
      // From when it was due: whoever comes while another waits is kept waiting, too.
      if (due > began + WARM_UP_MS) took.push(performance.now() - due);
    }
    await client.close();
  }),
);
console.log(JSON.stringify({ ...percentiles(took), count: took.length }));
