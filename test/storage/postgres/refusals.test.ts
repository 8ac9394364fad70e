/** PostgreSQL servers that cannot be used, or not securely: the start and `doctor` say what to do. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { findOpenssl } from "../../../scripts/proxies.mjs";
import { appSecret } from "../../support/app-secret.js";
import { emptyDatabase, postgresServer } from "../../support/database.js";
import { latchkey } from "../../support/latchkey-command.js";
import { newFolder } from "../../support/new-folder.js";
import { ask, type Postgres, startPostgres } from "../../support/postgres.js";
import { start } from "../../support/server-process.js";
import { skipWithout } from "../../support/skip.js";

/** What the start and the commands say about a database: all must say the same sentence. */
async function refusals(DATABASE_URL: string): Promise<string[]> {
  const env = { DATABASE_URL, APP_SECRETS: appSecret(), DATA_DIR: newFolder() };
  const server = await start(env);
  expect(await server.exit).toBe(1);
  const commands = [["account", "list"], ["migrate"], ["doctor"]];
  const said = [server.output().err];
  for (const argv of commands) {
    const { out, err } = await latchkey(argv, { env });
    said.push(err.replace(/^Database: .*\n/, "") + out);
  }
  for (const text of said) expect(text).not.toMatch(/\n\s+at |SECURITY WARNING|trace-warnings/);
  return said;
}

/** Skips the test where it is missing. */
function opensslHere(): string {
  try {
    return findOpenssl();
  } catch (error) {
    return skipWithout((error as Error).message);
  }
}

/** Of `doctor` in a database that is as it should be. */
async function databaseLine(DATABASE_URL: string): Promise<string> {
  const env = { DATABASE_URL, APP_SECRETS: appSecret(), DATA_DIR: newFolder() };
  expect((await latchkey(["migrate"], { env })).exit).toBe(0);
  const { out } = await latchkey(["doctor"], { env });
  return out.split("\n").find((line) => line.includes(" database ")) ?? out;
}

function withUser(url: string, user: string, more = ""): string {
  const address = new URL(url);
  address.username = user;
  return address.href + more;
}

describe("a PostgreSQL database", () => {
  it.each(["LATIN1", "SQL_ASCII", "EUC_JP"])(
    "is refused in %s, with the command for one in UTF8",
    async (encoding) => {
      const { url } = postgresServer();
      const name = `encoded_${encoding.toLowerCase()}`;
      await ask(url, `drop database if exists ${name}`);
      await ask(
        url,
        `create database ${name} template template0 encoding '${encoding}' lc_collate 'C' lc_ctype 'C'`,
      );
      const address = new URL(url);
      address.pathname = name;
      for (const said of await refusals(address.href)) {
        expect(said).toContain(
          `This database is encoded in ${encoding}, which cannot hold every name: create one in UTF8, for example`,
        );
        expect(said).toContain("--encoding=UTF8");
      }
      const tables = await ask(
        address.href,
        "select * from information_schema.tables where table_schema = 'public'",
      );
      expect(tables).toEqual([]);
    },
  );

  it("names the grant that is missing when its user may not create tables, and works with it", async () => {
    const url = await emptyDatabase();
    await ask(
      url,
      "drop role if exists app; create role app login; revoke create on schema public from public",
    );
    const asApp = withUser(url, "app");
    // Those that make none say only that there are none yet.
    const [started, , migrated] = await refusals(asApp);
    for (const text of [started, migrated]) {
      expect(text).toContain("does not let its user create tables in the schema public: run");
      expect(text).toContain('`GRANT USAGE, CREATE ON SCHEMA public TO "app"`');
    }
    await ask(url, 'GRANT USAGE, CREATE ON SCHEMA public TO "app"');
    expect(await databaseLine(asApp)).toMatch(/^ok/);
    await ask(url, "drop role if exists other; create role other login");
    for (const text of await refusals(withUser(url, "other"))) {
      expect(text).toMatch(/the tables belong to another user\. Name that user in DATABASE_URL/);
    }
    await ask(url, "drop owned by app; drop role app; drop owned by other; drop role other");
  });
});

