/** Faults: when something that is needed fails, the answer is no, quickly and in plain words; never a way in. */
import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/auth/index.js";
import type { Store } from "../../src/auth/store.js";
import { heldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { type Answer, ask, form, opensAccount } from "../support/raw-request.js";
import { enrolled, setUp } from "../support/sign-in.js";
import { MINUTE, openWorld } from "../support/world.js";

function expectUnavailable(answer: Answer) {
  expect(answer.status).toBe(503);
  expect(answer.headers["retry-after"]).toBe("5");
  expect(answer.text).toContain("The service is busy or restarting");
  expect(answer.text).not.toMatch(/node_modules|SQLITE|sqlite|database|\n\s+at /);
}

/** How long an answer takes, in milliseconds. */
async function timed<T>(work: PromiseLike<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, performance.now() - start];
}

const password = form({ username: "test", password: "password" });

describe("without its database", () => {
  it("nobody signs in and no session opens, but the login page is shown", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    // What a damaged disk looks like: the file is there, and unreadable from now on.
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

  it("that was closed nobody signs in either", async () => {
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
    "nobody signs in when its part %s is damaged",
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

  it("no code is accepted when any step of the way fails", async () => {
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
    // Nothing was half done: the same code is still good, for the same pending login.
    expect((await visitor.code(world.code(secret))).headers.location).toBe("/");
  });
});

describe("while another program holds the database", () => {
  it("a write is refused within two seconds, and pages that only read go on meanwhile", async () => {
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
    // Not signed out, and not told so either; the next try works.
    expect(await opensAccount(world, cookie)).toBe(true);
    expect((await visitor.post("/logout")).headers.location).toBe("/login?notice=signed-out");
    expect((await world.visitor().password()).status).toBe(303);
  });

  it.each([0, 5])(
    "a page whose message cannot be taken away is whole, or a plain refusal: %i minutes on",
    async (minutes) => {
      const world = await openWorld();
      const visitor = world.visitor();
      await setUp(world, visitor); // leaves a message
      const cookie = heldBy(visitor);
      world.wait(minutes * MINUTE);
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

  it("goes on by itself when the lock is short", async () => {
    const world = await openWorld();
    const other = openDatabase(world);
    other.exec("begin immediate");
    const login = ask(world, { path: "/login", ...password });
    await new Promise((resolve) => setTimeout(resolve, 300));
    other.exec("rollback");
    expect((await login).status).toBe(303);
  });
});

it("a secret that cannot be opened is a failure of ours, and no way in", async () => {
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

it("a page that cannot be drawn, the error page included, shows nothing of the inside", async () => {
  const world = await openWorld();
  world.auth.now = () => {
    throw new Error("canary");
  };
  for (const path of ["/login", "/no-such-page"]) {
    const answer = await ask(world, { path });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/canary|node_modules|\bat /);
  }
});
