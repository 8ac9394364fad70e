/** fast-check, whose examples follow from the seed of the run and the name of the test. */
import fc from "fast-check";
import { beforeEach } from "vitest";
import { randomSeed } from "./random.js";

beforeEach(() => fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: randomSeed() }));

export default fc;
