/**
 * Threat: a file for an import that was made to harm, or is not what it seems. It costs little, lets nothing in that it does not
 * say, and neither the report nor the log repeats a secret of it.
 */
import { createWriteStream, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { hashSync } from "@node-rs/bcrypt";
import { beforeEach, describe, expect, it } from "vitest";
import { readPerson } from "../../src/auth/operator/import-rows.js";
import { MAX_ROW_BYTES } from "../../src/auth/policy.js";
import { readJsonLines } from "../../src/cli/json-lines.js";
import { accountsOf, PASSWORD } from "../support/accounts.js";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { openWorld } from "../support/world.js";

const HASH = hashSync(PASSWORD, 4);
const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

let FILE: string;
beforeEach(() => {
  FILE = path.join(newFolder(), "people.jsonl");
});

/** What the lines of a file are taken for: a name, or why not. */
async function readFrom(content: string | Uint8Array) {
  writeFileSync(FILE, content);
  const found: string[] = [];
  for await (const row of readJsonLines(FILE)) {
    const read = "problem" in row ? row : readPerson(row.given);
    found.push("person" in read ? read.person.username : `${row.line}: ${read.problem}`);
  }
  return found;
}

describe("a hostile line", () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    [
      "a prototype among the fields",
      '{"username":"alice","__proto__":{"emailConfirmed":true}}',
      /none of the fields/,
    ],
    ["a constructor among the fields", '{"username":"alice","constructor":{}}', /none of the fields/],
    ["a field twice", '{"username":"alice","username":"bob"}', /twice/],
    ["a field twice, written otherwise", '{"username":"alice","\\u0075sername":"bob"}', /twice/],
    [
      "a field twice inside a credential",
      '{"username":"a","passwordHash":{"secretData":"1","secretData":"2"}}',
      /twice/,
    ],
    ["deep lists", `{"username":"alice","groups":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, /Groups/],
    ["deep objects", `{"username":"alice","totp":${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}}`, /./],
    ["a long line", `{"username":"${"a".repeat(MAX_ROW_BYTES)}"}`, /more than 65,536 bytes/],
    ["bytes that are not UTF-8", Buffer.from('{"username":"ali\xffce"}', "latin1"), /not UTF-8/],
    ["half of a pair", '{"username":"alice","name":"\\ud800"}', /name/],
    ["a NUL in a name", '{"username":"alice\\u0000"}', /A name has/],
    ["a raw NUL", '{"username":"ali\0ce"}', /not JSON/],
    ["a NUL in a hash", `{"username":"alice","passwordHash":"${HASH}\\u0000"}`, /password hash/],
    ["a line break in a hash", `{"username":"alice","passwordHash":"${HASH}\\n"}`, /password hash/],
    [
      "a hash of our own storage's kind",
      `{"username":"a","passwordHash":"{SHA}$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}`,
      /password hash/,
    ],
    [
      "a hash of a megabyte of memory too much",
      '{"username":"a","passwordHash":"$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}',
      /costs too much/,
    ],
    ["two values on a line", '{"username":"alice"}{"username":"bob"}', /not JSON/],
    ["a list of people", '[{"username":"alice"}]', /not an object/],
    ["NaN", '{"username":NaN}', /not JSON/],
    ["UTF-16 without a mark", Buffer.from('{"username":"alice"}', "utf16le"), /not JSON/],
  ])("with %s is refused, and the next one is read", async (_what, line, sentence) => {
    const [refused, ...rest] = await readFrom(
      Buffer.concat([Buffer.from(line), Buffer.from('\n{"username":"next"}')]),
    );
    expect(refused).toMatch(sentence);
    expect(refused).toMatch(/^1: /);
    expect(rest).toEqual(["next"]);
  });

  it("that ends in the middle of a character at the edge of a chunk is read right", async () => {
    const before = `{"username":"first"}${" ".repeat(65_536 - 60)}\n`;
    expect(await readFrom(`${before}{"username":"alice","name":"${"ü€😀".repeat(40)}"}\n`)).toEqual([
      "first",
      "alice",
    ]);
  });
});

describe("a very large file", () => {
  it("without one line break takes no memory", async () => {
    const piece = Buffer.alloc(2 ** 20, "x");
    await pipeline(Readable.from(Array.from({ length: 200 }, () => piece)), createWriteStream(FILE));
    const before = process.memoryUsage().rss;
    const rows = [];
    for await (const row of readJsonLines(FILE)) rows.push(row);
    expect(rows).toEqual([{ line: 1, problem: expect.stringMatching(/more than/) }]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
  });
});

describe("a report", () => {
  it("and everything that is printed and logged hold no part of a hash or a secret", async () => {
    const secretive = {
      passwordHash: HASH,
      totp: SECRET,
      [HASH]: "a field",
    };
    const rows = [
      { username: "a", ...secretive },
      { username: HASH },
      { username: "b", totp: `otpauth://totp/x?secret=${SECRET}&digits=8` },
      { username: "c", totp: `otpauth://totp/x?digits=6&algorithm=${SECRET}&secret=${SECRET}` },
      { username: "d", passwordHash: HASH.slice(0, -1) },
      { username: "e", passwordHash: { secretData: HASH, credentialData: SECRET } },
      { username: "f", email: HASH },
      { username: "g", [SECRET]: 1 },
      { username: "h", totp: `${SECRET}!` },
    ];
    const broken = `{"username":"i","totp":"${SECRET}"`;
    writeFileSync(FILE, `${rows.map((row) => JSON.stringify(row)).join("\n")}\n${broken}\n${SECRET}\n`);
    const env = { DATA_DIR: path.join(newFolder(), "data"), APP_SECRETS: appSecret() };
    const printed = await latchkey(["account", "import", FILE], { env });
    expect(printed.out).toMatch(/^0 imported, 0 there already, 11 refused/);
    const world = await openWorld();
    const report = await accountsOf(world).import(rows);
    for (const text of [printed.out, printed.err, JSON.stringify(report), ...world.logLines]) {
      expect(text).not.toContain(HASH.slice(7, 17));
      expect(text.toUpperCase()).not.toContain(SECRET.slice(0, 8));
    }
  });

  it("does not let a name control the terminal", async () => {
    const name = "Ann\u202E\u2028x";
    writeFileSync(FILE, JSON.stringify({ username: name, externalId: "1", totp: "x" }));
    const env = { DATA_DIR: path.join(newFolder(), "data"), APP_SECRETS: appSecret() };
    expect((await latchkey(["account", "import", FILE], { env })).out).toContain("(Ann??x)");
  });
});

describe("a person of an import", () => {
  it("cannot take another's account, whatever the row says", async () => {
    const world = await openWorld();
    const accounts = accountsOf(world);
    await accounts.create({ username: "alice", password: PASSWORD });
    const other = hashSync("another password", 4);
    const rows = [
      { username: "ALICE", passwordHash: other },
      { username: "alice", passwordHash: other, totp: SECRET },
      { username: " alice ", externalId: "1", passwordHash: other },
    ];
    expect(await accounts.import(rows)).toMatchObject({ imported: 0, skipped: 3 });
    expect((await world.visitor().password("alice", "another password")).status).toBe(401);
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(303);
  });

  it("has the secret sealed at rest", async () => {
    const world = await openWorld();
    await accountsOf(world).import([{ username: "alice", totp: SECRET }]);
    const { id } = (await world.store.accounts.byUsername("alice")) ?? { id: "" };
    const [authenticator] = await world.store.authenticators.of(id);
    expect(authenticator?.sealedSecret).toMatch(new RegExp(`^${world.keys.newest}\\.`));
  });
});
