/** The settings: defaults, every problem at once, and what production insists on. */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { homedir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config/config.js";
import { developmentKey } from "../../src/development-key.js";
import { databaseName } from "../../src/storage/index.js";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { start } from "../support/server-process.js";

const SECRET = appSecret();
const PRODUCTION = {
  NODE_ENV: "production",
  BASE_URL: "https://sign-in.example.org",
  APP_SECRETS: SECRET,
  TRUST_PROXY: "loopback",
};

function problems(env: Record<string, string>): string[] {
  try {
    readConfig({ APP_SECRETS: SECRET, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("in development", () => {
  it("needs no setting at all", () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 3000,
      host: "127.0.0.1",
      appName: "Latchkey",
      production: false,
      demo: "loopback",
      trustProxy: [],
      policy: {
        sessionIdle: 3_600_000,
        sessionMax: 86_400_000,
        pendingLogin: 600_000,
        stepUp: 600_000,
        trustedDevice: 2_592_000_000,
        resync: false,
      },
    });
  });

  it("makes a key once, for its owner alone, and keeps it", () => {
    const folder = path.join(newFolder(), "data");
    const key = developmentKey(folder);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(developmentKey(folder)).toBe(key);
    expect(readdirSync(folder)).toEqual(["key"]);
    expect(readFileSync(path.join(folder, "key"), "utf8").trim()).toBe(key);
    expect(statSync(path.join(folder, "key")).mode & 0o777).toBe(0o600);
  });

  it("refuses a key file that was emptied, rather than sealing with nothing", () => {
    const folder = newFolder();
    writeFileSync(path.join(folder, "key"), "\n");
    expect(() => developmentKey(folder)).toThrow(/holds no key/);
  });

  it("takes an empty variable for an unset one", () => {
    expect(readConfig({ APP_SECRETS: SECRET, PORT: "", APP_NAME: " " })).toMatchObject({
      port: 3000,
      appName: "Latchkey",
    });
  });
});

describe("in production", () => {
  it("serves everyone, without the demo account", () => {
    expect(readConfig(PRODUCTION)).toMatchObject({ host: "0.0.0.0", demo: "off", production: true });
  });

  it("names everything that is missing at once", () => {
    const found = problems({ NODE_ENV: "production", APP_SECRETS: "", DEMO: "on" });
    expect(found).toHaveLength(3);
    expect(found.join()).toMatch(/BASE_URL.*APP_SECRETS.*DEMO/);
  });

  it("names what is missing together with what is wrong", () => {
    const found = problems({ NODE_ENV: "production", APP_SECRETS: "", PORT: "x" }).join();
    expect(found).toMatch(/PORT.*BASE_URL.*APP_SECRETS/);
  });

  it("insists on a trusted proxy when the address is https", () => {
    expect(problems({ ...PRODUCTION, TRUST_PROXY: "" }).join()).toContain("TRUST_PROXY is required");
    expect(problems({ ...PRODUCTION, TRUST_PROXY: "", BASE_URL: "http://10.0.0.1:3000" })).toEqual([]);
  });
});

describe("a wrong value", () => {
  it.each([
    ["PORT", "http"],
    ["PORT", "70000"],
    ["PORT", "1.5"],
    ["PORT", "1e3"],
    ["NODE_ENV", "prod"],
    ["NODE_ENV", "Production"],
    ["APP_NAME", "a\nb"],
    ["SESSION_IDLE", "25h"],
    ["APP_NAME", "a:b"],
    ["APP_NAME", "x".repeat(65)],
    ["BASE_URL", "sign-in.example.org"],
    ["BASE_URL", "https://example.org/path"],
    ["BASE_URL", "ftp://example.org"],
    ["BASE_URL", "https://user@example.org"],
    ["APP_SECRETS", "short"],
    ["APP_SECRETS", `${SECRET},short`],
    ["APP_SECRETS", "s".repeat(32)],
    ["APP_SECRETS", `${SECRET},${"test-secret ".repeat(4)}`],
    ["DEMO", "yes"],
    ["TRUST_PROXY", "everyone"],
    ["TRUST_PROXY", "10.0.0.0/99"],
    ["TRUST_PROXY", "1"],
    ["TRUST_PROXY", "2, loopback"],
    ["TRUST_PROXY", "loopback,1"],
    ["TRUST_PROXY", "true"],
    ["TRUST_PROXY", "yes"],
    ["TRUST_PROXY", "*"],
    ["TRUST_PROXY", "Loopback"],
    ["TRUST_PROXY", "127.1"],
    ["TRUST_PROXY", "0x7f.1"],
    ["TRUST_PROXY", "0x7f000001"],
    ["TRUST_PROXY", "2130706433"],
    ["TRUST_PROXY", "0177.0.0.1"],
    ["TRUST_PROXY", "010.0.0.5"],
    ["TRUST_PROXY", "10/8"],
    ["TRUST_PROXY", "10.1/16"],
    ["TRUST_PROXY", "10.0.0.0/08"],
    ["TRUST_PROXY", "10.0.0.0/8/8"],
    ["TRUST_PROXY", "10.0.0.0/"],
    ["TRUST_PROXY", "10.0.0.5:443"],
    ["TRUST_PROXY", "[::1]"],
    ["TRUST_PROXY", "fe80::1%eth0"],
    ["TRUST_PROXY", "proxy.example.org"],
    ["DATA_DIR", "~"],
    ["DATA_DIR", "~/data"],
    ["DATA_DIR", "~latchkey/data"],
    ["DATA_DIR", "$HOME/data"],
    ["DATA_DIR", `\${HOME}/data`],
    ["TRUST_PROXY", "0.0.0.0/0"],
    ["TRUST_PROXY", "loopback, ::/0"],
    ["TRUST_PROXY", "::ffff:0:0/96"],
    ["ALLOWED_HOSTS", "https://app.example.org"],
    ["ALLOWED_HOSTS", "app.example.org/path"],
    ["ALLOWED_HOSTS", "app.example.org,*.example.org"],
    ["ALLOWED_HOSTS", "user@app.example.org"],
    ["ALLOWED_HOSTS", "app.example.org:port"],
    ["ALLOWED_HOSTS", "app.example.org:70000"],
    ["ALLOWED_HOSTS", "app.example.org."],
    ["ALLOWED_HOSTS", "app.example.org,"],
    ["ALLOWED_HOSTS", "127.1"],
    ["COOKIE_DOMAIN", "localhost"],
    ["COOKIE_DOMAIN", "10.0.0.1"],
    ["COOKIE_DOMAIN", "*.example.org"],
    ["COOKIE_DOMAIN", "example.org:443"],
    ["COOKIE_DOMAIN", "https://example.org"],
    ["COOKIE_DOMAIN", "example.org; Path=/x"],
    ["SESSION_IDLE", "60"],
    ["SESSION_MAX", "0h"],
    ["PENDING_LOGIN", "-1m"],
    ["STEP_UP", "10"],
    ["STEP_UP", "always"],
    ["TRUSTED_DEVICE", "0d"],
    ["TRUSTED_DEVICE", "off"],
    ["TRUSTED_DEVICE", "30"],
    ["METRICS_PORT", "0"],
    ["METRICS_PORT", "70000"],
    ["METRICS_PORT", "on"],
    ["METRICS_PORT", "3000"],
    ["LOG_LEVEL", "loud"],
    ["CONTACT", "x".repeat(201)],
  ])("%s=%s is one problem that names the setting", (name, value) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(name);
  });

  it("says how to name a proxy, and where the home folder is", () => {
    expect(problems({ TRUST_PROXY: "1" })[0]).toMatch(/give the proxy's address, for example loopback/);
    expect(problems({ DATA_DIR: "~/data" })[0]).toContain(`write the full path, for example ${homedir()}`);
  });

  it("is also one whose name has a BOM in front", () => {
    expect(problems({ "\uFEFFPORT": "80", "\uFEFFother": "x" })).toEqual([
      expect.stringMatching(/^PORT has a BOM before its name/),
    ]);
  });

  it("is not one with spaces or a CR around it, as some files have", () => {
    expect(readConfig({ APP_SECRETS: `${SECRET}\r`, PORT: " 80\r", DATA_DIR: "/data \r" })).toMatchObject({
      port: 80,
      dataDir: path.resolve("/data"),
      secrets: [SECRET],
    });
  });

  it("reports all of them together", () => {
    expect(problems({ PORT: "x", DEMO: "x", LOG_LEVEL: "x" })).toHaveLength(3);
  });

  it("of all settings at once is told a line each, before anything is opened", async () => {
    let connections = 0;
    const database = createServer(() => (connections += 1)).listen(0, "127.0.0.1");
    await once(database, "listening");
    const { port } = database.address() as AddressInfo;
    const DATA_DIR = path.join(newFolder(), "data");
    const env = {
      NODE_ENV: "production",
      DATA_DIR,
      DATABASE_URL: `postgres://latchkey@127.0.0.1:${port}/latchkey`,
      PORT: "many",
      TRUST_PROXY: "everyone,0.0.0.0/0",
      LOG_LEVEL: "loud",
    };
    const server = await start(env);
    expect(await server.exit).toBe(1);
    const lines = [
      "The settings need attention:",
      "  - PORT ",
      '  - TRUST_PROXY has "everyone"',
      '  - TRUST_PROXY has "0.0.0.0/0"',
      "  - LOG_LEVEL ",
      "  - BASE_URL is required ",
      "  - APP_SECRETS is required ",
    ];
    const told = server.output().err.trimEnd().split("\n");
    expect(told).toEqual([
      expect.stringContaining(`latchkey: ${lines[0]}`),
      ...lines.slice(1).map((line) => expect.stringContaining(line)),
    ]);
    expect(server.output().out).toBe("");
    for (const command of [["migrate"], ["account", "list"], ["keys", "rotate"], ["backup", "copy"]]) {
      const { exit, out, err } = await latchkey(command, { env });
      expect({ exit, out }).toEqual({ exit: 1, out: "" });
      for (const line of lines) expect(err).toContain(line.trim());
    }
    expect(existsSync(DATA_DIR)).toBe(false);
    expect(connections).toBe(0);
    database.close();
  });
});

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
    expect(readConfig({ APP_SECRETS: SECRET, DATABASE_URL }).databaseUrl).toBe(DATABASE_URL);
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
  ])("may not be %s, which is never replaced by a file in silence", (DATABASE_URL) => {
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
  ])("%s is told without its password", (databaseUrl, name) => {
    expect(databaseName({ dataDir: "", databaseUrl })).toBe(name);
  });
});

