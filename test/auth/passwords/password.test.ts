/** Passwords: how they are hashed, what counts as the same, what may be set. */
import { describe, expect, it, vi } from "vitest";
import { createPasswords, judgePassword, normalisePassword } from "../../../src/auth/passwords/password.js";
import fc from "../../support/properties.js";
import { randomBytes } from "../../support/random.js";

const passwords = createPasswords(randomBytes);

/** Whether a typed password matches a stored hash. */
async function matches(typed: string, stored: string | undefined): Promise<boolean> {
  const password = normalisePassword(typed);
  if (password === undefined) return false;
  return (await passwords.reserve().matches({ password, typed }, stored)).isRight;
}

const hash = (typed: string) => passwords.hash(normalisePassword(typed) ?? "");

describe("a password", () => {
  it("is stored as argon2id with 19 MiB, two passes and one lane, salted", async () => {
    const [one, two] = [await hash("a password"), await hash("a password")];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(two).not.toBe(one);
  });

  it("matches itself and nothing else", async () => {
    const stored = await hash("a password");
    expect(await matches("a password", stored)).toBe(true);
    for (const other of ["A password", "a password ", "a passwor", ""]) {
      expect(await matches(other, stored)).toBe(false);
    }
  });

  it.each(["", "sealed.by-a-newer-version", "$2b$12$abcdefghijklmnopqrstuv", "garbage"])(
    "never matches a stored hash of an unknown kind: %j",
    async (stored) => {
      expect(await matches("a password", stored)).toBe(false);
    },
  );

  it("never matches an account that does not exist", async () => {
    expect(await matches("a password", undefined)).toBe(false);
  });

  it("matches when it is typed decomposed", async () => {
    const stored = await hash("caf\u00e9 cr\u00e8me");
    expect(await matches("cafe\u0301 cre\u0300me", stored)).toBe(true);
  });

  it("counts to its last character, NULs included", async () => {
    const long = "x".repeat(1_023);
    const stored = await hash(`${long}a`);
    expect(await matches(`${long}a`, stored)).toBe(true);
    expect(await matches(`${long}b`, stored)).toBe(false);
    expect(await matches("bob\0x", await hash("bob\0y"))).toBe(false);
  });

  it.each([
    ["1,025 letters", "x".repeat(1_025)],
    ["1,025 characters of two code units", "🔑".repeat(1_025)],
    ["16 KB of combining marks", `a${"\u0345".repeat(8_000)}${"\u0316".repeat(8_000)}`],
    ["a megabyte", "x".repeat(2 ** 20)],
  ])("is refused when it has %s", (_what, typed) => {
    expect(normalisePassword(typed)).toBeUndefined();
  });

  it.each([
    ["1,024 letters", "x".repeat(1_024)],
    ["1,024 characters of two code units", "🔑".repeat(1_024)],
    ["1,024 characters that were typed as three", "\uac01".normalize("NFD").repeat(1_024)],
    ["1,024 characters that were typed as four", "\u1f82".normalize("NFD").repeat(1_024)],
  ])("may have %s", (_what, typed) => {
    expect([...(normalisePassword(typed) ?? "")]).toHaveLength(1_024);
  });

  it("is normalised only when it is short enough, whatever its characters", () => {
    const normalise = vi.spyOn(String.prototype, "normalize");
    try {
      for (const length of [4_097, 8_000, 65_536]) normalisePassword("\u0345".repeat(length));
      expect(normalise).not.toHaveBeenCalled();
      normalisePassword("\u0345".repeat(4_096));
      expect(normalise).toHaveBeenCalledTimes(1);
    } finally {
      normalise.mockRestore();
    }
  });
});

describe("a new password", () => {
  const judge = (password: string, username = "alice") => judgePassword(password, [username]);

  it.each([
    ["of seven characters", "too-short", "1234567"],
    ["of seven characters, composed or decomposed", "too-short", "cre\u0300me8!"],
    ["of four characters that take two code units each", "too-short", "🔑🔑🔑🔑"],
    ["of more than 1,024 characters", "too-long", "x".repeat(1_025)],
    ["from the lists of attackers", "common", "password"],
    ["from the lists in capitals", "common", "PASSWORD"],
    ["from the lists with digits for letters", "common", "p4ssw0rd"],
    ["from the lists with something added", "common", "password1!"],
    ["made of the account's name", "name", "alice1234"],
    ["made of the account's name, disguised", "name", "4l1c34l1c3"],
    ["typed along a row of keys", "keyboard", "zxcvbnm,"],
    ["of one character", "repeat", "aaaaaaaa"],
    ["of one word twice", "repeat", "hunter2hunter2"],
    ["as long as can be, of one character", "repeat", "x".repeat(1_024)],
    ["in the order of the alphabet", "sequence", "abcdefgh1"],
    ["that is a day", "date", "24.12.1984"],
    ["that is a day without dots", "date", "19841224"],
  ])("is refused when it is one %s, as %s", async (_what, problem, password) => {
    expect(await judge(password)).toEqual({ problem });
  });

  it.each([
    ["kT9#vB2q", "fair"],
    ["umbrella drawer", "good"],
    ["correct horse battery", "strong"],
    ["пароль-пароль", "strong"],
    ["🔑🚪🏠🌧🎻🧊🦔🪁", "strong"],
  ])("needs no kinds of characters, only to be hard to guess: %j is %s", async (password, strength) => {
    expect(await judge(password)).toMatchObject({ strength });
  });

  it("may contain another account's name", async () => {
    expect(await judge("umbrella-42", "umbrella")).toEqual({ problem: "name" });
    expect(await judge("umbrella-42", "alice")).toMatchObject({ strength: expect.any(String) });
  });

  it("is judged alike, composed and decomposed", async () => {
    for (const password of ["cr\u00e8me br\u00fbl\u00e9e", "\u00e9".repeat(8), "\u00e9".repeat(1_024)]) {
      expect(await judge(password.normalize("NFD"))).toEqual(await judge(password));
    }
  });

  it.each([
    ["one character", "x"],
    ["a common word", "password"],
    ["a common word with digits for letters", "p4ssw0rd"],
    ["a common word with signs for letters", "p@$$w0rd1!"],
    ["the account's name in disguise", "4l1c3"],
    ["a row of keys", "qwertyuiop"],
    ["a date", "20240101"],
    ["signs that stand for many letters", "4@8(360#!1|0$5+7%2"],
  ])("is judged within half a second when it is 1,024 characters: %s over and over", async (_what, part) => {
    await judge("a password that loads the word lists");
    const password = part.repeat(1_024).slice(0, 1_024);
    const started = performance.now();
    await judge(password);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it("gets a verdict, whatever the password and the name are", async () => {
    const any = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      // Lone surrogates, as no keyboard types them and a request can still carry them.
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
        .map((units) => String.fromCharCode(...units)),
      fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty"),
    );
    await fc.assert(
      fc.asyncProperty(any, any, async (password, name) => {
        const verdict = await judge(password, name);
        expect("problem" in verdict ? verdict.problem : verdict.strength).toEqual(expect.any(String));
      }),
    );
  });
});
