/** Describes the machine on which the figures were measured. */
import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/** The machine in one line. */
export function machine() {
  const processor = cpus()[0]?.model.trim() || "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  const kernel = release().split(".", 2).join(".");
  return `${availableParallelism()} × ${processor}, ${memory} GiB, ${type()} ${kernel}, Node ${process.version}`;
}
