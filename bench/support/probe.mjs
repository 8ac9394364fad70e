/** A process of its own that asks for some pages now and then, and tells its parent how long each took; see flood.mjs. */
import { openLoop } from "./open-loop.mjs";

process.on("message", async ({ origin, pages, perSecond, seconds }) => {
  const requests = pages.map((page) => () => page);
  process.send(await openLoop(origin, requests, { perSecond, seconds }));
});
