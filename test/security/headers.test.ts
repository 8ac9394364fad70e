/** The security headers of every answer: CSP, HSTS, no-store, nosniff, framing. */
import { describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { ask, form, type RawRequest } from "../support/raw-request.js";
import { addAccount, pendingCookie, setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const CSP =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;form-action 'self';" +
  "frame-ancestors 'none';base-uri 'none'";

/** Every kind of page, by the status it comes with. */
async function everyPage(world: World): Promise<[number, RawRequest][]> {
  const visitor = world.visitor();
  const pending = await pendingCookie(world);
  await setUp(world, visitor);
  const signedIn = heldBy(visitor);
  const wrong = form({ username: "someone", password: "wrong" });
  const { username, password } = await addAccount(world, "new");
  const settingUp = world.visitor();
  await settingUp.password(username, password);
  const first = form({ otp: world.code(await settingUp.secret()) }, { cookie: heldBy(settingUp) });
  const account = await world.store.accounts.byUsername("test");
  const [authenticator] = await world.store.authenticators.of(account?.id ?? "");
  const inside = world.urls.pages.filter(
    ([method, path]) => method === "GET" && /^\/(account|confirm)/.test(path),
  );
  const post = (path: string, fields: Record<string, string>): RawRequest => ({
    path,
    ...form(fields, { cookie: signedIn }),
  });
  return [
    ...inside.map(([, path]): [number, RawRequest] => [
      200,
      { path: path.replace(":id", authenticator?.id ?? ""), headers: { cookie: signedIn } },
    ]),
    [303, { path: "/login/2fa", ...first }],
    [303, post("/account/recovery-codes", { sheet: "2" })],
    [401, post("/confirm", { password: "password", otp: "1" })],
    [401, post("/account/recovery-codes/proof", { recovery_code: "x" })],
    [303, post("/account/recovery-codes/later", {})],
    [401, post("/account/recovery-codes/proof", { recovery_code: "x" })],
    [401, post("/account/authenticators/new", { otp: "1" })],
    [303, post("/account/sessions/x/end", {})],
    [422, post("/account/password", { current_password: "password", new_password: "short" })],
    [422, post(`/account/authenticators/${authenticator?.id}/remove`, {})],
    [422, post(`/account/authenticators/${authenticator?.id}/rename`, { name: "" })],
    [303, { path: "/.well-known/change-password" }],
    [200, { path: "/" }],
    [200, { path: "/login" }],
    [200, { path: "/login/2fa", headers: { cookie: pending } }],
    [200, { path: "/account", headers: { cookie: signedIn } }],
    [303, { path: "/account" }],
    [303, { path: "/login", ...form({ username: "test", password: "password" }) }],
    [
      400,
      {
        path: "/login",
        ...form([
          ["username", "a"],
          ["username", "b"],
        ]),
      },
    ],
    [401, { path: "/login", ...wrong }],
    [401, { path: "/login/2fa", ...form({ otp: "1" }, { cookie: pending }) }],
    [403, { path: "/login", ...form({}, { origin: "null" }) }],
    [404, { path: "/nowhere" }],
    [404, { path: "/assets/nothing.css" }],
    [404, { path: "/assets/%ff" }],
    [200, { path: "/logout" }],
    [405, { path: "/logout", method: "DELETE" }],
    [413, { path: "/login", ...form({ x: "x".repeat(62_000) }) }],
    [415, { path: "/login", method: "POST", headers: { "content-type": "text/plain" }, body: "x" }],
    ...Array.from({ length: 4 }, (): [number, RawRequest] => [401, { path: "/login", ...wrong }]),
    [429, { path: "/login", ...wrong }],
  ];
}

describe("every page and every refusal", () => {
  it("carries the security headers, and no HSTS over HTTP", async () => {
    const world = await openWorld();
    for (const [status, request] of await everyPage(world)) {
      const { headers, ...answer } = await ask(world, request);
      expect(answer.status, request.path).toBe(status);
      expect(headers, `${status} ${request.path}`).toMatchObject({
        "content-security-policy": CSP,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
      });
      expect(headers["strict-transport-security"]).toBeUndefined();
      expect(headers["x-powered-by"]).toBeUndefined();
      expect(headers.server).toBeUndefined();
      expect(answer.text).not.toMatch(/ style=| onclick=|<style|<script(?! type="module" src="\/assets\/)/);
    }
  });

  it("carries the CSP and no-store when the database fails", async () => {
    const world = await openWorld();
    await world.store.close();
    const answer = await ask(world, { path: "/login", ...form({ username: "test", password: "password" }) });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.headers).toMatchObject({ "content-security-policy": CSP, "cache-control": "no-store" });
  });

  it("carries HSTS and upgrade-insecure-requests when BASE_URL is https", async () => {
    const world = await openWorld({ BASE_URL: "https://sign-in.example.org", TRUST_PROXY: "loopback" });
    const answer = await ask(world, { path: "/login", headers: { "x-forwarded-proto": "https" } });
    expect(answer.headers["content-security-policy"]).toBe(`${CSP};upgrade-insecure-requests`);
    expect(answer.headers["strict-transport-security"]).toBe("max-age=31536000");
  });
});

describe("form-action in the CSP", () => {
  it("names the apps of ALLOWED_HOSTS on pages whose form may lead to one, and on no other page", async () => {
    const ALLOWED_HOSTS = "app.example.org, wiki.example.org:8443";
    const policies = async (world: World, requests: RawRequest[], headers = {}) => {
      const answers = requests.map((request) =>
        ask(world, { ...request, headers: { ...headers, ...request.headers } }),
      );
      return [
        ...new Set((await Promise.all(answers)).map((answer) => answer.headers["content-security-policy"])),
      ];
    };
    const world = await openWorld({ BASE_URL: "http://sign-in.example.org", ALLOWED_HOSTS, RESYNC: "on" });
    const visitor = world.visitor();
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    const pending = await pendingCookie(world);
    const leading: RawRequest[] = [
      { path: "/login" },
      { path: "/login", ...form({ username: "test", password: "wrong" }) },
      ...["/login/2fa", "/login/2fa/resync", "/login/recovery-code"].flatMap((path) => [
        { path, headers: { cookie: pending } },
        { path, ...form({}, { cookie: pending }) },
      ]),
      { path: "/confirm", headers: { cookie } },
      { path: "/confirm", ...form({}, { cookie }) },
      { path: "/account/recovery-codes/current", headers: { cookie } },
      { path: "/account/recovery-codes/proof", ...form({}, { cookie }) },
      { path: "/account/recovery-codes/later", ...form({}, { cookie }) },
      { path: "/logout" },
      { path: "/logout", ...form({}) },
    ];
    const apps = ["app.example.org", "wiki.example.org:8443"];
    const origins = apps.flatMap((host) => [`http://${host}`, `https://${host}`]).join(" ");
    const wider = CSP.replace("form-action 'self'", `form-action 'self' ${origins}`);
    expect(await policies(world, leading)).toEqual([wider]);
    const others = world.urls.pages
      .map(([method, path]) => ({ method, path }))
      .filter(({ path }) => !leading.some((request) => request.path === path));
    expect(others.length).toBeGreaterThan(10);
    expect(await policies(world, [...others, { path: "/nowhere" }])).toEqual([CSP]);

    const https = { BASE_URL: "https://sign-in.example.org", TRUST_PROXY: "loopback", ALLOWED_HOSTS };
    const found = await policies(await openWorld(https), [{ path: "/login" }], {
      "x-forwarded-proto": "https",
    });
    expect(found[0]).toContain(
      "form-action 'self' https://app.example.org https://wiki.example.org:8443;frame-ancestors",
    );
  });
});

describe("an asset", () => {
  it("carries its content type and nosniff, and sets no cookie", async () => {
    const world = await openWorld();
    const page = await ask(world, { path: "/login" });
    const assets = page.text.match(/\/assets\/[^"]+/g) ?? [];
    expect(assets.length).toBeGreaterThan(2);
    for (const path of assets) {
      const { status, headers } = await ask(world, { path });
      expect(status).toBe(200);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["content-type"]).toMatch(
        /^(text\/css|text\/javascript|image\/(svg\+xml|png|x-icon|vnd\.microsoft\.icon))/,
      );
      expect(headers["set-cookie"]).toBeUndefined();
    }
  });
});
