/** The settings: defaults, every problem at once, and what production insists on. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig, VARIABLES } from "../src/config.js";
import { developmentKey } from "../src/development-key.js";
import { newFolder } from "./support/new-folder.js";

const SECRET = "s".repeat(32);
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
    ["DEMO", "yes"],
    ["TRUST_PROXY", "everyone"],
    ["TRUST_PROXY", "10.0.0.0/99"],
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

  it("reports all of them together", () => {
    expect(problems({ PORT: "x", DEMO: "x", LOG_LEVEL: "x" })).toHaveLength(3);
  });

  it("of a later version's database is refused, never silently replaced by a file", () => {
    expect(problems({ DATABASE_URL: "postgres://localhost/latchkey" }).join()).toContain("DATABASE_URL");
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
      APP_SECRETS: `${SECRET}, ${"o".repeat(32)}`,
      TRUST_PROXY: "loopback, 10.0.0.0/8, ::1",
    });
    expect(config.secrets).toEqual([SECRET, "o".repeat(32)]);
    expect(config.trustProxy).toEqual(["loopback", "10.0.0.0/8", "::1"]);
  });
});

describe("the documents", () => {
  it.each(["README.md", ".env.example"])("%s lists every variable", (file) => {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
    for (const variable of VARIABLES) expect(text).toMatch(new RegExp(`\\b${variable}\\b`));
  });
});
