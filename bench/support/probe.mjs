/** The process that probes.mjs starts: requests pages at regular intervals and reports the times. */
import { openLoop } from "./open-loop.mjs";

process.on("message", async ({ origin, pages, perSecond, seconds }) => {
  const requests = pages.map((page) => () => page);
  process.send(await openLoop(origin, requests, { perSecond, seconds }));
});
