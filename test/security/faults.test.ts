/** Faults: when something needed fails, the answer is a refusal, within two seconds and in plain words; never a way in. */
import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/auth/index.js";
import type { Store } from "../../src/auth/store.js";
import { heldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { type Answer, ask, form, opensAccount } from "../support/raw-request.js";
import { enrolled, setUp } from "../support/sign-in.js";
import { timed } from "../support/timed.js";
import { MINUTE, openWorld } from "../support/world.js";

function expectUnavailable(answer: Answer) {
  expect(answer.status).toBe(503);
  expect(answer.headers["retry-after"]).toBe("5");
  expect(answer.text).toContain("The service is busy or restarting");
  expect(answer.text).not.toMatch(/node_modules|SQLITE|sqlite|database|\n\s+at /);
}

const password = form({ username: "test", password: "password" });

describe("a failed database", () => {
  it("lets nobody sign in and opens no session, but shows the sign-in page", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    // As on a damaged disk: the file exists, and cannot be read any more.
    const disk = openDatabase(world);
    disk.enableDefensive(false);
    disk.exec(
      "pragma writable_schema = on; update sqlite_schema set sql = 'damaged' where type = 'table'; pragma schema_version = 99",
    );
    for (const path of ["/login", "/login/2fa", "/logout"]) {
      expectUnavailable(await ask(world, { path, ...password, headers: { ...password.headers, cookie } }));
    }
    expectUnavailable(await ask(world, { path: "/login", ...password }));
    expectUnavailable(await ask(world, { path: "/account", headers: { cookie } }));
    expect((await ask(world, { path: "/login" })).status).toBe(200);
    expect((await ask(world, { path: "/" })).status).toBe(200);
  });

  it("lets nobody sign in when its connection is closed", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    await world.store.close();
    for (const request of [
      { path: "/login", ...password },
      { path: "/account", headers: { cookie: heldBy(visitor) } },
    ]) {
      const answer = await ask(world, request);
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.headers["set-cookie"]).toBeUndefined();
      expect(answer.text).not.toMatch(/driver|node_modules|\n\s+at /);
    }
  });

  it.each(["throttle", "sessions", "accounts"])(
    "lets nobody sign in when its table %s is damaged",
    async (table) => {
      const world = await openWorld();
      const visitor = world.visitor();
      await setUp(world, visitor);
      const cookie = heldBy(visitor);
      openDatabase(world).exec(`pragma foreign_keys = off; alter table ${table} rename to gone`);
      const answer = await ask(world, { path: "/login", ...password });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.headers["set-cookie"]).toBeUndefined();
      expect(answer.text).not.toMatch(/no such table|SQLITE|node_modules/);
      if (table !== "throttle") expect(await opensAccount(world, cookie)).toBe(false);
    },
  );

  it("accepts no code when any part of the store fails", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    const visitor = world.visitor();
    await visitor.password();
    const cookie = heldBy(visitor);
    const real = world.store.transaction;
    const steps: ((store: Store) => object)[] = [
      (store) => store.throttle,
      (store) => store.authenticators,
      (store) => store.sessions,
      (store) => store.accounts,
      (store) => store.history,
    ];
    for (const part of steps) {
      world.store.transaction = (work) =>
        real((store) => {
          for (const name of Object.keys(part(store))) {
            (part(store) as Record<string, unknown>)[name] = () => Promise.reject(new StoreUnavailable("no"));
          }
          return work(store);
        });
      const code = form({ otp: world.code(secret) }, { cookie });
      expectUnavailable(await ask(world, { path: "/login/2fa", ...code }));
    }
    world.store.transaction = real;
    expect(await opensAccount(world, cookie)).toBe(false);
    // Every failure was rolled back: the same code still completes the same pending login.
    expect((await visitor.code(world.code(secret))).headers.location).toBe("/");
  });
});

describe("a database that another program holds", () => {
  it("refuses a write within two seconds, and lets pages that only read go on", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    expect(await opensAccount(world, cookie)).toBe(true);
    const other = openDatabase(world);
    other.exec("begin immediate");
    const login = timed(ask(world, { path: "/login", ...password }));
    const out = timed(ask(world, { path: "/logout", ...form({}, { cookie }) }));
    for (let n = 0; n < 10; n++) {
      const [page, ms] = await timed(ask(world, { path: "/login" }));
      expect(page.status).toBe(200);
      expect(ms).toBeLessThan(1_000);
      expect(await opensAccount(world, cookie)).toBe(true);
    }
    for (const [answer, ms] of [await login, await out]) {
      expectUnavailable(answer);
      expect(ms).toBeLessThan(2_000);
    }
    other.exec("rollback");
    // Still signed in, as the answer said; the next attempt works.
    expect(await opensAccount(world, cookie)).toBe(true);
    expect((await visitor.post("/logout")).headers.location).toBe("/login?notice=signed-out");
    expect((await world.visitor().password()).status).toBe(303);
  });

  it.each([0, 5])(
    "answers a whole page or a plain refusal when a message cannot be removed: %i minutes on",
    async (minutes) => {
      const world = await openWorld();
      const visitor = world.visitor();
      await setUp(world, visitor); // leaves a message
      const cookie = heldBy(visitor);
      world.advance(minutes * MINUTE);
      const other = openDatabase(world);
      other.exec("begin immediate");
      const [answer, ms] = await timed(ask(world, { path: "/", headers: { cookie } }));
      expect(ms).toBeLessThan(2_000);
      if (answer.status !== 200) expectUnavailable(answer);
      expect(answer.text).toContain("</html>");
      other.exec("rollback");
      expect(await opensAccount(world, cookie)).toBe(true);
    },
  );

  it("recovers by itself when the lock is short", async () => {
    const world = await openWorld();
    const other = openDatabase(world);
    other.exec("begin immediate");
    const login = ask(world, { path: "/login", ...password });
    await new Promise((resolve) => setTimeout(resolve, 300));
    other.exec("rollback");
    expect((await login).status).toBe(303);
  });
});

describe("an authenticator whose secret cannot be decrypted", () => {
  it("answers 500, and opens nothing", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    openDatabase(world).exec("update authenticators set sealed_secret = substr(sealed_secret, 1, 20)");
    const visitor = world.visitor();
    await visitor.password();
    const answer = await visitor.code(world.code(secret));
    expect(answer.status).toBe(500);
    expect(answer.text).toContain("Something went wrong on our side");
    expect(answer.text).not.toMatch(/sealed|SealError|node_modules/);
    expect((await visitor.get("/account")).status).toBe(303);
  });
});

describe("a page that cannot be rendered", () => {
  it("shows nothing of the inside when the error page fails too", async () => {
    const world = await openWorld();
    world.site.auth.now = () => {
      throw new Error("canary");
    };
    for (const path of ["/login", "/no-such-page"]) {
      const answer = await ask(world, { path });
      expect(answer.status).toBe(500);
      expect(answer.text).not.toMatch(/canary|node_modules|\bat /);
    }
  });
});
