/** DATABASE_URL: refused or read as meant, whatever characters its password has; no command prints a part of the password. */
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../src/config/config.js";
import { databaseName } from "../../src/storage/index.js";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { latchkeyProcess } from "../support/node-cli.js";
import fc from "../support/properties.js";
import { problems } from "../support/settings.js";

const MEANT = { user: "latchkey", host: "127.0.0.1", port: 9, database: "sign-in" };
const [BEFORE, BEHIND] = ["postgres://latchkey:", "@127.0.0.1:9/sign-in"];

/** An unescaped password. Its letters and digits occur in none of our sentences. */
const password = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("ZQXJ", "QZ", "7391", "80", "XQ9Z") },
      { weight: 4, arbitrary: fc.constantFrom(..."#?/@%:&=+!$'()*,;~[]\\|^`{}<>\"§ß→") },
      fc.constantFrom(
        "%2F",
        "%",
        "%4",
        "%zz",
        "%ff",
        "%00",
        " ",
        "\t",
        "@ZQXJ.example/",
        "?host=ZQXJ&",
        "#@/",
        "//",
      ),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(""));

/** Every part of a password that is long enough to help an attacker. */
function partsOf(secret: string): string[] {
  const letters = [...secret];
  return letters.map((_, at) => letters.slice(at, at + 4).join("")).filter((part) => [...part].length === 4);
}

describe("DATABASE_URL", () => {
  it.each([
    "postgres://localhost/latchkey",
    "postgresql://latchkey@db.example.org:5433/latchkey",
    "postgres://latchkey:p%2Fa%23s@10.0.0.5/latchkey?sslmode=verify-full",
    "postgres://latchkey:p@s:s@[::1]/latchkey",
    "postgres:///latchkey?host=/var/run/postgresql",
    "postgres://latchkey@/latchkey?host=/var/run/postgresql",
    "postgres://localhost/shared?options=-c%20search_path%3Dmine",
  ])("may be %s", (DATABASE_URL) => {
    expect(readConfig({ APP_SECRETS: appSecret(), DATABASE_URL }).databaseUrl).toBe(DATABASE_URL);
  });

  it.each([
    "localhost/latchkey",
    "mysql://localhost/latchkey",
    "sqlite:///latchkey.sqlite",
    "./data/latchkey.sqlite",
    "postgres:latchkey",
    "postgres://",
    "postgres://localhost:port/latchkey",
    "postgres://latchkey:hun/ter2@localhost/latchkey",
    "postgres://latchkey:hun#ter2@localhost/latchkey",
    "postgres://latchkey:123/ter2@localhost/latchkey",
  ])("is refused when it is %s, and never replaced by a file", (DATABASE_URL) => {
    const found = problems({ DATABASE_URL });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^DATABASE_URL is the address of a PostgreSQL database, as postgres:/);
    expect(found[0]).not.toContain("ter2");
  });

  it.each([
    ["postgres://latchkey:hunter2@localhost/latchkey", "postgres://latchkey@localhost/latchkey"],
    ["postgres://latchkey:hunt@er:2@localhost/latchkey", "postgres://latchkey@localhost/latchkey"],
    ["postgres://:hunter2@localhost/latchkey", "postgres://localhost/latchkey"],
    ["postgres://[::1]:5433/a@b", "postgres://[::1]:5433/a@b"],
    ["postgres://db/a?user=b&password=hunter2&ssl=1", "postgres://b@db/a"],
    ["postgres://latchkey@/a?host=/run/postgresql&pass%77ord=hunter2", "postgres://latchkey@localhost/a"],
  ])("is printed without its password: %s", (databaseUrl, name) => {
    expect(databaseName({ dataDir: "", databaseUrl })).toBe(name);
  });
});

