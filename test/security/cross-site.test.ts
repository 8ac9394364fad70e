/** CSRF: another site's page sends a form to this one, with its visitor's cookies. */
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { ask, form } from "../support/raw-request.js";
import { pendingCookie, setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const FOREIGN = {
  "Sec-Fetch-Site of another site": { "sec-fetch-site": "cross-site" },
  "Sec-Fetch-Site of a sub-domain of ours": { "sec-fetch-site": "same-site" },
  "Sec-Fetch-Site of another site, with our Origin": {
    "sec-fetch-site": "cross-site",
    origin: "http://127.0.0.1",
  },
  "Sec-Fetch-Site that is unknown": { "sec-fetch-site": "wherever" },
  "Sec-Fetch-Site that is empty": { "sec-fetch-site": "" },
  "Sec-Fetch-Site twice": { "sec-fetch-site": ["same-origin", "cross-site"] },
  "Origin of another site": { origin: "https://evil.example" },
  "Origin without a host": { origin: "null" },
  "Origin that is empty": { origin: "" },
  "Origin that is no address": { origin: "127.0.0.1" },
  "Origin twice": { origin: ["http://127.0.0.1", "https://evil.example"] },
  "Origin that starts like ours": { origin: "http://127.0.0.1.evil.example" },
  "Origin that ends like ours": { origin: "http://evil.example/127.0.0.1" },
  "Origin with our name as user": { origin: "http://127.0.0.1@evil.example" },
  "Origin of another port": { origin: "http://127.0.0.1:1" },
  "Origin of another name for this machine": { origin: "http://localhost" },
};

let world: World;
let cookies: Record<string, string>;
let posts: string[];
beforeEach(async () => {
  world = await openWorld();
  const visitor = world.visitor();
  const pending = await pendingCookie(world);
  await setUp(world, visitor);
  // Another session, and an authenticator being set up: each row has something to change.
  const trusting = world.visitor();
  await trusting.password();
  await visitor.get("/account/authenticators/new");
  cookies = { anonymous: "", pending, "signed in": heldBy(visitor) };
  const account = await world.store.accounts.byUsername("test");
  const [authenticator] = await world.store.authenticators.of(account?.id ?? "");
  const [session] = await world.store.sessions.live(account?.id ?? "", world.now(), 0, 10);
  posts = world.urls.pages.flatMap(([method, path]) => {
    const id = path.includes("/sessions/") ? session?.family : authenticator?.id;
    return method === "POST" ? path.replace(":id", id ?? "") : [];
  });
  expect(posts.length).toBeGreaterThan(10);
});

/** Right values for every form, so that only the CSRF check can refuse it. */
const FIELDS = {
  username: "test",
  password: "password",
  current_password: "password",
  new_password: "a quiet orange harbour",
  name: "theirs",
  sheet: "2",
};

/** Every row of every table. */
function stored(): unknown {
  const database = openDatabase(world);
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
  return tables.map(({ name }) => database.prepare(`select * from "${name}" order by 1, 2`).all());
}

describe("a request from another site", () => {
  it.each(Object.entries(FOREIGN))(
    "is refused for everyone, before the guards: %s",
    async (_name, headers) => {
      const before = stored();
      for (const path of [...posts, "/account", "/no-such-page"]) {
        for (const [who, cookie] of Object.entries(cookies)) {
          const sent = form(FIELDS, { cookie });
          const answer = await ask(world, { path, ...sent, headers: { ...sent.headers, ...headers } });
          expect(answer.status, `${path}, ${who}`).toBe(403);
          expect(answer.headers["set-cookie"]).toBeUndefined();
          expect(answer.text).toContain('data-message="error-403"');
        }
      }
      // Nothing happened: no row is changed, and no attempt was counted.
      expect(stored()).toEqual(before);
      const cookie = cookies["signed in"] ?? "";
      expect((await ask(world, { path: "/account", headers: { cookie } })).status).toBe(200);
    },
  );

  it.each(["PUT", "PATCH", "DELETE", "PROPFIND"])(
    "is refused when its method may change something: %s",
    async (method) => {
      const answer = await ask(world, {
        method,
        path: "/logout",
        headers: { "sec-fetch-site": "cross-site" },
      });
      expect(answer.status).toBe(403);
    },
  );

  it("opens a page when it follows a link, and changes nothing", async () => {
    const headers = { cookie: cookies["signed in"] ?? "", "sec-fetch-site": "cross-site" };
    const before = stored();
    for (const path of [
      "/",
      "/account",
      "/login",
      "/account/recovery-codes",
      "/account/recovery-codes/current",
      "/account/password",
      "/confirm",
      "/logout",
    ]) {
      expect((await ask(world, { path, headers })).status).toBeLessThan(400);
    }
    expect(stored()).toEqual(before);
    expect((await ask(world, { path: "/account", headers })).status).toBe(200);
  });
});

describe("a form of our own", () => {
  const passes = async (world: World, headers: Record<string, string>) => {
    const answer = await ask(world, { path: "/login", ...form({ username: "x", password: "x" }, headers) });
    return answer.status === 401;
  };

  it.each(["same-origin", "none"])("passes when Sec-Fetch-Site is %s", async (site) => {
    expect(await passes(world, { "sec-fetch-site": site })).toBe(true);
    // Behind a proxy that changes Host, Sec-Fetch-Site still decides.
    expect(await passes(world, { "sec-fetch-site": site, origin: "https://public.example" })).toBe(true);
  });

  it("passes when Origin matches Host", async () => {
    const host = `127.0.0.1:${world.port}`;
    expect(await passes(world, { origin: `http://${host}` })).toBe(true);
    expect(await passes(world, { host: "Latchkey.example", origin: "http://latchkey.example" })).toBe(true);
    expect(await passes(world, { host: "latchkey.example", origin: "http://other.example" })).toBe(false);
  });

  it("passes without either header, as programs send it", async () => {
    expect(await passes(world, {})).toBe(true);
  });

  it("passes when Origin matches BASE_URL, whatever Host and X-Forwarded-Host say", async () => {
    const https = await openWorld({ BASE_URL: "https://sign-in.example.org", TRUST_PROXY: "loopback" });
    const proxied = { "x-forwarded-proto": "https" };
    const ours = "https://sign-in.example.org";
    expect(await passes(https, { ...proxied, origin: ours })).toBe(true);
    expect(await passes(https, { ...proxied, origin: ours, host: "backend:3000" })).toBe(true);
    for (const other of [
      "https://evil.example",
      "https://sign-in.example.org:8443",
      "https://sub.sign-in.example.org",
      "http://sign-in.example.org",
    ]) {
      const headers = {
        ...proxied,
        origin: other,
        host: new URL(other).host,
        "x-forwarded-host": new URL(other).host,
      };
      expect(await passes(https, headers), other).toBe(false);
    }
  });
});
