/**
 * Generates load (open loop): sends requests at planned times, also while earlier ones are waiting, so that a slow server gets
 * no relief.
 */
import { Pool } from "undici";
import { ask } from "./load.mjs";

/**
 * Sends a number of requests per second, evenly spaced.
 * @param requests functions that return { path, method, headers, body }, called in turn
 * @returns for each function its answers: [{ ms, status }]; ms counts from the planned time, so that no wait is hidden; status
 * is the error's   code if there was no answer
 */
export async function openLoop(origin, requests, { perSecond, seconds }) {
  // An unlimited number of connections: a request that waits for a free one would relieve the server.
  const pool = new Pool(origin, { pipelining: 1, connections: null });
  const answers = requests.map(() => []);
  const began = performance.now();
  const pending = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const planned = began + (n * 1_000) / perSecond;
    const early = planned - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const turn = n % requests.length;
    const note = (status) => answers[turn].push({ ms: performance.now() - planned, status });
    pending.push(ask(pool, requests[turn]()).then(note, (error) => note(error.code ?? error.name)));
  }
  await Promise.all(pending);
  await pool.close();
  return answers;
}
