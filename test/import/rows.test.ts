/** Rows of an import: what each field may be. The attributes' own rules are those of accounts by code. */
import { describe, expect, it } from "vitest";
import { readPerson } from "../../src/auth/operator/import-rows.js";

const BCRYPT = "$2b$04$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

describe("a row", () => {
  it("is a person when only a username is there", () => {
    expect(readPerson({ username: " Alice " })).toEqual({
      person: {
        username: "alice",
        externalId: null,
        email: null,
        emailConfirmed: false,
        name: null,
        groups: [],
      },
    });
  });

  it("takes every field", () => {
    const row = {
      username: "alice",
      email: "alice@example.org",
      emailConfirmed: true,
      name: "Alice",
      groups: ["staff", "night shift"],
      externalId: "42",
      passwordHash: BCRYPT,
      totp: SECRET,
    };
    const { passwordHash: _hash, totp: _totp, ...attributes } = row;
    expect(readPerson(row)).toMatchObject({
      person: { ...attributes, hash: { cost: expect.any(Number) }, totp: { label: null } },
    });
  });

  it("keeps the name of one of the host's people as a label, and not that of somebody with a password", () => {
    expect(readPerson({ username: "Ann O'Hara", externalId: "7" })).toMatchObject({
      person: { username: "Ann O'Hara" },
    });
    expect(readPerson({ username: "Ann O'Hara", externalId: "7", passwordHash: BCRYPT })).toHaveProperty(
      "problem",
    );
  });

  it("confirms no address that is not there", () => {
    expect(readPerson({ username: "alice", emailConfirmed: true })).toMatchObject({
      person: { email: null, emailConfirmed: false },
    });
  });

  it("passes over fields that are undefined", () => {
    expect(readPerson({ username: "alice", totp: undefined, password: undefined })).toHaveProperty("person");
  });

  it.each([
    ["a text", "alice", /not an object/],
    ["a list", [{ username: "alice" }], /not an object/],
    ["nothing", null, /not an object/],
    ["no username", { email: "a@example.org" }, /no username/],
    ["a username that cannot be one", { username: "al ice" }, /A name has/],
    ["a number for a username", { username: 7 }, /A name has/],
    ["a field of another kind", { username: "alice", admin: true }, /`admin` is none of the fields/],
    ["a password in clear", { username: "alice", password: "correct horse" }, /in clear/],
    ["a field with the name of a secret", { username: "alice", [SECRET]: 1 }, /^Field 2 is none/],
    ["an address that is none", { username: "alice", email: "alice" }, /email address/],
    ["groups that are no list", { username: "alice", groups: "staff" }, /Groups are a list/],
    ["a list in a list", { username: "alice", groups: [["staff"]] }, /Groups are a list/],
    ["no text for an id", { username: "alice", externalId: null }, /externalId/],
    [
      "a word for yes",
      { username: "alice", email: "a@example.org", emailConfirmed: "yes" },
      /emailConfirmed/,
    ],
    ["an empty hash", { username: "alice", passwordHash: "" }, /password hash/],
    ["no hash", { username: "alice", passwordHash: null }, /no password hash/],
    ["half of a credential", { username: "alice", passwordHash: { secretData: "{}" } }, /no password hash/],
    ["a dear hash", { username: "alice", passwordHash: BCRYPT.replace("04", "31") }, /costs too much/],
    ["a TOTP secret that is none", { username: "alice", totp: "12345" }, /not base32/],
  ])("is refused in words for %s", (_what, given, sentence) => {
    const read = readPerson(given);
    expect(read).toMatchObject({ problem: expect.stringMatching(sentence) });
    expect(JSON.stringify(read)).not.toContain(SECRET.slice(0, 6));
    expect(JSON.stringify(read)).not.toContain(BCRYPT.slice(7, 15));
  });

  it("is refused by its name where it has one", () => {
    expect(readPerson({ username: "Alice", totp: 1 })).toMatchObject({ username: "alice" });
    expect(readPerson({ username: "al ice", totp: 1 })).not.toHaveProperty("username");
  });
});
