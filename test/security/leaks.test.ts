/** Leaks: what must stay secret turns up in a page, an address, a log line or the database file. */
import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { fromBase32, toHex } from "../../src/otp/index.js";
import { ask, databaseBytes, form, heldBy, openDatabase, openWorld } from "../support/attack.js";
import { addAccount, type Visitor, type World } from "../support/world.js";

const PASSWORD = "canary password 7f3a";
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

/** The whole way in, twice, with all that goes wrong on it; answers with the secrets and with every page seen. */
async function wholeWay() {
  await addAccount(world, "victim", PASSWORD);
  const visitor = world.visitor();
  const pages: { address: string; text: string; location: string }[] = [];
  const ids: string[] = [];
  const codes: string[] = [];
  const keep = async (address: string, asked: ReturnType<Visitor["get"]>) => {
    const answer = await asked;
    pages.push({ address, text: answer.text, location: answer.headers.location ?? "" });
    if (answer.headers["set-cookie"]) ids.push(idOf(visitor));
  };
  const tryCode = (code: string) => {
    codes.push(code);
    return keep("/login/2fa", visitor.code(code));
  };

  await keep("/login", visitor.password("victim", WRONG));
  await keep("/login", visitor.password("victim", PASSWORD, { next: "/account" }));
  const secret = await visitor.secret();
  await tryCode(world.code(secret, 9));
  const beforeConfirmed = pages.length;
  await tryCode(world.code(secret));
  world.wait(30_000);
  for (const address of ["/", "/account", "/login", "/login/2fa", "/nowhere"])
    await keep(address, visitor.get(address));
  await keep("/logout", visitor.post("/logout"));
  await keep("/login?notice=signed-out", visitor.get("/login?notice=signed-out"));
  await keep("/login", visitor.password("victim", PASSWORD));
  for (let n = 0; n < 2; n++) await keep("/login/2fa", visitor.get("/login/2fa"));
  await tryCode(world.code(secret, 9));
  await tryCode("not a code 123");
  await tryCode(world.code(secret));
  await keep("/account", visitor.get("/account"));
  for (let n = 0; n < 6; n++) await keep("/login", world.visitor().password("victim", WRONG));
  return {
    visitor,
    pages,
    beforeConfirmed,
    secret,
    ids: ids.filter(Boolean),
    codes: codes.filter((c) => /^\d+$/.test(c)),
  };
}

const groups = (secret: string) => secret.match(/.{4}/g)?.join(" ") ?? "";

describe("after the whole way in, with its mistakes", () => {
  it("no page shows the secret once it is confirmed, nor ever a password, code or session id", async () => {
    const { pages, beforeConfirmed, secret, ids, codes } = await wholeWay();
    expect(ids).toHaveLength(4);
    for (const [n, { address, text, location }] of pages.entries()) {
      const seen = `${address} ${location} ${text}`;
      const never = [PASSWORD, WRONG, ...ids, ...codes.map((code) => `${code}`)];
      const later =
        n >= beforeConfirmed
          ? [secret, secret.toLowerCase(), groups(secret), toHex(fromBase32(secret)), "otpauth:"]
          : [];
      for (const canary of [...never, ...later])
        expect(seen.includes(canary), `${canary} in ${address}`).toBe(false);
    }
    // The search finds what is there: the set-up page that refused the first code did show the secret.
    expect(pages[beforeConfirmed - 1]?.text).toContain(groups(secret));
  });

  it("no log line and no event holds any of them", async () => {
    const { secret, ids, codes } = await wholeWay();
    await ask(world, {
      path: `/login?password=${encodeURIComponent(PASSWORD)}&otp=${codes[0]}`,
      headers: { referer: PASSWORD },
    });
    const log = world.logLines.join("") + JSON.stringify(world.events);
    expect(log).toContain('"path":"/login/2fa"');
    expect(log).toContain("code-refused");
    for (const canary of [
      PASSWORD,
      encodeURIComponent(PASSWORD),
      WRONG,
      secret,
      groups(secret),
      toHex(fromBase32(secret)),
      ...ids,
    ]) {
      expect(log.includes(canary), canary).toBe(false);
    }
    // Six digits turn up by chance inside longer numbers, so codes are looked for as values of their own.
    for (const code of codes) expect(log).not.toMatch(new RegExp(`(?<![0-9])${code}(?![0-9])`));
  });

  it("no byte of the database holds any of them, before the confirmation or after", async () => {
    const early = world.visitor();
    await early.password();
    const unconfirmed = await early.secret();
    const { secret, ids, codes } = await wholeWay();
    const bytes = databaseBytes(world);
    expect(bytes.includes("victim")).toBe(true);
    for (const each of [secret, unconfirmed]) {
      const raw = Buffer.from(fromBase32(each));
      const forms = [
        each,
        groups(each),
        each.toLowerCase(),
        raw,
        toHex(raw),
        raw.toString("base64"),
        raw.toString("base64url"),
      ];
      for (const form of forms) expect(bytes.includes(form)).toBe(false);
    }
    for (const canary of [PASSWORD, WRONG, ...ids, idOf(early)])
      expect(bytes.includes(canary), canary).toBe(false);
    for (const id of ids) {
      expect(bytes.includes(createHash("sha256").update(id).digest("base64url"))).toBe(true);
      expect(bytes.includes(createHash("sha1").update(id).digest("hex"))).toBe(false);
    }
    for (const code of codes)
      expect(bytes.toString("latin1")).not.toMatch(new RegExp(`(?<![0-9])${code}(?![0-9])`));
  });
});

it("an anonymous browser leaves no row behind, and gets no cookie", async () => {
  const requests = [
    ...["/", "/login", "/login/2fa", "/account", "/login?notice=expired&next=/account", "/nowhere", "/%"].map(
      (path) => ({ path }),
    ),
    ...["/login", "/login/2fa", "/logout", "/nowhere"].map((path) => ({
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
