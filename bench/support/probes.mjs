/** Asks for pages from a process of its own: what keeps the bench busy must not make the server look slow. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** In the beginning the process itself is slow. */
const WARM_UP_SECONDS = 2;

/**
 * @param pages [{ path, headers }], each asked for equally often
 * @returns probe(seconds) → for each page its answers, as openLoop gives them; and stop()
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

/** The pages that stand for all: a stranger's, a signed-in person's, and what a proxy asks. */
export function pagesOf(cookie) {
  const headers = { cookie };
  return [{ path: "/login" }, { path: "/account", headers }, { path: "/auth/verify", headers }];
}
