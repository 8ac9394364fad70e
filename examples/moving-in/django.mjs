/**
 * Makes JSON lines for `latchkey account import` out of Django's users and django-otp's TOTP devices.
 *
 *   python manage.py dumpdata auth.group auth.user otp_totp.totpdevice | node django.mjs > people.jsonl
 */
import { text } from "node:stream/consumers";

const objects = JSON.parse(await text(process.stdin));
const of = (model) => objects.filter((object) => object.model === model);
const groups = new Map(of("auth.group").map(({ pk, fields }) => [pk, fields.name]));
const devices = of("otp_totp.totpdevice").filter(({ fields }) => fields.confirmed);

for (const { pk, fields } of of("auth.user")) {
  const { username, email, first_name, last_name, is_active } = fields;
  if (!is_active) {
    console.error(`${username}: not active, left out`);
    continue;
  }
  const [device, ...others] = devices.filter((device) => device.fields.user === pk);
  if (others.length > 0) console.error(`${username}: the first of ${others.length + 1} devices is taken`);
  const row = {
    username,
    email: email || undefined,
    name: `${first_name} ${last_name}`.trim() || undefined,
    groups: fields.groups.map((group) => groups.get(group)),
    passwordHash: hashIn(fields.password),
    totp: device && keyUri(username, device.fields),
  };
  console.log(JSON.stringify(row));
}

/** Django writes the name of the hasher before hashes that have one already, and `!` where nobody can sign in by password. */
function hashIn(password) {
  if (password === "" || password.startsWith("!")) return undefined;
  return password.replace(/^(bcrypt\$|argon2)(?=\$)/, "");
}

/** With its digits and seconds, so that the import says which devices are not like those of other apps. */
function keyUri(username, { key, digits, step }) {
  const secret = base32(Buffer.from(key, "hex"));
  return `otpauth://totp/${encodeURIComponent(username)}?secret=${secret}&digits=${digits}&period=${step}`;
}

function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = bits.match(/.{1,5}/g).map((five) => Number.parseInt(five.padEnd(5, "0"), 2));
  return letters.map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[letter]).join("");
}
