/** Rows that pile up: what one password, trusted browser or session can create is capped, and pushes out nobody else's. */
import { describe, expect, it } from "vitest";
import {
  MAX_HISTORY,
  MAX_PENDING_LOGINS,
  MAX_PENDING_LOGINS_OF_BROWSER,
  MAX_SESSIONS,
  MAX_TOMBSTONES,
  MAX_TRUSTED_DEVICES,
  PASSWORD_RULE,
} from "../../src/auth/policy.js";
import { allHeldBy, cookieFrom, cookieHeldBy, heldBy } from "../support/cookies.js";
import { FREE_GUESS } from "../support/free-guess.js";
import { sqlOn } from "../support/other-program.js";
import { ask, form, opensAccount } from "../support/raw-request.js";
import { addAccount, enrolled, setUp, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { HOUR, openWorld, type World } from "../support/world.js";

/** How many rows of a kind there are, ended ones included; no cap counts those of finished sign-ins. */
async function rows(world: World, kind: "pending" | "session"): Promise<number> {
  const [{ total = 0 } = {}] = await sqlOn<{ total: number }>(
    world,
    `select cast(count(*) as integer) as total from sessions
     where kind = '${kind}' and coalesce(browser, '') != 'completed'`,
  );
  return total;
}

/** Types the password on this many new browsers, one after the other. */
async function strangers(world: World, count: number, username = "test", password = "password") {
  const cookies: string[] = [];
  for (let n = 0; n < count; n++) {
    const visitor = world.visitor();
    await visitor.password(username, password);
    world.advance(1);
    cookies.push(heldBy(visitor));
  }
  return cookies;
}

const secondStep = (world: World, cookie: string) =>
  ask(world, { path: "/login/2fa", headers: { cookie } }).then(({ status }) => status);

describe("a known password", () => {
  it(`keeps the newest ${MAX_PENDING_LOGINS} pending logins of strangers`, async () => {
    const world = await openWorld();
    await enrolled(world);
    const cookies = await strangers(world, MAX_PENDING_LOGINS + 40);
    expect(await rows(world, "pending")).toBe(MAX_PENDING_LOGINS);
    const open = await Promise.all(cookies.map((cookie) => secondStep(world, cookie)));
    const ended = cookies.length - MAX_PENDING_LOGINS;
    expect(open).toEqual([...Array(ended).fill(303), ...Array(MAX_PENDING_LOGINS).fill(200)]);
  });

  it("leaves no more rows when each pending login ends before the next", async () => {
    const world = await openWorld();
    await enrolled(world);
    for (let n = 0; n < MAX_PENDING_LOGINS + 10; n++) {
      const visitor = world.visitor();
      await visitor.password();
      await visitor.post("/logout");
    }
    expect(await rows(world, "pending")).toBe(MAX_PENDING_LOGINS);
  });

  it("pushes out neither the pending login of a known browser nor any session", async () => {
    const world = await openWorld();
    const known = world.visitor();
    const secret = await setUp(world, known);
    await known.post("/logout");
    const inside = world.visitor();
    await signIn(world, inside, secret);
    await known.password();
    await strangers(world, 50);
    expect((await known.code(world.code(secret))).headers.location).toBe("/");
    expect((await inside.get("/account")).status).toBe(200);
  });

  it("does not stop the owner's sign-out by the cookie of the first step", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    const owner = world.visitor();
    await owner.password();
    const pending = heldBy(owner);
    await owner.code(world.code(secret));
    const session = heldBy(owner);
    await strangers(world, 25);
    await ask(world, { path: "/logout", ...form({}, { cookie: pending }) });
    expect(await opensAccount(world, session)).toBe(false);
  });

  it(`keeps the newest ${MAX_PENDING_LOGINS_OF_BROWSER} pending logins of a known browser`, async () => {
    const world = await openWorld();
    const known = world.visitor();
    await setUp(world, known);
    await known.post("/logout");
    const before = await rows(world, "pending");
    const device = cookieHeldBy(known, "latchkey_browser");
    const cookies: string[] = [];
    for (let n = 0; n < 12; n++) {
      const fields = form({ username: "test", password: "password" }, { cookie: device });
      cookies.push(cookieFrom(await ask(world, { path: "/login", ...fields })));
      world.advance(1);
    }
    expect(await rows(world, "pending")).toBe(before + MAX_PENDING_LOGINS_OF_BROWSER);
    const open = await Promise.all(cookies.map((cookie) => secondStep(world, cookie)));
    const ended = cookies.length - MAX_PENDING_LOGINS_OF_BROWSER;
    expect(open).toEqual([...Array(ended).fill(303), ...Array(MAX_PENDING_LOGINS_OF_BROWSER).fill(200)]);
  });

  it("can be changed quickly after a flood of sign-ins", async () => {
    const world = await openWorld();
    const owner = world.visitor();
    await setUp(world, owner);
    await strangers(world, 200);
    const fields = { current_password: "password", new_password: "a quiet orange harbour" };
    expect((await owner.post("/account/password", fields)).headers.location).toBe("/account");
    expect(await rows(world, "pending")).toBeLessThanOrEqual(MAX_PENDING_LOGINS + 1);
  });

  it("ends no pending login of another account", async () => {
    const world = await openWorld();
    const alice = await addAccount(world, "alice");
    const [cookie = ""] = await strangers(world, 1, alice.username, alice.password);
    await strangers(world, 40);
    expect(await secondStep(world, cookie)).toBe(200);
  });
});

