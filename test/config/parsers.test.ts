/** The parsers of single settings: which texts they accept, what they read in them, and which they refuse. */
import { homedir } from "node:os";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.js";
import { appSecret } from "../support/app-secret.js";
import { problems } from "../support/settings.js";

const SECRET = appSecret();

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
    ["INVITATION", "0"],
    ["INVITATION", "3"],
    ["INVITATION", "91d"],
    ["MOUNT_PATH", "sign-in"],
    ["MOUNT_PATH", "//evil.example"],
    ["MOUNT_PATH", "/../x"],
    ["MOUNT_PATH", "/sign-in?x"],
    ["MOUNT_PATH", "/a b"],
    ["MOUNT_PATH", `/${"x".repeat(200)}`],
    ["METRICS_PORT", "0"],
    ["METRICS_PORT", "70000"],
    ["METRICS_PORT", "on"],
    ["METRICS_PORT", "3000"],
    ["LOG_LEVEL", "loud"],
    ["CONTACT", "x".repeat(201)],
  ])("is one problem that names the setting: %s=%s", (name, value) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(name);
  });

  it("is refused with a remedy when it is a number of proxies or a folder with ~", () => {
    expect(problems({ TRUST_PROXY: "1" })[0]).toMatch(/give the proxy's address, for example loopback/);
    expect(problems({ DATA_DIR: "~/data" })[0]).toContain(`write the full path, for example ${homedir()}`);
  });
});

describe("right values", () => {
  it("read durations with their units", () => {
    const { policy } = readConfig({
      APP_SECRETS: SECRET,
      SESSION_IDLE: "90s",
      SESSION_MAX: "2d",
      PENDING_LOGIN: "5m",
      STEP_UP: "1h",
      TRUSTED_DEVICE: "7d",
      INVITATION: "90d",
    });
    expect(policy).toEqual({
      sessionIdle: 90_000,
      sessionMax: 172_800_000,
      pendingLogin: 300_000,
      stepUp: 3_600_000,
      trustedDevice: 604_800_000,
      invitation: 7_776_000_000,
      resync: false,
    });
  });

  it("read where an app has mounted Latchkey, without a slash at the end", () => {
    const mountPath = (MOUNT_PATH: string) => readConfig({ APP_SECRETS: SECRET, MOUNT_PATH }).mountPath;
    expect(["", "/", "/sign-in", "/a/b_c.d/"].map(mountPath)).toEqual(["", "", "/sign-in", "/a/b_c.d"]);
  });

  it("switch resynchronisation on with the word on alone", () => {
    expect(readConfig({ APP_SECRETS: SECRET, RESYNC: "on" }).policy.resync).toBe(true);
    expect(readConfig({ APP_SECRETS: SECRET, RESYNC: "off" }).policy.resync).toBe(false);
    expect(problems({ RESYNC: "yes" })).toEqual(["RESYNC is on or off."]);
  });

  it("switch trusted devices off with 0, and take 0 for no other duration", () => {
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
