/** Requests at times that were planned, whatever becomes of those before: a server that is slow is not spared the next. */
import { Pool } from "undici";
import { ask } from "./load.mjs";

/**
 * Sends so many a second, evenly.
 * @param requests functions that make { path, method, headers, body }, whose turns follow each other
 * @returns for each of them its answers: [{ ms, status }]; ms counts from the planned time, so that no wait is hidden; status
 *   is the error's code where there was no answer
 */
export async function openLoop(origin, requests, { perSecond, seconds }) {
  // As many connections as it takes: whoever waits for one would be spared the server.
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
