/** `latchkey doctor` on the proxies that may name a client's address. */
import { describe, expect, it } from "vitest";
import { findings } from "../../support/doctor.js";
import { newFolder } from "../../support/new-folder.js";

describe("the proxies check", () => {
  it.each([
    ["", /^ok .*None is trusted/],
    ["loopback, 10.0.0.0/8, fd00::/8, fc00::/7", /^ok .*loopback, 10\.0\.0\.0\/8, .* may name/],
    ["203.0.113.7, 2001:db8::/32", /^ok/],
    ["loopback, 128.0.0.0/1", /^problem .*far too many: 128\.0\.0\.0\/1\. .*Name the addresses/],
    ["64.0.0.0/7", /^problem/],
    ["2000::/3", /^problem/],
    ["::ffff:0:0/97", /^problem/],
    ["::/16", /^problem/],
  ])("judges TRUST_PROXY=%s", async (TRUST_PROXY, line) => {
    const found = await findings({ DATA_DIR: newFolder(), TRUST_PROXY });
    expect(found.proxies).toMatch(line);
  });

  it("finds a problem when BASE_URL is https and no proxy is trusted", async () => {
    const https = { DATA_DIR: newFolder(), BASE_URL: "https://sign-in.example.org" };
    expect((await findings(https)).proxies).toMatch(
      /^problem .*every request passes for http.* Set TRUST_PROXY/,
    );
    const behind = { ...https, NODE_ENV: "production", TRUST_PROXY: "loopback" };
    expect((await findings(behind)).proxies).toMatch(/^ok .*loopback may name a client's address/);
  });
});
