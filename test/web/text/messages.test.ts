/** Notices in the address, and messages for the next page: only a page that a person sees removes those. */
import { describe, expect, it } from "vitest";
import { heldBy } from "../../support/cookies.js";
import { ask } from "../../support/raw-request.js";
import { setUp } from "../../support/sign-in.js";
import { openWorld } from "../../support/world.js";

const SAID = 'data-message="account-signed-out-others"';
const NAVIGATION = {
  accept: "text/html,application/xhtml+xml,*/*;q=0.8",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

/** Requests that a browser makes beside the person, or for a page that nobody may ever see. */
const UNSEEN: [what: string, path: string, headers: Record<string, string>, method?: string][] = [
  ["a favicon", "/favicon.ico", { accept: "image/avif,image/webp,*/*;q=0.8", "sec-fetch-mode": "no-cors" }],
  ["a favicon over plain HTTP", "/favicon.ico", { accept: "image/avif,image/webp,*/*;q=0.8" }],
  ["a page that is not there", "/apple-touch-icon.png", NAVIGATION],
  ["a look at the head", "/account", NAVIGATION, "HEAD"],
  ["a look at the head of home", "/", {}, "HEAD"],
  ["a prefetch", "/account", { ...NAVIGATION, "sec-purpose": "prefetch" }],
  ["a prerender", "/account", { ...NAVIGATION, "sec-purpose": "prefetch;prerender" }],
  ["an old prefetch", "/account", { ...NAVIGATION, purpose: "prefetch" }],
  ["Firefox's old prefetch", "/account", { "x-moz": "prefetch" }],
  ["Safari's preview", "/", { ...NAVIGATION, "x-purpose": "preview" }],
  ["a script's fetch", "/account", { accept: "*/*", "sec-fetch-mode": "cors" }],
  ["a script's fetch over plain HTTP", "/account", { accept: "*/*" }],
  ["a script that wants JSON", "/", { accept: "application/json" }],
  ["an image of a page", "/", { accept: "image/*", "sec-fetch-mode": "no-cors" }],
  ["a style sheet", "/assets/nothing.css", { accept: "text/css,*/*;q=0.1", "sec-fetch-mode": "no-cors" }],
  ["a path that is malformed", "/account/%ff", NAVIGATION],
];

describe("a notice", () => {
  it.each([
    "signed-out",
    "start-again",
    "sign-in",
    "not-carried-out",
    "signed-out-here",
    "cookies-blocked",
    "expired",
    "set-up-expired",
  ])("is said on the sign-in page when the address names %s", async (notice) => {
    const world = await openWorld();
    const page = await world.visitor().get(`/login?notice=${notice}`);
    expect(page.text).toMatch(
      new RegExp(`class="alert alert-\\w+" role="status" data-message="notice-${notice}"`),
    );
    expect(page.headers["set-cookie"]).toBeUndefined();
  });

  it.each(["", "constructor", "signed-out%20", "<b>"])(
    "changes nothing on the page when the address names another: %j",
    async (notice) => {
      const world = await openWorld();
      const visitor = world.visitor();
      expect((await visitor.get(`/login?notice=${notice}`)).text).toBe((await visitor.get("/login")).text);
    },
  );
});

describe("a message", () => {
  it.each(UNSEEN)("is still there after %s", async (_, path, headers, method = "GET") => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    await visitor.get("/account");
    await visitor.post("/account/sessions/end-others");
    const cookie = heldBy(visitor);
    for (const _turn of [1, 2]) {
      const answer = await ask(world, { method, path, headers: { ...headers, cookie } });
      expect(answer.text).not.toContain(SAID);
    }
    const page = await ask(world, { path: "/account", headers: { ...NAVIGATION, cookie } });
    expect(page.text).toContain(SAID);
    const next = await ask(world, { path: "/account", headers: { ...NAVIGATION, cookie } });
    expect(next.text).not.toContain(SAID);
  });

  it("is shown to a browser without Fetch Metadata, and on the page that answers a form", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    await visitor.get("/account");
    await visitor.post("/account/sessions/end-others");
    expect((await visitor.post("/account/recovery-codes/proof", { recovery_code: "" })).text).toContain(SAID);
    await visitor.post("/account/sessions/end-others");
    expect((await ask(world, { path: "/", headers: { cookie: heldBy(visitor) } })).text).toContain(SAID);
  });

  it("is not kept when nobody sees the page that would keep it", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    await visitor.get("/account");
    const cookie = heldBy(visitor);
    const gone = "/account/authenticators/nobody/remove";
    await ask(world, { method: "HEAD", path: gone, headers: { cookie } });
    await ask(world, { path: gone, headers: { cookie, "sec-purpose": "prefetch" } });
    expect((await visitor.get("/account")).text).not.toContain("removed-already");
    await visitor.get(gone);
    expect((await visitor.get("/account")).text).toContain("removed-already");
  });
});