describe("DATABASE_URL with any characters in its password", () => {
  it("is refused, or means the same to us and to the driver", () => {
    let taken = 0;
    const each = fc.property(password, (secret) => {
      const url = BEFORE + secret + BEHIND;
      const found = problems({ DATABASE_URL: url });
      if (found.length > 0) {
        expect(found).toEqual([expect.stringMatching(/^DATABASE_URL is the address .* # as %23, @ as %40/)]);
        return;
      }
      taken += 1;
      const { user, host, port, database } = new pg.Client({ connectionString: url });
      expect({ user, host, port, database }).toEqual(MEANT);
      expect(databaseName({ dataDir: "", databaseUrl: url })).toBe("postgres://latchkey@127.0.0.1:9/sign-in");
    });
    fc.assert(each, { numRuns: 3_000, examples: [["12#34"], ["12/34"], ["12?34"], ["12@34/"], ["a%2Fb c"]] });
    expect(taken).toBeGreaterThan(100);
  });

  it.each(["12#34", "12/34", "12?34", "12@34/", "12%34%", "12%zz", "12%ff"])(
    "is refused by the built command, too: %s",
    async (secret) => {
      const { exit, err } = await latchkeyProcess(["account", "list"], {
        APP_SECRETS: appSecret(),
        DATABASE_URL: BEFORE + secret + BEHIND,
      });
      expect(exit).toBe(1);
      expect(err).toContain("DATABASE_URL is the address of a PostgreSQL database");
    },
  );

  it("is read as meant once it is escaped", () => {
    const each = fc.property(password, (secret) => {
      const url = BEFORE + encodeURIComponent(secret) + BEHIND;
      expect(problems({ DATABASE_URL: url })).toEqual([]);
      const { user, host, port, database, password: got } = new pg.Client({ connectionString: url });
      expect({ user, host, port, database, got }).toEqual({ ...MEANT, got: secret });
    });
    fc.assert(each, { numRuns: 1_000 });
  });

  it("is not printed by any command, not even in part", async () => {
    const DATA_DIR = newFolder();
    const warned: string[] = [];
    const hear = (warning: Error) => warned.push(String(warning));
    process.on("warning", hear);
    onTestFinished(() => void process.off("warning", hear));
    const each = fc.asyncProperty(password, async (secret) => {
      const env = { APP_SECRETS: appSecret(), DATA_DIR, PORT: "0", DATABASE_URL: BEFORE + secret + BEHIND };
      for (const argv of [["doctor"], ["account", "list"], ["serve"], ["migrate"]]) {
        const { exit, out, err } = await latchkey(argv, { env });
        expect(exit, argv.join(" ")).toBe(1);
        // The remedy names escapes, some of which may stand in a password by chance.
        const said = (out + err + warned.join()).replaceAll(/in a password, write [^.]*/g, "");
        expect(
          partsOf(secret).filter((part) => said.includes(part)),
          said,
        ).toEqual([]);
      }
    });
    await fc.assert(each, {
      numRuns: 60,
      examples: [["7391#ZQXJ"], ["ZQXJ/7391"], ["7391?ZQXJXQ9Z"], ["7391@ZQXJ"]],
    });
  });
});

describe("the query of DATABASE_URL", () => {
  it.each([
    ["postgres://latchkey@db/sign-in?host=other&user=me&port=99", "postgres://me@other:99/sign-in"],
    ["postgres://latchkey@db/sign-in?host=one&host=two", "postgres://latchkey@two/sign-in"],
    ["postgres://latchkey@localhost/sign-in?host=/run/postgresql", "postgres://latchkey@localhost/sign-in"],
    ["postgres://l%40tchkey@db/sign-in", "postgres://l%40tchkey@db/sign-in"],
  ])("is read as the driver reads it: %s", (databaseUrl, name) => {
    expect(problems({ DATABASE_URL: databaseUrl })).toEqual([]);
    expect(databaseName({ dataDir: "", databaseUrl })).toBe(name);
    const { user, host, port } = new pg.Client({ connectionString: databaseUrl });
    const told = new URL(name);
    expect(decodeURIComponent(told.username)).toBe(user);
    expect(told.port || "5432").toBe(String(port));
    if (!host.startsWith("/")) expect(told.hostname).toBe(host);
  });
});
