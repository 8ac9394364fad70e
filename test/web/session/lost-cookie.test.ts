/** A browser that keeps no cookies: after a right password it gets the reason, and not just the sign-in page again. */
import { describe, expect, it } from "vitest";
import { heldBy } from "../../support/cookies.js";
import { openHost } from "../../support/host.js";
import { ask, form } from "../../support/raw-request.js";
import { enrolled } from "../../support/sign-in.js";
import { openWorld } from "../../support/world.js";

const LOST = "/login?notice=cookies-blocked";

/** The headers with which a browser follows the redirect of a form on `page`. */
const from = (page: string, more: Record<string, string> = {}) => ({
  referer: `http://127.0.0.1${page}`,
  "sec-fetch-site": "same-origin",
  ...more,
});

describe("a browser that loses its new cookie", () => {
  it("gets the notice about cookies after the password", async () => {
    const world = await openWorld();
    const sent = await ask(world, { path: "/login", ...form({ username: "test", password: "password" }) });
    expect([sent.status, sent.headers.location]).toEqual([303, "/login/2fa"]);
    const arrived = await ask(world, { path: "/login/2fa", headers: from("/login") });
    expect([arrived.status, arrived.headers.location]).toEqual([303, LOST]);
    const page = await ask(world, { path: LOST });
    expect(page.status).toBe(200);
    expect(page.headers["set-cookie"]).toBeUndefined();
  });

  it.each([
    ["over plain HTTP, without Fetch Metadata", "/login/2fa", { referer: "http://sign-in.example/login" }],
    ["after a refused password", "/login/2fa", from("/login/")],
    ["after the second step", "/account", from("/login/2fa")],
    ["after the second step, at home", "/", from("/login/2fa")],
    ["after a recovery code", "/", from("/login/recovery-code")],
    ["after a trusted browser's password", "/account", from("/login")],
    ["after a step-up", "/account", from("/confirm?next=%2Faccount")],
  ])("gets the notice %s", async (_, path, headers) => {
    const world = await openWorld();
    const { location } = (await ask(world, { path, headers })).headers;
    expect(location?.startsWith(LOST)).toBe(true);
  });

  it("keeps the wanted page for when it keeps cookies", async () => {
    const world = await openWorld();
    const asked = (next: string) =>
      ask(world, {
        path: "/login/2fa",
        headers: from(`/login?notice=sign-in&next=${encodeURIComponent(next)}`),
      });
    expect((await asked("/account/history?page=2")).headers.location).toBe(
      `${LOST}&next=${encodeURIComponent("/account/history?page=2")}`,
    );
    for (const other of [
      "https://evil.example/",
      "//evil.example/",
      "javascript:alert(1)",
      `/${"x".repeat(9_000)}`,
    ]) {
      expect((await asked(other)).headers.location, other.slice(0, 30)).toBe(LOST);
    }
  });

  it("gets the notice over https too, and when Latchkey is mounted under a path", async () => {
    const https = await openWorld({ BASE_URL: "https://sign-in.example", TRUST_PROXY: "loopback" });
    const proxied = { "x-forwarded-proto": "https", host: "sign-in.example" };
    const headers = { ...from("/login"), ...proxied, referer: "https://sign-in.example/login" };
    expect((await ask(https, { path: "/login/2fa", headers })).headers.location).toBe(LOST);

    const host = await openHost((app, latchkey) => app.use("/sign-in", latchkey.router));
    const at = (path: string, page: string) => host.visitor(from(page)).get(path);
    expect((await at("/sign-in/login/2fa", "/sign-in/login")).headers.location).toBe(`/sign-in${LOST}`);
    // The host's own page of that name is none of ours.
    expect((await at("/sign-in/login/2fa", "/login")).headers.location).toBe("/sign-in/login?notice=sign-in");
  });
});

describe("any other browser", () => {
  it.each([
    ["when the address is typed", "/login/2fa", {}],
    ["when it comes from another page of ours", "/login/2fa", from("/")],
    ["when it comes from another site", "/login/2fa", from("/login", { "sec-fetch-site": "cross-site" })],
    ["with a malformed Referer", "/login/2fa", { referer: "/login" }],
    ["with an endless Referer", "/login/2fa", { referer: `http://x/${"login/".repeat(2_000)}` }],
    ["when it asks for an account's page", "/account", from("/")],
  ])("gets no notice about cookies %s", async (_, path, headers) => {
    const world = await openWorld();
    const { location } = (await ask(world, { path, headers })).headers;
    expect(location).toMatch(/^\/login\?notice=sign-in/);
  });

  it("gets no notice about cookies on the way from the sign-in page to the start page", async () => {
    const world = await openWorld();
    expect((await ask(world, { path: "/", headers: from("/login") })).status).toBe(200);
  });

  it("gets no notice about cookies with the cookie of an ended sign-in", async () => {
    const world = await openWorld();
    await enrolled(world);
    const visitor = world.visitor();
    await visitor.password();
    const headers = { ...from("/login"), cookie: heldBy(visitor) };
    expect((await ask(world, { path: "/login/2fa", headers })).status).toBe(200);
    await visitor.post("/logout");
    expect((await ask(world, { path: "/login/2fa", headers })).headers.location).toBe(
      "/login?notice=sign-in",
    );
  });
});
