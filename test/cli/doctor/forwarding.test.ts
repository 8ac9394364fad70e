/** `latchkey doctor` on forward authentication: settings that would send people in circles, or nowhere. */
import { describe, expect, it } from "vitest";
import { doctor } from "../../support/doctor.js";
import { newFolder } from "../../support/new-folder.js";

const SETTINGS = {
  BASE_URL: "http://sign-in.example.org",
  ALLOWED_HOSTS: "app.example.org, sign-in.example.org:8443",
  COOKIE_DOMAIN: "example.org",
  TRUST_PROXY: "loopback",
};

/** What the check says with some settings changed. */
async function forwarding(env: Record<string, string>) {
  const { out } = await doctor({ ...SETTINGS, DATA_DIR: newFolder(), ...env }, ["--json"]);
  const found: { check: string; state: string; says: string; remedy: string | null }[] = JSON.parse(out);
  return found.find(({ check }) => check === "forwarding");
}

describe("the forwarding check", () => {
  it("is ok when people find back to each app", async () => {
    expect(await forwarding({})).toMatchObject({
      state: "ok",
      says: "It leads back to app.example.org, sign-in.example.org:8443.",
      remedy: null,
    });
  });

  it("is ok when forward authentication is not used", async () => {
    expect(await forwarding({ ALLOWED_HOSTS: "", COOKIE_DOMAIN: "" })).toMatchObject({
      state: "ok",
      says: "It is not used.",
    });
  });

  it.each([
    [
      "a host that no cookie reaches",
      { ALLOWED_HOSTS: "sign-in.example.org, app.example.com:81" },
      /to app\.example\.com:81: COOKIE_DOMAIN is example\.org\./,
    ],
    [
      "a host that only looks like one of the domain",
      { ALLOWED_HOSTS: "app.notexample.org" },
      /to app\.notexample\.org: /,
    ],
    [
      "sub-domains without their cookie",
      { COOKIE_DOMAIN: "" },
      /to app\.example\.org: COOKIE_DOMAIN is unset\./,
    ],
    ["the cookie without a host", { ALLOWED_HOSTS: "" }, /ALLOWED_HOSTS is not/],
    ["no proxy that is believed", { TRUST_PROXY: "" }, /no proxy is trusted/],
  ])("finds %s, and says what to do", async (_what, env, says) => {
    const found = await forwarding(env);
    expect(found).toMatchObject({
      state: "problem",
      remedy: expect.stringMatching(/COOKIE_DOMAIN|TRUST_PROXY/),
    });
    expect(found?.says).toMatch(says);
  });

  it("tells nothing when the settings cannot be read", async () => {
    expect(await forwarding({ PORT: "many" })).toMatchObject({ state: "unknown" });
  });
});
