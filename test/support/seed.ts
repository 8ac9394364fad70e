/** The seed of a run, and the random streams that follow from it. Without Vitest: its configuration and child processes use this. */
// Tests mock `node:crypto` with these streams. This is the real module, whatever is mocked.
const { createHmac, randomInt } = process.getBuiltinModule("node:crypto");

export type Random = (size: number) => Buffer;

/** Takes TEST_SEED from the environment or draws one, and sets it there for all child processes. */
export function chooseSeed(): void {
  process.env.TEST_SEED ||= String(randomInt(2 ** 32));
}

// Read once: some tests change the environment.
const SEED = process.env.TEST_SEED ?? "";

/** The setting that repeats this run. */
export const seedOfRun = (): string => `TEST_SEED=${SEED}`;

/** The same bytes for the same seed and label, in any order of tests and on any machine. */
export function streamOf(label: string): Random {
  if (SEED === "") throw new Error("There is no TEST_SEED: tests are run by Vitest, which sets one.");
  let block = 0;
  let rest: Buffer = Buffer.alloc(0);
  return (size) => {
    const parts = [rest];
    for (let length = rest.length; length < size; length += 64) {
      parts.push(createHmac("sha512", SEED).update(`${label}\0${block++}`).digest());
    }
    const bytes = Buffer.concat(parts);
    rest = bytes.subarray(size);
    return Buffer.from(bytes.subarray(0, size));
  };
}
