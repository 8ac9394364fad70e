/** Passwords: how they are hashed, what counts as the same, what may be set. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createPasswords, passwordProblem } from "../../src/auth/password.js";

const passwords = createPasswords(randomBytes);

describe("a password", () => {
  it("is stored as argon2id with 19 MiB, two passes and one lane, salted", async () => {
    const [one, two] = [await passwords.hash("a password"), await passwords.hash("a password")];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(two).not.toBe(one);
  });

  it("matches itself and nothing else", async () => {
    const stored = await passwords.hash("a password");
    expect(await passwords.matches("a password", stored)).toBe(true);
    for (const other of ["A password", "a password ", "a passwor", ""]) {
      expect(await passwords.matches(other, stored)).toBe(false);
    }
  });

  it("never matches an account that does not exist", async () => {
    expect(await passwords.matches("a password", undefined)).toBe(false);
  });

  it("is the same typed composed and decomposed", async () => {
    const stored = await passwords.hash("caf\u00e9 cr\u00e8me");
    expect(await passwords.matches("cafe\u0301 cre\u0300me", stored)).toBe(true);
  });

  it("counts to its last character, and to its NULs", async () => {
    const long = "x".repeat(1_023);
    const stored = await passwords.hash(`${long}a`);
    expect(await passwords.matches(`${long}a`, stored)).toBe(true);
    expect(await passwords.matches(`${long}b`, stored)).toBe(false);
    expect(await passwords.matches("bob\0x", await passwords.hash("bob\0y"))).toBe(false);
  });

  it("of more than 1,024 characters is refused before it is hashed", async () => {
    const stored = await passwords.hash("x".repeat(1_025));
    expect(await passwords.matches("x".repeat(1_025), stored)).toBe(false);
  });
});

describe("a new password", () => {
  it.each([
    ["1234567", "too-short"],
    ["🔑🔑🔑🔑", "too-short"],
    ["x".repeat(1_025), "too-long"],
    ["password", "common"],
    ["PASSWORD", "common"],
    ["qwertyuiop", "common"],
    ["correct horse battery", undefined],
    ["        x", undefined],
    ["пароль-пароль", undefined],
  ])("%j is %s", async (password, problem) => {
    expect(await passwordProblem(password)).toBe(problem);
  });
});
