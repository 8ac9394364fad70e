/** Tests draw all randomness from one seed, so that every failure can be reproduced. */
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { fromBase32, totpAt } from "../src/otp/index.js";
import { NEVER_A_CODE } from "./support/distinct-codes.js";
import fc from "./support/properties.js";
import { drawFor, randomBytes } from "./support/random.js";
import { streamOf } from "./support/seed.js";
import { openTwoWorlds, openWorld, type World } from "./support/world.js";

const here = new URL("./", import.meta.url);

/** Calls that draw without the seed, and the files that may contain them. */
const UNSEEDED: [RegExp, string[]][] = [
  [/\bMath\s*\.\s*random\b/, []],
  [/\b(getRandomValues|webcrypto|randomFill\w*|generateKey\w*|generatePrime\w*)\b/, []],
  [/\bcrypto\s*\.\s*random/, []],
  // One spies on what is there, and draws nothing.
  [/import\s+(\{[^}]*\brandom|\*|\w+)[^;]*from "(node:)?crypto"/, ["security/many-cookies.test.ts"]],
  [/from "fast-check"/, ["support/properties.ts"]],
  [/\bgetBuiltinModule\b/, ["support/seed.ts", "support/distinct-codes.ts"]],
];

const files = readdirSync(here, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.[mc]?[jt]s$/.test(file) && file !== "random.test.ts")
  .map((file) => ({ file, text: readFileSync(new URL(file, here), "utf8") }));

describe("the test files", () => {
  it.each(UNSEEDED)("draw nothing without the seed: none holds %s", (pattern, allowed) => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual(
      allowed.toSorted(),
    );
  });
});

describe("a test's stream", () => {
  afterEach(() => drawFor(undefined));

  it("does not depend on earlier draws, and differs from test to test", () => {
    const drawn = (test: string) => {
      drawFor(test);
      return randomBytes(40).toString("hex");
    };
    const first = drawn("a test");
    expect(drawn("another test")).not.toBe(first);
    expect(drawn("a test")).toBe(first);
  });

  it("does not depend on how much is drawn at once", () => {
    const [one, other] = [streamOf("x"), streamOf("x")];
    const parts = [1, 63, 64, 65, 7].map((size) => one(size));
    expect(Buffer.concat(parts)).toEqual(other(200));
  });

  it("gives fast-check its seed", () => {
    expect(fc.readConfigureGlobal().seed).toBeTypeOf("number");
  });
});

describe("two worlds on one database", () => {
  it("draw different secrets", async () => {
    const visitors = (await openTwoWorlds()).map((world) => world.visitor());
    const secrets = [];
    for (const visitor of visitors) {
      await visitor.password();
      secrets.push(await visitor.secret());
    }
    expect(secrets[0]).not.toBe(secrets[1]);
  });
});

describe("the secrets of a test", () => {
  async function secretsIn(world: World, count: number): Promise<string[]> {
    const secrets = [];
    for (let n = 0; n < count; n++) {
      const visitor = world.visitor();
      await visitor.password();
      secrets.push(await visitor.secret());
    }
    return secrets;
  }

  it("have codes that differ from each other, and from those that tests type as wrong ones", async () => {
    const world = await openWorld();
    const secrets = await secretsIn(world, 16);
    // At once, and after an hour.
    for (const later of [0, 120]) {
      const steps = Array.from({ length: 91 }, (_, n) => later + n - 45);
      const codes = secrets.flatMap((secret) =>
        steps.map((step) => totpAt(fromBase32(secret), world.now() / 1_000 + step * 30)),
      );
      expect(codes.filter((code) => NEVER_A_CODE.includes(code))).toEqual([]);
      expect(new Set(codes).size).toBe(codes.length);
    }
  });
});
