/** The process that probes.mjs starts: asks for some pages now and then, and tells how long each took. */
import { openLoop } from "./open-loop.mjs";

process.on("message", async ({ origin, pages, perSecond, seconds }) => {
  const requests = pages.map((page) => () => page);
  process.send(await openLoop(origin, requests, { perSecond, seconds }));
});