describe("values", () => {
  it("read durations with their units", () => {
    const { policy } = readConfig({
      APP_SECRETS: SECRET,
      SESSION_IDLE: "90s",
      SESSION_MAX: "2d",
      PENDING_LOGIN: "5m",
      STEP_UP: "1h",
      TRUSTED_DEVICE: "7d",
    });
    expect(policy).toEqual({
      sessionIdle: 90_000,
      sessionMax: 172_800_000,
      pendingLogin: 300_000,
      stepUp: 3_600_000,
      trustedDevice: 604_800_000,
      resync: false,
    });
  });

  it("switch resynchronisation on by that word alone", () => {
    expect(readConfig({ APP_SECRETS: SECRET, RESYNC: "on" }).policy.resync).toBe(true);
    expect(readConfig({ APP_SECRETS: SECRET, RESYNC: "off" }).policy.resync).toBe(false);
    expect(problems({ RESYNC: "yes" })).toEqual(["RESYNC is on or off."]);
  });

  it("switch trusted devices off with 0, and nothing else", () => {
    expect(readConfig({ APP_SECRETS: SECRET, TRUSTED_DEVICE: "0" }).policy.trustedDevice).toBe(0);
    for (const name of ["SESSION_IDLE", "SESSION_MAX", "PENDING_LOGIN", "STEP_UP"]) {
      expect(problems({ [name]: "0" }).join()).toContain(name);
    }
  });

  it("read several secrets, newest first, and several proxies", () => {
    const config = readConfig({
      APP_SECRETS: `${SECRET}, ${appSecret("other")}`,
      TRUST_PROXY: "loopback, 10.0.0.0/8, ::1, 10.0.0.5, fd00::/8, ::ffff:10.0.0.5",
    });
    expect(config.secrets).toEqual([SECRET, appSecret("other")]);
    expect(config.trustProxy).toEqual([
      "loopback",
      "10.0.0.0/8",
      "::1",
      "10.0.0.5",
      "fd00::/8",
      "::ffff:10.0.0.5",
    ]);
  });
});

