/** Keys in APP_SECRETS: random ones are accepted, typed ones are refused. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { latchkey } from "../support/latchkey-command.js";
import { problems } from "../support/settings.js";

const problemsOf = (APP_SECRETS: string) => problems({ APP_SECRETS });

/** The same bytes in every run. */
function seeded(seed: string) {
  return (bytes: number) => {
    let made = Buffer.alloc(0);
    for (let n = 0; made.length < bytes; n++) {
      made = Buffer.concat([made, createHash("sha256").update(`${seed} ${n}`).digest()]);
    }
    return made.subarray(0, bytes);
  };
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function uuid(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** How people generate a secret. */
const MADE: Record<string, (random: (bytes: number) => Buffer) => string> = {
  "32 bytes in hex": (random) => random(32).toString("hex"),
  "16 bytes in hex": (random) => random(16).toString("hex"),
  "32 bytes in base64": (random) => random(32).toString("base64"),
  "24 bytes in base64url": (random) => random(24).toString("base64url"),
  "two UUIDs": (random) => `${uuid(random(16))}${uuid(random(16).reverse())}`,
  "40 letters and digits": (random) => [...random(40)].map((byte) => ALPHANUMERIC[byte % 62]).join(""),
};

describe("a random secret", () => {
  it.each(Object.entries(MADE))("is accepted as %s, each of 10,000", (_, make) => {
    const refused = [];
    for (let n = 0; n < 10_000; n++) {
      const secret = make(seeded(`secret ${n}`));
      if (problemsOf(secret).length > 0) refused.push(secret);
    }
    expect(refused).toEqual([]);
  });

  it.each([[["--hex", "--bytes", "32"]], [["--hex", "--bytes", "16"]], [[]], [["--bytes", "32"]]])(
    "is accepted as `latchkey secret` makes it with %j",
    async (options) => {
      for (let n = 0; n < 1_000; n++) {
        const { out } = await latchkey(["secret", ...options], { random: seeded(`made ${n}`) });
        expect(problemsOf(out.trim()), out).toEqual([]);
      }
    },
  );
});

describe("a secret that a person typed", () => {
  it.each([
    "s".repeat(32),
    "0".repeat(64),
    "test-secret ".repeat(4),
    "changeme".repeat(4),
    "changeme-changeme-changeme-changeme",
    "please-change-me-to-a-long-random-string",
    "your-256-bit-secret-goes-right-here-please",
    "a-secret-of-the-tests-that-is-long-enough",
    "this is the secret key of our production server",
    "replace_this_with_at_least_32_bytes_of_randomness",
    "correct horse battery staple correct horse",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "zyxwvutsrqponmlkjihgfedcba9876543210",
    "0123456789abcdef".repeat(4),
    "1q2w3e4r5t6y7u8i9o0p1q2w3e4r5t6y",
    "qazwsxedcrfvtgbyhnujmikolp1234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7ki8lo9",
    "!@#$%^&*()_+{}|:<>?!@#$%^&*()_+{}|:<>?",
    "12345678901234567890123456789012",
    "qwertyuiopasdfghjklzxcvbnm1234567890",
    "abcabcabdabcabeabcabfabcabgabcabhabcabi",
    "00112233445566778899aabbccddeeff",
    "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
    "deadbeef".repeat(8),
    "Summer2024!Summer2024!Summer2024!",
    "aB3$".repeat(10),
    "ж".repeat(16) + "я".repeat(16),
  ])("is refused, and not printed: %s", (typed) => {
    const [problem = "", ...more] = problemsOf(typed);
    expect(problem).toMatch(
      /^APP_SECRETS is not random and could be guessed: make one with `latchkey secret --hex/,
    );
    expect(more).toEqual([]);
    expect(problem).not.toContain(typed.slice(0, 12));
  });

  it("is refused by its number when it is one of several", () => {
    const good = seeded("good")(32).toString("hex");
    expect(problemsOf(`${good},${"s".repeat(32)}`)).toEqual([
      expect.stringMatching(/^Key 2 of APP_SECRETS is not random/),
    ]);
  });
});