describe("a PostgreSQL server over the network", () => {
  let postgres: Postgres;
  let certificate: string;
  let isStarted = false;
  // Not before all: without a PostgreSQL each of these tests is skipped.
  beforeEach(async () => {
    if (isStarted) return;
    const openssl = opensslHere();
    postgres = await startPostgres(postgresServer().bin);
    isStarted = true;
    const folder = newFolder();
    certificate = path.join(folder, "server.crt");
    const words =
      "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost";
    const files = ["-out", certificate, "-keyout", path.join(folder, "server.key")];
    execFileSync(openssl, [...words.split(" "), ...files], { stdio: "ignore" });
    const { uid, gid } = statSync(path.join(postgres.folder, "data"));
    for (const name of ["server.crt", "server.key"]) {
      const there = path.join(postgres.folder, "data", name);
      writeFileSync(there, readFileSync(path.join(folder, name)));
      chmodSync(there, 0o600);
      chownSync(there, uid, gid);
    }
  });
  afterAll(() => (isStarted ? postgres.close() : undefined));

  async function tls(on: boolean): Promise<void> {
    await postgres.query(`alter system set ssl = ${on ? "on" : "off"}`);
    await postgres.query("select pg_reload_conf()");
    const until = Date.now() + 10_000;
    while (Date.now() < until && (await postgres.query("show ssl"))[0]?.ssl !== (on ? "on" : "off"));
  }

  /** Each is this machine; the last name is not in its certificate. */
  const at = (host: string, query: string) => {
    const url = new URL(postgres.url());
    return `postgres://latchkey@${host}:${url.port}/postgres${query}`;
  };
  const ELSEWHERE = "0x7f000001";

  it.each(["require", "prefer", "verify-ca", "verify-full"])(
    "is refused with sslmode=%s and a self-signed certificate, with the way to name its authority",
    async (mode) => {
      await tls(true);
      for (const said of await refusals(at("127.0.0.1", `?sslmode=${mode}`))) {
        expect(said).toMatch(
          /presents a certificate from an unknown authority: add sslrootcert=\/path\/to\/ca\.pem/,
        );
      }
    },
  );

  it("works once its authority is named, and is refused under another name", async () => {
    await tls(true);
    const query = `?sslmode=require&sslrootcert=${certificate}`;
    expect(await databaseLine(at("localhost", query))).toMatch(/^ok/);
    for (const said of await refusals(at("127.0.0.1", query))) {
      expect(said).toMatch(/presents a certificate for another name: use that name in DATABASE_URL/);
    }
  });

  it("is refused when it does not offer the TLS that DATABASE_URL asks for", async () => {
    await tls(false);
    for (const said of await refusals(at("localhost", "?sslmode=require"))) {
      expect(said).toMatch(/does not offer TLS, which DATABASE_URL asks for: turn it on by/);
    }
  });

  it.each([
    [
      "when it is reached over the network without TLS",
      "",
      /^problem .*over the network without TLS: .* Add sslmode=verify-full/,
    ],
    [
      "when it is reached with TLS switched off",
      "?sslmode=disable",
      /^problem .*over the network without TLS/,
    ],
    [
      "when it is reached with TLS and no certificate check",
      "?sslmode=no-verify",
      /^problem .*by TLS without checking its certificate: .* Set sslmode=verify-full/,
    ],
    [
      "when it is reached with the TLS of libpq",
      "?uselibpqcompat=true&sslmode=require",
      /^problem .*by TLS without checking its certificate/,
    ],
  ])("is a problem for doctor %s, except on this machine", async (_, query, finding) => {
    await tls(true);
    onTestFinished(() => tls(false));
    const found = await databaseLine(at(ELSEWHERE, query));
    expect(found).toMatch(finding);
    expect(await databaseLine(at("localhost", query))).toMatch(/^ok/);
    expect(await databaseLine(at("127.0.0.1", query))).toMatch(/^ok/);
  });
});
