/**
 * Makes JSON lines for `latchkey account import` out of what better-auth.sql finds.
 *
 *   sqlite3 -readonly auth.sqlite < better-auth.sql | BETTER_AUTH_SECRET=… node better-auth.mjs > people.jsonl
 *
 * It needs @noble/ciphers, which is in better-auth's node_modules too.
 */
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";

const { BETTER_AUTH_SECRET } = process.env;
if (!BETTER_AUTH_SECRET) throw new Error("BETTER_AUTH_SECRET is missing.");
const key = createHash("sha256").update(BETTER_AUTH_SECRET).digest();

for await (const line of createInterface({ input: process.stdin })) {
  const { email, emailVerified, name, password, secret } = JSON.parse(line);
  const totp = secret && keyUri(email, opened(secret));
  const row = { username: email, email, emailConfirmed: emailVerified, name, passwordHash: password, totp };
  console.log(JSON.stringify(row));
}

/** Hexadecimal: 24 bytes of nonce, then XChaCha20-Poly1305. With several secrets, `$ba$` and a version stand before. */
function opened(sealed) {
  const bytes = Buffer.from(sealed.replace(/^\$ba\$\d+\$/, ""), "hex");
  return xchacha20poly1305(key, bytes.subarray(0, 24)).decrypt(bytes.subarray(24));
}

/** The bytes of the text are the secret. better-auth shows the address as the label in apps. */
function keyUri(email, secret) {
  return `otpauth://totp/${encodeURIComponent(email)}?secret=${base32(secret)}`;
}

function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = bits.match(/.{1,5}/g).map((five) => Number.parseInt(five.padEnd(5, "0"), 2));
  return letters.map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[letter]).join("");
}
