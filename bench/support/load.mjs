/** Generates load (closed loop): many requests over keep-alive connections, one at a time on each. */
import { Client } from "undici";
import { percentile } from "./rounds.mjs";

/**
 * Sends as many requests as the server can answer.
 * @param request { path, method, headers, body }, or a function that returns one for each request
 * @returns perSecond, p50 and p99 (ms), and statuses: the number of answers by status
 */
export async function load(origin, request, { connections = 16, seconds = 2 } = {}) {
  const took = [];
  const statuses = {};
  const began = performance.now();
  const until = began + seconds * 1_000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new Client(origin, { pipelining: 1 });
      while (performance.now() < until) {
        const start = performance.now();
        const status = await ask(client, typeof request === "function" ? request() : request);
        took.push(performance.now() - start);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
      await client.close();
    }),
  );
  const perSecond = took.length / ((performance.now() - began) / 1_000);
  return { perSecond, ...percentiles(took), statuses };
}

/** Sends one request, reads the body and ignores it. @returns the status */
export function ask(client, { path = "/", method = "GET", headers, body }) {
  return new Promise((resolve, reject) => {
    let status;
    client.dispatch(
      { path, method, headers, body },
      {
        onConnect() {},
        onHeaders(code) {
          status = code;
          return true;
        },
        onData: () => true,
        onComplete: () => resolve(status),
        onError: reject,
      },
    );
  });
}

/** p50, p99 and the maximum of some times (ms). */
export function percentiles(took) {
  const sorted = took.toSorted((one, other) => one - other);
  return { p50: percentile(sorted, 50), p99: percentile(sorted, 99), most: sorted.at(-1) };
}

/** Checks that every answer had this status, because a server that refuses quickly would look fast. @throws Error */
export function allWere(status, { statuses }) {
  const others = Object.keys(statuses).filter((one) => one !== String(status));
  if (others.length > 0) throw new Error(`Answered with ${others.join(", ")} in place of ${status}.`);
}