describe("forward authentication", () => {
  const BASE_URL = "https://sign-in.example.org";

  it("is for exactly the hosts that are named, and for one domain, which has the sign-in in it", () => {
    const settings = {
      APP_SECRETS: SECRET,
      BASE_URL,
      ALLOWED_HOSTS: "App.Example.org, wiki.example.org:8443",
      COOKIE_DOMAIN: ".Example.org",
    };
    expect(readConfig(settings)).toMatchObject({
      allowedHosts: ["app.example.org", "wiki.example.org:8443"],
      cookieDomain: "example.org",
    });
    expect(problems({ ...settings, BASE_URL: "https://example.org" })).toEqual([]);
  });

  it.each(["ample.org", "other.example", "app.sign-in.example.org"])(
    "is not for the domain %s, whose cookie no browser would take from BASE_URL",
    (COOKIE_DOMAIN) => {
      expect(problems({ BASE_URL, COOKIE_DOMAIN })).toEqual([
        expect.stringContaining("in which BASE_URL is not"),
      ]);
    },
  );

  it("needs to know where people sign in, said once", () => {
    for (const name of ["ALLOWED_HOSTS", "COOKIE_DOMAIN"]) {
      const found = problems({ [name]: "app.example.org" });
      expect(found).toEqual([
        "ALLOWED_HOSTS and COOKIE_DOMAIN need BASE_URL: the address where people sign in.",
      ]);
      expect(problems({ ...PRODUCTION, BASE_URL: "", [name]: "app.example.org" })).toHaveLength(1);
    }
  });
});
