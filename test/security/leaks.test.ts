/** Leaks: a secret, code, password, token or session id that turns up in a page, an address, a log line or the database file. */
import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_CODES } from "../../src/auth/policy.js";
import { fromBase32, toHex } from "../../src/otp/index.js";
import { cookieHeldBy, heldBy } from "../support/cookies.js";
import { databaseBytes, openDatabase } from "../support/other-program.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, codesOn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const PASSWORD = "canary password 7f3a";
const NEWER = "canary newer password 5e1b";
const WRONG = "canary wrong password 91c2";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

/** The id inside a visitor's cookie. */
const idOf = (visitor: Visitor) =>
  decodeURIComponent(heldBy(visitor))
    .replace(/^latchkey=s:/, "")
    .split(".")[0] ?? "";

/** A page that was seen, and the secrets that it alone may show. */
interface Seen {
  what: string;
  text: string;
  mayShow: string[];
}

/** What is searched for: all that opens something, by kind. */
interface Canaries {
  secrets: string[];
  recoveryCodes: string[];
  otps: string[];
  ids: string[];
  tokens: string[];
}

/** A year with Latchkey in short, mistakes included: every page that was seen, and every secret that was used. */
async function yearInShort() {
  await addAccount(world, "victim", PASSWORD);
  const visitor = world.visitor();
  const seen: Seen[] = [];
  const found: Canaries = { secrets: [], recoveryCodes: [], otps: [], ids: [], tokens: [] };
  const keep = async (what: string, asked: ReturnType<Visitor["get"]>, mayShow: string[] = []) => {
    const { text, headers } = await asked;
    const made = codesOn(text).filter((code) => !code.startsWith("7KQ2-M9XH")); // the example in the hint
    found.recoveryCodes.push(...made);
    seen.push({ what, text: `${text} ${headers.location ?? ""}`, mayShow: [...mayShow, ...made] });
    if (/latchkey=s/.test(String(headers["set-cookie"]))) found.ids.push(idOf(visitor));
    for (const name of ["latchkey_trusted", "latchkey_browser"]) {
      const token = cookieHeldBy(visitor, name).split(".").at(-1);
      if (token && !found.tokens.includes(token)) found.tokens.push(token);
    }
  };
  const look = async (...paths: string[]) => {
    for (const path of paths) await keep(path, visitor.get(path));
  };
  const post = (path: string, fields: Record<string, string> = {}, mayShow: string[] = []) => {
    if (/^[0-9]{6}$/.test(fields.otp ?? "")) found.otps.push(fields.otp ?? "");
    return keep(`POST ${path}`, visitor.post(path, fields), mayShow);
  };
  const signIn = (password: string) => post("/login", { username: "victim", password });

  // The first day.
  await signIn(WRONG);
  await signIn(PASSWORD);
  const first = await visitor.secret();
  found.secrets.push(first);
  await post("/login/2fa", { otp: world.code(first, 9) }, [first]);
  await post("/login/2fa", { otp: world.code(first) });
  await look("/account/recovery-codes/current");
  const [used = "", ...sheet] = found.recoveryCodes;
  await look("/", "/account", "/account/history", "/login", "/login/2fa", "/nowhere", "/account/password");
  for (const recovery_code of [sheet[0] ?? "", `${sheet[1]}X`, `${used.slice(0, -1)}0`]) {
    await post("/account/recovery-codes/proof", { recovery_code });
  }
  // Another password, another phone, other recovery codes.
  await post("/account/password", { current_password: WRONG, new_password: NEWER });
  await post("/account/password", { current_password: PASSWORD, new_password: NEWER });
  world.advance(10 * MINUTE);
  await look("/account/authenticators/new", "/confirm");
  await post("/confirm", { password: WRONG, otp: world.code(first) });
  await post("/confirm", { password: NEWER, otp: world.code(first, 9) });
  await post("/confirm", { password: NEWER, otp: world.code(first) });
  const page = await visitor.get("/account/authenticators/new");
  const second = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
  found.secrets.push(second);
  await post("/account/authenticators/new", { name: "Second", otp: world.code(second, 9) }, [second]);
  await post("/account/authenticators/new", { name: "Second", otp: world.code(second) });
  await look("/account/recovery-codes");
  for (let n = 0; n < 2; n++) await post("/account/recovery-codes", { sheet: "2" });
  await look("/account/recovery-codes/current");
  const [newer = ""] = found.recoveryCodes.slice(RECOVERY_CODES);
  await look("/account", "/account/history");
  // Without the phone, and on a trusted browser.
  await post("/logout");
  await signIn(NEWER);
  await look("/login/recovery-code", "/login/2fa");
  for (const recovery_code of [used, newer]) await post("/login/recovery-code", { recovery_code });
  await look("/", "/account");
  await post("/logout");
  world.advance(30_000);
  await signIn(NEWER);
  await post("/login/2fa", { otp: "not a code 123" });
  await post("/login/2fa", { otp: world.code(second), trust_device: "on" });
  await post("/logout");
  await signIn(NEWER);
  await look("/account", "/account/history");
  return { seen, ...found };
}

const groups = (secret: string) => secret.match(/.{4}/g)?.join(" ") ?? "";

