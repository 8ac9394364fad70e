/**
 * What a host app's listener is told: no password, code, secret, recovery code, cookie or token, no name without an account, and
 * nothing that the database does not hold. Whatever a listener does, sign-in goes on.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { fromBase32, toHex } from "../../src/otp/index.js";
import type { SecurityEvent } from "../../src/public-events.js";
import { allHeldBy } from "../support/cookies.js";
import { holdWrites, sqlOn } from "../support/other-program.js";
import { addAccount, makeCodes, setUpWithSheet, signIn } from "../support/sign-in.js";
import { secretOn, type Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const PASSWORD = "canary password 7f3a";
const NEWER = "canary newer password 5e1b";
const NEWEST = "canary newest password 77aa";
const BY_LINK = "canary linked password 0c4d";
const WRONG = "canary wrong password 91c2";
const TYPED = "canary.nobody";

let world: World;
let heard: SecurityEvent[];
beforeEach(async () => {
  world = await openWorld();
  heard = [];
  world.on((event) => void heard.push(event));
});

/** All that was held or typed in the life of an account, and may be in no event. */
class Canaries {
  readonly texts = new Set<string>([PASSWORD, NEWER, NEWEST, BY_LINK, WRONG, TYPED]);
  readonly codes = new Set<string>();

  secret(secret: string): string {
    const raw = Buffer.from(fromBase32(secret));
    for (const form of [secret, secret.toLowerCase(), toHex(raw), raw.toString("base64url")])
      this.texts.add(form);
    return secret;
  }

  code(code: string): string {
    this.codes.add(code);
    return code;
  }

  recoveryCodes(codes: string[]): string[] {
    for (const code of codes) this.texts.add(code).add(code.toLowerCase()).add(code.replaceAll("-", ""));
    return codes;
  }

  /** The cookies of a browser: each value as it is, and its parts, of which one is the id or the token. */
  cookies(visitor: Visitor): void {
    for (const pair of allHeldBy(visitor).split("; ")) {
      const [name = "", value = ""] = pair.split("=");
      if (name === "latchkey_changed") continue;
      const decoded = decodeURIComponent(value);
      // A token begins with the account's id, which events have.
      const parts = name === "latchkey" ? decoded.slice(2).split(".") : decoded.split(".").slice(1);
      for (const part of [value, decoded, ...parts]) if (part.length > 8) this.texts.add(part);
    }
  }

  in(text: string): string[] {
    const isIn = (code: string) => new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(text);
    return [...[...this.texts].filter((one) => text.includes(one)), ...[...this.codes].filter(isIn)];
  }
}

const idOf = async (username: string) => (await world.store.accounts.byUsername(username))?.id ?? "";

/** The life of an account, mistakes included, by its owner, a stranger, an operator and the host app. */
async function wholeLife(): Promise<Canaries> {
  const canaries = new Canaries();
  const code = (secret: string, steps = 0) => canaries.code(world.code(secret, steps));
  await addAccount(world, "victim", PASSWORD);
  const id = await idOf("victim");
  const visitor = world.visitor();

  // A first sign-in, with mistakes.
  for (const [name, password] of [
    [TYPED, PASSWORD],
    ["victim", WRONG],
    [PASSWORD, PASSWORD],
  ])
    await visitor.password(name, password);
  const early = world.visitor();
  await early.password("victim", PASSWORD);
  canaries.cookies(early);
  canaries.secret(await early.secret());
  const made = await setUpWithSheet(world, visitor, "victim", PASSWORD);
  const first = canaries.secret(made.secret);
  const [used = "", proved = ""] = canaries.recoveryCodes(made.codes);
  canaries.cookies(visitor);
  await visitor.post("/account/recovery-codes/proof", { recovery_code: proved });

  // Changes, with mistakes before.
  world.advance(11 * MINUTE);
  for (const password of [WRONG, PASSWORD]) await visitor.confirm(password, code(first, 9));
  await visitor.confirm(PASSWORD, code(first));
  canaries.cookies(visitor);
  const second = canaries.secret(secretOn((await visitor.get("/account/authenticators/new")).text));
  await visitor.post("/account/authenticators/new", { name: "Second", otp: code(second, 9) });
  await visitor.post("/account/authenticators/new", { name: "Second", otp: code(second) });
  const [newer = ""] = canaries.recoveryCodes(await makeCodes(visitor, 2));
  await visitor.post("/account/password", { current_password: PASSWORD, new_password: NEWER });
  canaries.cookies(visitor);
  await visitor.post("/logout");

  // Without the phone; then a browser that is trusted; then a thief who only has the password.
  await visitor.password("victim", NEWER);
  canaries.cookies(visitor);
  for (const recovery_code of [used, `${used.slice(0, -1)}0`, "0000-0000-0000-00000"])
    await visitor.post("/login/recovery-code", { recovery_code });
  await visitor.post("/login/recovery-code", { recovery_code: newer });
  await visitor.post("/logout");
  world.advance(MINUTE);
  await visitor.password("victim", NEWER);
  await visitor.post("/login/2fa", { otp: code(second), trust_device: "on" });
  canaries.cookies(visitor);
  await visitor.post("/logout");
  await visitor.password("victim", NEWER);
  canaries.cookies(visitor);
  const thief = world.visitor({ "User-Agent": "curl/8.14.1" });
  await thief.password("victim", NEWER);
  for (let n = 0; n < 12; n++) await thief.code(code(second, 40 + n));
  for (let n = 0; n < 8; n++) await world.visitor().password("victim", WRONG);
  canaries.cookies(thief);

  // From outside.
  await world.auth.unlockAccount(id);
  await world.auth.setPassword(id, NEWEST);
  for (const made of [await world.auth.passwordLink(id), await world.auth.resetSecondFactor(id)]) {
    if (made.outcome === "link") canaries.texts.add(made.token);
  }
  const link = await world.auth.passwordLink(id);
  if (link.outcome !== "link") throw new Error(`No link: ${link.outcome}.`);
  canaries.texts.add(link.token);
  const holder = world.visitor();
  await holder.post(`/link/${link.token}`, { new_password: BY_LINK });
  canaries.cookies(holder);
  await world.auth.updateAccount(id, { username: "renamed", email: "victim@example.org" });
  await world.auth.signOutAccount(id);
  await world.auth.disableAccount(id);
  await world.auth.enableAccount(id);
  await world.auth.removeAccount(id);
  return canaries;
}

