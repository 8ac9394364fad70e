/** DATABASE_URL with any characters in its password: refused or read as meant, and no command prints a part of the password. */
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConfigError, readConfig } from "../../src/config/config.js";
import { databaseName } from "../../src/storage/index.js";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { latchkeyProcess } from "../support/node-cli.js";
import fc from "../support/properties.js";

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

function read(DATABASE_URL: string): string[] | undefined {
  try {
    readConfig({ APP_SECRETS: appSecret(), DATABASE_URL });
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Every part of a password that is long enough to help an attacker. */
function partsOf(secret: string): string[] {
  const letters = [...secret];
  return letters.map((_, at) => letters.slice(at, at + 4).join("")).filter((part) => [...part].length === 4);
}

describe("DATABASE_URL with any characters in its password", () => {
  it("is refused, or means the same to us and to the driver", () => {
    let taken = 0;
    const each = fc.property(password, (secret) => {
      const url = BEFORE + secret + BEHIND;
      const problems = read(url);
      if (problems) {
        expect(problems).toEqual([
          expect.stringMatching(/^DATABASE_URL is the address .* # as %23, @ as %40/),
        ]);
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
    "is refused by what is built, too: %s",
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
      expect(read(url)).toBeUndefined();
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

describe("what the query says again", () => {
  it.each([
    ["postgres://latchkey@db/sign-in?host=other&user=me&port=99", "postgres://me@other:99/sign-in"],
    ["postgres://latchkey@db/sign-in?host=one&host=two", "postgres://latchkey@two/sign-in"],
    ["postgres://latchkey@localhost/sign-in?host=/run/postgresql", "postgres://latchkey@localhost/sign-in"],
    ["postgres://l%40tchkey@db/sign-in", "postgres://l%40tchkey@db/sign-in"],
  ])("counts for us as for the driver: %s", (databaseUrl, name) => {
    expect(read(databaseUrl)).toBeUndefined();
    expect(databaseName({ dataDir: "", databaseUrl })).toBe(name);
    const { user, host, port } = new pg.Client({ connectionString: databaseUrl });
    const told = new URL(name);
    expect(decodeURIComponent(told.username)).toBe(user);
    expect(told.port || "5432").toBe(String(port));
    if (!host.startsWith("/")) expect(told.hostname).toBe(host);
  });
});
