/** The worked example of docs/how-it-works.md, computed again. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hotpAt, keyUri, toBase32, totpAt } from "../../src/otp/index.js";

const page = readFileSync(new URL("../../docs/how-it-works.md", import.meta.url), "utf8");

/** The table's steps, from the first to the eighth. */
const results = [...page.matchAll(/^\| [1-8] \| .* \| (.*) \|$/gm)].map(([, result]) => result);

describe("the worked example of docs/how-it-works.md", () => {
  const secret = Buffer.from("12345678901234567890");
  const counter = Buffer.from("0000000000000001", "hex");

  it("shows the result of every step, computed without our code", () => {
    const hmac = createHmac("sha1", secret).update(counter).digest();
    const offset = hmac.readUInt8(19) & 0x0f;
    const word = hmac.readUInt32BE(offset);
    const number = word & 0x7fffffff;
    const half = secret.subarray(0, 10).toString("hex");
    expect(results).toEqual([
      `\`${half}\` \`${half}\``,
      `\`${counter.toString("hex")}\``,
      `\`${hmac.toString("hex")}\``,
      `offset ${offset}`,
      `\`${word.toString(16)}\``,
      `\`${number.toString(16)}\``,
      String(number),
      `**${String(number % 1_000_000).padStart(6, "0")}**`,
    ]);
    expect(page).toContain(`its last byte is \`${hmac.subarray(19).toString("hex")}\``);
  });

  it("ends in the code that we compute for that counter and that time", () => {
    expect(results.at(-1)).toBe(`**${hotpAt(secret, 1)}**`);
    expect(totpAt(secret, 59)).toBe(hotpAt(secret, 1));
  });

  it("shows the secret in base32, and the key URI that an app would read", () => {
    expect(page).toContain(`hotp at ${toBase32(secret)} 1\n${hotpAt(secret, 1)}\n`);
    expect(page).toContain(keyUri({ issuer: "Latchkey", username: "ada", secret: toBase32(secret) }));
  });
});