const HAPPENED: SecurityEvent["type"][] = [
  ...(["password-refused", "password-delayed", "password-accepted", "password-changed"] as const),
  ...(["code-refused", "code-delayed", "signed-in", "stepped-up", "signed-out", "device-trusted"] as const),
  ...(["recovery-code-refused", "recovery-code-used", "recovery-codes-proved"] as const),
  ...(["authenticator-set-up", "second-factor-reset", "account-renamed", "account-removed"] as const),
  ...(["link-made", "link-used"] as const),
];

describe("what a listener is told", () => {
  it("holds no secret, and no name without an account", async () => {
    const canaries = await wholeLife();
    await nextTurn();
    const text = JSON.stringify(heard);
    // The walk is what it says: all of these happened.
    const happened = new Set(heard.map(({ type }) => type));
    for (const type of HAPPENED) expect(happened).toContain(type);
    expect(text.includes('"reason":"password trusted-device"')).toBe(true);
    expect(canaries.texts.size).toBeGreaterThan(60);
    expect(canaries.in(text)).toEqual([]);
    // The search finds what is there.
    canaries.texts.add(heard[0]?.id ?? "");
    expect(canaries.in(text)).toHaveLength(1);
  });

  it("holds no id of a session or pending login, nor its hash", async () => {
    const hashes = new Set<string>();
    const open = world.store.sessions.open;
    world.store.sessions.open = (row) => {
      hashes.add(row.idHash).add(row.family);
      return open.call(world.store.sessions, row);
    };
    const visitor = world.visitor();
    await addAccount(world, "victim", PASSWORD);
    const { secret } = await setUpWithSheet(world, visitor, "victim", PASSWORD);
    await visitor.post("/logout");
    await signIn(world, visitor, secret, "victim", PASSWORD);
    for (const { id_hash, family } of await sqlOn(world, "select * from sessions"))
      hashes.add(String(id_hash)).add(String(family));
    await nextTurn();
    const text = JSON.stringify(heard);
    expect(text).toContain('"session":"');
    expect(hashes.size).toBeGreaterThan(2);
    for (const hash of hashes) expect(text).not.toContain(hash.slice(0, 12));
  });

  it("is what was committed: it hears nothing before, and nothing at all when it is rolled back", async () => {
    await addAccount(world, "victim", PASSWORD);
    const id = await idOf("victim");
    await nextTurn();
    heard.splice(0);
    const { transaction } = world.store;
    let fails = true;
    world.store.transaction = (work) =>
      transaction.call(world.store, async (store) => {
        const result = await work(store);
        await nextTurn();
        expect(heard).toEqual([]);
        if (fails) throw new Error("rolled back");
        return result;
      }) as ReturnType<typeof work>;
    await expect(world.auth.disableAccount(id)).rejects.toThrow("rolled back");
    await nextTurn();
    expect(heard).toEqual([]);
    fails = false;
    await world.auth.disableAccount(id);
    await nextTurn();
    expect(heard.map(({ type }) => type)).toEqual(["account-disabled"]);
  });

  it("is nothing of what an outage has prevented", async () => {
    await addAccount(world, "victim", PASSWORD);
    const visitor = world.visitor();
    const { secret } = await setUpWithSheet(world, visitor, "victim", PASSWORD);
    await visitor.post("/logout");
    const late = world.visitor();
    await late.password("victim", PASSWORD);
    await nextTurn();
    heard.splice(0);
    await holdWrites(world);
    expect((await late.code(world.code(secret))).status).toBe(503);
    expect((await world.visitor().password("victim", PASSWORD)).status).toBe(503);
    await nextTurn();
    expect(heard).toEqual([]);
  });
});

describe("a listener that fails or never ends", () => {
  const BAD: Record<string, () => void | Promise<void>> = {
    throws: () => {
      throw new Error("canary");
    },
    rejects: () => Promise.reject(new Error("canary")),
    hangs: () => new Promise<void>(() => {}),
  };

  it.each(Object.entries(BAD))(
    "changes no answer and keeps nobody from hearing when it %s",
    async (how, bad) => {
      world.on(bad);
      const after: string[] = [];
      world.on(({ type }) => void after.push(type));
      await addAccount(world, "victim", PASSWORD);
      const visitor = world.visitor();
      const { secret } = await setUpWithSheet(world, visitor, "victim", PASSWORD);
      await visitor.post("/logout");
      await signIn(world, visitor, secret, "victim", PASSWORD);
      await nextTurn();
      expect(after).toEqual(heard.map(({ type }) => type));
      expect(after.at(-1)).toBe("signed-in");
      const failures = world.logLines.filter((line) => line.includes("a listener of latchkey.on failed"));
      expect(failures).toHaveLength(how === "hangs" ? 0 : after.length);
    },
  );
});