describe("a trusted browser", () => {
  async function trusting(world: World): Promise<Visitor> {
    const secret = await enrolled(world);
    const visitor = world.visitor();
    await visitor.password();
    await visitor.code(world.code(secret), { trust_device: "on" });
    world.advance(30_000);
    return visitor;
  }

  it(`keeps ${MAX_SESSIONS} sessions, and sees them all on one account page`, async () => {
    const world = await openWorld();
    const visitor = await trusting(world);
    const first = heldBy(visitor);
    const tokens = allHeldBy(visitor).replace(first, "");
    let newest = "";
    for (let n = 0; n < MAX_SESSIONS + 20; n++) {
      world.advance(1_000);
      const fields = form({ username: "test", password: "password" }, { cookie: tokens });
      const answer = await ask(world, { path: "/login", ...fields });
      newest = String(answer.headers["set-cookie"]).split(";", 1)[0] ?? "";
    }
    expect(await rows(world, "session")).toBe(MAX_SESSIONS);
    expect(await opensAccount(world, first)).toBe(false);
    const page = await ask(world, { path: "/account", headers: { cookie: newest } });
    expect(page.status).toBe(200);
    expect(page.text.match(/\/account\/sessions\/[\w-]+\/end"/g)).toHaveLength(MAX_SESSIONS);
    expect(page.text.length).toBeLessThan(200_000);
  });

  it(`is one of at most ${MAX_TRUSTED_DEVICES}`, async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    for (let n = 0; n < MAX_TRUSTED_DEVICES + 5; n++) {
      const visitor = world.visitor();
      await visitor.password();
      await visitor.code(world.code(secret), { trust_device: "on" });
      world.advance(30_000);
    }
    const [count] = await sqlOn(world, "select cast(count(*) as integer) as total from trusted_devices");
    expect(count).toEqual({ total: MAX_TRUSTED_DEVICES });
  });
});

describe("a session", () => {
  it(`uses ${MAX_TOMBSTONES + 1} rows for many step-ups, and pushes out no other session`, async () => {
    const world = await openWorld({ SESSION_IDLE: "23h" });
    const [busy, idle] = [world.visitor(), world.visitor()];
    const secret = await setUp(world, busy);
    await signIn(world, idle, secret);
    for (let n = 0; n < MAX_SESSIONS + 20; n++) {
      expect((await busy.confirm("password", world.code(secret))).headers.location).toBe("/account");
      world.advance(30_000);
    }
    expect(await rows(world, "session")).toBe(MAX_TOMBSTONES + 2);
    expect((await idle.get("/account")).status).toBe(200);
  });

  it(`keeps the newest ${MAX_HISTORY} lines of history`, async () => {
    const world = await openWorld({ SESSION_IDLE: "23h" });
    const owner = world.visitor();
    await setUp(world, owner);
    const account = await world.store.accounts.byUsername("test");
    const accountId = account?.id ?? "";
    for (let n = 0; n < MAX_HISTORY; n++) {
      const line = {
        id: `old ${n}`,
        accountId,
        at: world.now() - HOUR + n,
        type: "signed-in",
        reason: "password",
      };
      await world.store.history.add({
        ...line,
        subject: null,
        byKind: null,
        byName: null,
        device: "",
        address: "",
      });
    }
    const [app] = await world.store.authenticators.of(accountId);
    for (const name of ["one", "two", "three"]) {
      await owner.post(`/account/authenticators/${app?.id}/rename`, { name });
    }
    const lines = await world.store.history.of(accountId, 2 * MAX_HISTORY, 0);
    expect(lines).toHaveLength(MAX_HISTORY);
    expect(lines.slice(0, 3).map(({ type }) => type)).toEqual(Array(3).fill("authenticator-renamed"));
    expect(lines.at(-1)?.id).not.toBe("old 0");
  });

  it("loses no history line to wrong passwords of strangers", async () => {
    const world = await openWorld();
    await enrolled(world);
    for (let n = 0; n < PASSWORD_RULE.free + 15; n++) await world.visitor().password("test", FREE_GUESS);
    const [{ total = 0 } = {}] = await sqlOn<{ total: number }>(
      world,
      "select cast(count(*) as integer) as total from history where type = 'password-refused'",
    );
    expect(total).toBe(PASSWORD_RULE.free);
  });
});
