/** Before each test file: randomness comes from the seed of the run, also where the product asks node:crypto itself. */
import { afterEach, beforeEach, expect, vi } from "vitest";
import { drawFor, randomBytes } from "./random.js";
import { setRunning } from "./skip.js";

vi.mock("node:crypto", async (original) => {
  const real = await original<typeof import("node:crypto")>();
  /** A UUID of version 4 (RFC 9562). */
  const randomUUID = () => {
    const bytes = randomBytes(16);
    bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x40;
    bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  return { ...real, default: { ...real, randomBytes, randomUUID }, randomBytes, randomUUID };
});

beforeEach(setRunning);
beforeEach(({ task }) => drawFor(`${task.file.name} > ${expect.getState().currentTestName}`));
afterEach(() => drawFor(undefined));
