/** What the figures were measured on. */
import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/** In one line, for people. */
export function machine() {
  const processor = cpus()[0]?.model.trim() || "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  const kernel = release().split(".", 2).join(".");
  return `${availableParallelism()} × ${processor}, ${memory} GiB, ${type()} ${kernel}, Node ${process.version}`;
}
