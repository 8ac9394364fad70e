/** Requests pages from a separate process, so that a busy bench does not make the server look slow. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Warm-up: at first the probing process itself is slow. */
const WARM_UP_SECONDS = 2;

/**
 * Starts the probing process.
 * @param pages [{ path, headers }], each requested equally often
 * @returns probe(seconds) → for each page its answers, as from openLoop; and stop()
 */
export async function startProbes(origin, pages, perSecond) {
  const child = fork(fileURLToPath(new URL("probe.mjs", import.meta.url)));
  const stop = () => child.kill("SIGKILL");
  process.once("exit", stop);
  const probe = (seconds) => {
    child.send({ origin, pages, perSecond, seconds });
    return new Promise((resolve) => child.once("message", resolve));
  };
  await probe(WARM_UP_SECONDS);
  return { probe, stop };
}

/** Three representative requests: a stranger's page, a signed-in person's page, and a proxy's /auth/verify. */
export function pagesOf(cookie) {
  const headers = { cookie };
  return [{ path: "/login" }, { path: "/account", headers }, { path: "/auth/verify", headers }];
}
