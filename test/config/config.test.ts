/** The settings: defaults, every problem at once, and what production insists on. */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.js";
import { developmentKey } from "../../src/development-key.js";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { start } from "../support/server-process.js";
import { problems } from "../support/settings.js";

const SECRET = appSecret();
const PRODUCTION = {
  NODE_ENV: "production",
  BASE_URL: "https://sign-in.example.org",
  APP_SECRETS: SECRET,
  TRUST_PROXY: "loopback",
};

describe("the configuration in development", () => {
  it("needs no setting", () => {
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

  it("has a key that is made once, for its owner alone", () => {
    const folder = path.join(newFolder(), "data");
    const key = developmentKey(folder);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(developmentKey(folder)).toBe(key);
    expect(readdirSync(folder)).toEqual(["key"]);
    expect(readFileSync(path.join(folder, "key"), "utf8").trim()).toBe(key);
    expect(statSync(path.join(folder, "key")).mode & 0o777).toBe(0o600);
  });

  it("is refused when the key file was emptied", () => {
    const folder = newFolder();
    writeFileSync(path.join(folder, "key"), "\n");
    expect(() => developmentKey(folder)).toThrow(/holds no key/);
  });

  it("takes an empty setting as unset", () => {
    expect(readConfig({ APP_SECRETS: SECRET, PORT: "", APP_NAME: " " })).toMatchObject({
      port: 3000,
      appName: "Latchkey",
    });
  });
});

describe("the configuration in production", () => {
  it("lets everyone connect, and has no demo account", () => {
    expect(readConfig(PRODUCTION)).toMatchObject({ host: "0.0.0.0", demo: "off", production: true });
  });

  it("is refused with everything that is missing, at once", () => {
    const found = problems({ NODE_ENV: "production", APP_SECRETS: "", DEMO: "on" });
    expect(found).toHaveLength(3);
    expect(found.join()).toMatch(/BASE_URL.*APP_SECRETS.*DEMO/);
  });

  it("is refused with what is missing and what is wrong, at once", () => {
    const found = problems({ NODE_ENV: "production", APP_SECRETS: "", PORT: "x" }).join();
    expect(found).toMatch(/PORT.*BASE_URL.*APP_SECRETS/);
  });

  it("needs a trusted proxy when BASE_URL is https", () => {
    expect(problems({ ...PRODUCTION, TRUST_PROXY: "" }).join()).toContain("TRUST_PROXY is required");
    expect(problems({ ...PRODUCTION, TRUST_PROXY: "", BASE_URL: "http://10.0.0.1:3000" })).toEqual([]);
  });
});

describe("a wrong setting", () => {
  it("is a name with a BOM in front", () => {
    expect(problems({ "\uFEFFPORT": "80", "\uFEFFother": "x" })).toEqual([
      expect.stringMatching(/^PORT has a BOM before its name/),
    ]);
  });

  it("ignores spaces and a CR around a value", () => {
    expect(readConfig({ APP_SECRETS: `${SECRET}\r`, PORT: " 80\r", DATA_DIR: "/data \r" })).toMatchObject({
      port: 80,
      dataDir: path.resolve("/data"),
      secrets: [SECRET],
    });
  });

  it("is reported together with all others", () => {
    expect(problems({ PORT: "x", DEMO: "x", LOG_LEVEL: "x" })).toHaveLength(3);
  });

  it("is reported in a line of its own, before anything is opened", async () => {
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

describe("forward authentication", () => {
  const BASE_URL = "https://sign-in.example.org";

  it("accepts the hosts that are named, and a domain that contains BASE_URL", () => {
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
    "refuses the domain %s, whose cookie no browser would accept from BASE_URL",
    (COOKIE_DOMAIN) => {
      expect(problems({ BASE_URL, COOKIE_DOMAIN })).toEqual([
        expect.stringContaining("in which BASE_URL is not"),
      ]);
    },
  );

  it("needs BASE_URL, and says so once", () => {
    for (const name of ["ALLOWED_HOSTS", "COOKIE_DOMAIN"]) {
      const found = problems({ [name]: "app.example.org" });
      expect(found).toEqual([
        "ALLOWED_HOSTS and COOKIE_DOMAIN need BASE_URL: the address where people sign in.",
      ]);
      expect(problems({ ...PRODUCTION, BASE_URL: "", [name]: "app.example.org" })).toHaveLength(1);
    }
  });
});
