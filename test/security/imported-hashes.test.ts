/** Imported password hashes: of every kind, replaced at the first sign-in, raced, damaged, dear, and in a flood. */
import { setTimeout } from "node:timers/promises";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { isOwnHash } from "../../src/auth/passwords/argon2id.js";
import { FOREIGN_HASHES } from "../support/foreign-hashes.js";
import { addImported, addStored, storedHash } from "../support/imported.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

vi.mock("@node-rs/bcrypt", async (original) => {
  const real = await original<typeof import("@node-rs/bcrypt")>();
  return { ...real, verify: vi.fn(real.verify) };
});

const PASSWORD = "correct horse battery";

/** bcrypt of that password, at cost 4, and of Ruby's `my password` at cost 12. */
const QUICK = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
const BCRYPT = "$2a$12$K0ByB.6YI2/OYrB4fQOYLe6Tv0datUVf6VZ/2Jzwm879BW5K1cHey";

const ONE_OF_EACH = FOREIGN_HASHES.filter(([from]) =>
  /PHP's crypt|own argon2id|scrypt|1\.8|better|two blocks|passlib's PBKDF2$|htpasswd|phpass$/.test(from),
);

let world: World;
beforeEach(async () => {
  world = await openWorld({ TRUST_PROXY: "loopback" });
  vi.mocked(verifyBcrypt).mockClear();
});

let count = 0;
/** Each attempt comes from an address of its own. */
function tryIn(username: string, password: string) {
  count += 1;
  const from = { "x-forwarded-for": `198.51.${count >> 8}.${count & 255}` };
  return ask(world, { path: "/login", ...form({ username, password }, from) });
}