/** The ways to write a secret. */
function formsOf(secret: string): string[] {
  const raw = Buffer.from(fromBase32(secret));
  const encoded = [toHex(raw), raw.toString("base64"), raw.toString("base64url"), raw.toString("latin1")];
  return [secret, secret.toLowerCase(), groups(secret), ...encoded];
}

/** The ways to write a recovery code. */
const spellingsOf = (code: string) => [code, code.toLowerCase(), code.replaceAll("-", "")];

/** Six digits turn up by chance inside longer numbers, ids and hashes, so codes are looked for as values of their own. */
const holdsCode = (text: string, code: string) => new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(text);

describe("secrets, codes, passwords, tokens and session ids", () => {
  it("stay out of every page but the one that makes them", async () => {
    const { seen, secrets, recoveryCodes, otps, ids, tokens } = await yearInShort();
    expect([secrets.length, recoveryCodes.length, ids.length, tokens.length]).toEqual([
      2,
      2 * RECOVERY_CODES,
      8,
      4,
    ]);
    for (const { what, text, mayShow } of seen) {
      const never = [PASSWORD, NEWER, WRONG, ...ids, ...tokens, "undefined"];
      for (const secret of secrets) if (!mayShow.includes(secret)) never.push(...formsOf(secret));
      if (!secrets.some((secret) => mayShow.includes(secret))) never.push("otpauth:");
      for (const code of recoveryCodes) if (!mayShow.includes(code)) never.push(...spellingsOf(code));
      for (const canary of never) expect(text.includes(canary), `${canary} in ${what}`).toBe(false);
      for (const otp of otps) expect(holdsCode(text, otp), `${otp} in ${what}`).toBe(false);
    }
    // The search works: it finds each on the page that made it.
    const shown = seen.flatMap(({ text, mayShow }) =>
      mayShow.filter((secret) => text.includes(secret) || text.includes(groups(secret))),
    );
    expect(new Set(shown)).toEqual(new Set([...secrets, ...recoveryCodes]));
  });

  it("stay out of the log and the events", async () => {
    const { secrets, recoveryCodes, otps, ids, tokens } = await yearInShort();
    await ask(world, {
      path: `/login?password=${encodeURIComponent(PASSWORD)}&otp=${otps[0]}`,
      headers: { referer: PASSWORD },
    });
    const log = world.logLines.join("") + JSON.stringify(world.events);
    for (const found of ['"path":"/login/2fa"', "recovery-code-refused", "stepped-up"])
      expect(log).toContain(found);
    const canaries = [PASSWORD, encodeURIComponent(PASSWORD), NEWER, WRONG, ...ids, ...tokens];
    canaries.push(...secrets.flatMap(formsOf), ...recoveryCodes.flatMap(spellingsOf));
    for (const canary of canaries) expect(log.includes(canary), canary).toBe(false);
    for (const otp of otps) expect(holdsCode(log, otp), otp).toBe(false);
  });

  it("stay out of the database file, before the confirmation and after", async () => {
    const early = world.visitor();
    await early.password();
    const unconfirmed = await early.secret();
    const { secrets, recoveryCodes, otps, ids, tokens } = await yearInShort();
    const bytes = databaseBytes(world).toString("latin1");
    for (const found of ["victim", "stepped-up", "Authenticator app"]) expect(bytes).toContain(found);
    const canaries = [PASSWORD, NEWER, WRONG, ...ids, ...tokens, idOf(early)];
    canaries.push(...[...secrets, unconfirmed].flatMap(formsOf), ...recoveryCodes.flatMap(spellingsOf));
    for (const canary of canaries) expect(bytes.includes(canary), canary).toBe(false);
    for (const otp of otps) expect(holdsCode(bytes, otp), otp).toBe(false);
    const hash = (text: string) => createHash("sha256").update(text).digest();
    for (const id of ids) expect(bytes.includes(hash(id).toString("base64url"))).toBe(true);
    // 80 bits are too many to guess, but only while one guess is good for one account.
    for (const spelt of recoveryCodes.flatMap(spellingsOf)) {
      for (const encoding of ["hex", "base64", "base64url"] as const) {
        expect(bytes.includes(hash(spelt).toString(encoding)), spelt).toBe(false);
      }
    }
  });
});

describe("an anonymous browser", () => {
  it("leaves no row behind, and gets no cookie", async () => {
    const requests = [
      ...[
        "/",
        "/login",
        "/login/2fa",
        "/confirm",
        "/account",
        "/login?notice=expired&next=/account",
        "/nowhere",
        "/%",
      ].map((path) => ({ path })),
      ...["/login", "/login/2fa", "/login/recovery-code", "/confirm", "/logout", "/nowhere"].map((path) => ({
        path,
        ...form({ username: "x", otp: "123456" }),
      })),
      ...["/", "/login"].map((path) => ({ path, headers: { cookie: "latchkey=s%3Aanything.signed" } })),
      { path: "/login", headers: { "content-type": "text/plain" }, method: "POST", body: "x" },
    ];
    for (const request of requests) {
      const answer = await ask(world, request);
      const set = [answer.headers["set-cookie"] ?? []].flat();
      expect(
        set.filter((cookie) => !cookie.startsWith("latchkey=;")),
        request.path,
      ).toEqual([]);
    }
    expect(openDatabase(world).prepare("select count(*) as rows from sessions").get()).toEqual({ rows: 0 });
  });
});
