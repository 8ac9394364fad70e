/**
 * Makes JSON lines for `latchkey account import` out of Authelia's users file and its export of TOTP secrets.
 *
 *   authelia storage user totp export --file totp.yml
 *   node authelia.mjs users_database.yml totp.yml > people.jsonl
 *
 * It needs yaml: `npm install yaml`.
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";

const [users, totp] = process.argv.slice(2).map((file) => parse(readFileSync(file, "utf8")));
const configurations = new Map(
  (totp?.totp_configurations ?? []).map((configuration) => [configuration.username, configuration]),
);

for (const [username, { disabled, displayname, password, email, groups }] of Object.entries(users.users)) {
  if (disabled) {
    console.error(`${username}: disabled, left out`);
    continue;
  }
  const configuration = configurations.get(username);
  const row = {
    username,
    email,
    name: displayname,
    groups: groups ?? undefined,
    passwordHash: password,
    totp: configuration && keyUri(username, configuration),
  };
  console.log(JSON.stringify(row));
}

/** The exported secret is the base64 of a base32 text. */
function keyUri(username, { secret, algorithm, digits, period }) {
  const base32 = Buffer.from(secret, "base64").toString();
  return `otpauth://totp/${encodeURIComponent(username)}?secret=${base32}&algorithm=${algorithm}&digits=${digits}&period=${period}`;
}