describe("an imported password", () => {
  it.each(ONE_OF_EACH)("signs its owner in, and nobody else: %s", async (_from, password, given) => {
    await addImported(world, "anna", given);
    const before = await storedHash(world, "anna");
    expect((await tryIn("anna", `?${password}`)).status).toBe(401);
    expect(await storedHash(world, "anna")).toBe(before);
    const answer = await tryIn("anna", password);
    expect(answer).toMatchObject({ status: 303, headers: { location: "/login/2fa" } });
    expect(isOwnHash((await storedHash(world, "anna")) ?? "")).toBe(true);
    expect((await tryIn("anna", password)).status).toBe(303);
  });

  it("is re-hashed without an event, and without ending anything of the account", async () => {
    await addImported(world, "anna", QUICK);
    const visitor = world.visitor();
    await setUp(world, visitor, "anna", PASSWORD);
    const account = await world.store.accounts.byUsername("anna");
    await world.store.accounts.rehash(account?.id ?? "", account?.passwordHash ?? "", QUICK);
    world.events.length = 0;
    expect((await tryIn("anna", PASSWORD)).status).toBe(303);
    expect(isOwnHash((await storedHash(world, "anna")) ?? "")).toBe(true);
    expect(world.events.map(({ type }) => type)).toEqual(["password-accepted"]);
    expect((await world.store.accounts.byUsername("anna"))?.credentialVersion).toBe(
      account?.credentialVersion,
    );
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("is checked by a step-up and by a change of the password", async () => {
    await addImported(world, "anna", QUICK);
    const visitor = world.visitor();
    const secret = await setUp(world, visitor, "anna", PASSWORD);
    const putBack = async () => {
      const account = await world.store.accounts.byUsername("anna");
      await world.store.accounts.rehash(account?.id ?? "", account?.passwordHash ?? "", QUICK);
    };
    await putBack();
    expect((await visitor.confirm("wrong", world.code(secret))).status).toBe(401);
    expect(await storedHash(world, "anna")).toBe(QUICK);
    expect((await visitor.confirm(PASSWORD, world.code(secret))).status).toBe(303);
    expect(isOwnHash((await storedHash(world, "anna")) ?? "")).toBe(true);
    await putBack();
    const change = { current_password: PASSWORD, new_password: "a quiet orange harbour" };
    expect((await visitor.post("/account/password", change)).status).toBe(303);
    expect((await tryIn("anna", "a quiet orange harbour")).status).toBe(303);
    expect((await tryIn("anna", PASSWORD)).status).toBe(401);
  });

  it("lets all of several sign-ins at once in", async () => {
    await addImported(world, "anna", QUICK);
    // The first check takes until all have read the hash that it will replace.
    vi.mocked(verifyBcrypt).mockImplementationOnce(() => setTimeout(300, true));
    const answers = await Promise.all(Array.from({ length: 4 }, () => tryIn("anna", PASSWORD)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
    expect(isOwnHash((await storedHash(world, "anna")) ?? "")).toBe(true);
  });

  it("does not let anybody in, nor come back, when it is changed while it is checked", async () => {
    await addImported(world, "anna", QUICK);
    vi.mocked(verifyBcrypt).mockImplementationOnce(async () => {
      await world.auth.setPassword("anna", "a quiet orange harbour");
      return true;
    });
    expect((await tryIn("anna", PASSWORD)).status).toBe(401);
    expect((await tryIn("anna", PASSWORD)).status).toBe(401);
    expect((await tryIn("anna", "a quiet orange harbour")).status).toBe(303);
  });

  it("is none where the account is disabled", async () => {
    await addImported(world, "anna", QUICK);
    await world.auth.disableAccount("anna");
    expect((await tryIn("anna", PASSWORD)).status).toBe(401);
    expect(await storedHash(world, "anna")).toBe(QUICK);
  });
});

describe("a damaged hash in the database", () => {
  const KEY = "A".repeat(43);
  it.each([
    ["none", ""],
    ["garbage", "garbage"],
    ["an argon2id without its end", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ"],
    ["an argon2id that is no base64", `$argon2id$v=19$m=19456,t=2,p=1$!!!!$${KEY}`],
    ["an argon2id with absurd memory", `$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$${KEY}`],
    ["a bcrypt that is cut short", QUICK.slice(0, -1)],
    ["a bcrypt of absurd cost", QUICK.replace("$04$", "$31$")],
    ["the faulty bcrypt", QUICK.replace("$2b$", "$2x$")],
    ["a scrypt of absurd cost", `$scrypt$ln=30,r=8,p=1$c29tZXNhbHQ$${KEY}`],
    ["a PBKDF2 of absurd cost", `pbkdf2_sha256$999999999$seasalt$${KEY}=`],
    ["a fast hash, not wrapped", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="],
    ["a fast hash, wrapped in garbage", "{SHA}$argon2id$v=19$m=19456,t=2,p=1$x$y"],
    ["a phpass of absurd cost", `$P$SIQRaTwmf$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(22)}$${KEY}`],
  ])("matches no password, and costs no more: %s", async (_what, stored) => {
    await addStored(world, "anna", stored, 20);
    await addAccount(world, "own", PASSWORD);
    const began = performance.now();
    for (const password of [PASSWORD, "myPassword", stored || "x"])
      expect((await tryIn("anna", password)).status).toBe(401);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(verifyBcrypt).not.toHaveBeenCalled();
    expect(await storedHash(world, "anna")).toBe(stored);
    expect((await tryIn("own", PASSWORD)).status).toBe(303);
  });
});

describe("a flood of guesses at imported names", () => {
  it("is turned away in part, and leaves the sign-in of others alone", async () => {
    const names = Array.from({ length: 40 }, (_, n) => `imported-${n}`);
    for (const name of names) await addImported(world, name, BCRYPT);
    await addAccount(world, "own", PASSWORD);
    let finish = () => {};
    const stuck = new Promise<boolean>((resolve) => {
      finish = () => resolve(false);
    });
    vi.mocked(verifyBcrypt).mockImplementation(() => stuck);
    let answered = 0;
    const flood = names.map((name) => tryIn(name, "wrong").finally(() => answered++));
    try {
      const first = await Promise.race(flood);
      expect(first).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
      // As soon as the foreign hashes fill their line, and later, while they hold it.
      await vi.waitFor(() => expect(answered).toBeGreaterThan(20), 10_000);
      expect((await tryIn("own", PASSWORD)).status).toBe(303);
      expect(answered).toBeLessThan(names.length);
    } finally {
      finish();
      const answers = (await Promise.all(flood)).map(({ status }) => status);
      expect(new Set(answers)).toEqual(new Set([401, 503]));
      vi.mocked(verifyBcrypt).mockReset();
    }
    // Those who were turned away are not counted: their passwords were never evaluated.
    const { verify } = await vi.importActual<typeof import("@node-rs/bcrypt")>("@node-rs/bcrypt");
    vi.mocked(verifyBcrypt).mockImplementation(verify);
    expect((await tryIn("imported-39", "my password")).status).toBe(303);
  });
});
