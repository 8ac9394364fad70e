/** The demo authenticator: a page with the codes of the demo account, so that developers need no phone. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY, ENROLMENT_LIFETIME, SET_UP_TIMES } from "../../../src/auth/policy.js";
import { addAccount, CURRENT_CODES, setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { HOUR, MINUTE, openWorld, sharedDataDir, type World } from "../../support/world.js";

const PAGE = "/dev/authenticator";

/** What stands on the page, an entry each: `spent` is what is said of codes that were used. */
async function entriesSeenBy(visitor: Visitor) {
  const { status, text } = await visitor.get(PAGE);
  expect(status).toBe(200);
  return (text.match(/<li>.*?<\/li>/gs) ?? []).map((entry) => {
    const [code = "", next = ""] = [...entry.matchAll(/>(\d{3}\u00a0\d{3})</g)].map(
      ([, shown]) => shown ?? "",
    );
    const [, name, label] = /<b>(.+?)<\/b><span>(.+?)<\/span>/.exec(entry) ?? [];
    const spent = /Used already.*(?=<\/p>)/s.exec(entry)?.[0].replace(/<[^>]+>/g, "");
    return { name, label, code, next, spent };
  });
}

async function onlyEntrySeenBy(visitor: Visitor) {
  const [entry, ...others] = await entriesSeenBy(visitor);
  if (!entry || others.length > 0) throw new Error("There is not exactly one entry.");
  return entry;
}

describe("a developer with the codes of that page", () => {
  it("sets up, signs in and steps up", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    await visitor.get("/login/2fa");
    const begun = await onlyEntrySeenBy(visitor);
    expect(begun).toMatchObject({ name: "Being set up", label: "Latchkey: test", spent: undefined });
    expect((await visitor.code(begun.code)).headers.location).toBe(CURRENT_CODES);

    await visitor.post("/logout");
    await visitor.password();
    const { next } = await onlyEntrySeenBy(visitor);
    expect((await visitor.code(next)).headers.location).toBe("/");

    world.advance(10 * MINUTE);
    const { code } = await onlyEntrySeenBy(visitor);
    expect((await visitor.confirm("password", code)).headers.location).toBe("/account");
  });

  it("adds an authenticator, and replaces the first", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const add = async (path: string, name: string) => {
      await visitor.get(path);
      const begun = (await entriesSeenBy(visitor)).find((entry) => entry.name === "Being set up");
      return visitor.post(path, { name, otp: begun?.code ?? "" });
    };
    expect((await add("/account/authenticators/new", "Laptop")).status).toBe(303);
    const account = await visitor.get("/account");
    const [first] = /\/account\/authenticators\/new\?replaces=[\w-]+/.exec(account.text) ?? [];
    expect((await add(first ?? "", "Pixel 9")).status).toBe(303);
    expect(await entriesSeenBy(visitor)).toMatchObject([
      { name: "Laptop", label: "Latchkey: test (2)" },
      { name: "Pixel 9", label: "Latchkey: test (3)" },
    ]);
  });

  it("signs in when the authenticator's clock was found to be five minutes behind", async () => {
    const world = await openWorld({ RESYNC: "on" });
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    world.advance(HOUR);
    await visitor.password();
    const pair = { otp: world.code(secret, -11), otp_next: world.code(secret, -10) };
    expect((await visitor.post("/login/2fa/resync", pair)).headers.location).toBe("/");
    await visitor.post("/logout");
    world.advance(MINUTE);
    await visitor.password();
    const { code } = await onlyEntrySeenBy(visitor);
    expect(code.replace("\u00a0", "")).toBe(world.code(secret, -10));
    expect((await visitor.code(code)).headers.location).toBe("/");
  });
});

describe("the demo authenticator", () => {
  it("says which codes were used, and which one to take", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    await visitor.get("/login/2fa");
    const { code, next } = await onlyEntrySeenBy(visitor);
    await visitor.code(code);
    const after = await onlyEntrySeenBy(visitor);
    expect(after).toMatchObject({
      code,
      next,
      spent: `Used already. Take the next: ${next}`,
    });

    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(next);
    const { spent } = await onlyEntrySeenBy(visitor);
    expect(spent).toBe("Used already, and so is the next. Wait for the one after that.");

    world.advance(30_000);
    expect(await onlyEntrySeenBy(visitor)).toMatchObject({
      code: next,
      spent: /Used already. Take the next/,
    });
    world.advance(30_000);
    expect((await onlyEntrySeenBy(visitor)).spent).toBeUndefined();
  });

  it("shows a secret for each browser that sets up, until one of them has finished", async () => {
    const world = await openWorld();
    const [one, other] = [world.visitor(), world.visitor()];
    for (const visitor of [one, other]) {
      await visitor.password();
      await visitor.get("/login/2fa");
    }
    const entries = await entriesSeenBy(world.visitor());
    expect(entries).toMatchObject([
      { name: "Being set up", label: "Latchkey: test" },
      { name: "Being set up", label: "Latchkey: test (2)" },
    ]);
    expect((await other.code(entries[1]?.code ?? "")).headers.location).toBe(CURRENT_CODES);
    // The other's secret is still there, and no longer to be confirmed.
    const done = await onlyEntrySeenBy(one);
    expect(done).toMatchObject({ name: "Authenticator app", label: "Latchkey: test (2)" });
    expect((await one.code(done.next)).headers.location).toBe("/");
  });

  it("drops the secret of a sign-in that is over", async () => {
    const world = await openWorld();
    const [one, other] = [world.visitor(), world.visitor()];
    for (const visitor of [one, other]) {
      await visitor.password();
      await visitor.get("/login/2fa");
    }
    await one.post("/logout");
    expect(await onlyEntrySeenBy(one)).toMatchObject({ label: "Latchkey: test (2)" });
    world.advance(SET_UP_TIMES * DEFAULT_POLICY.pendingLogin);
    expect(await entriesSeenBy(other)).toEqual([]);
  });

  it("drops a secret that is too old to be confirmed", async () => {
    const world = await openWorld({ STEP_UP: "5h", SESSION_IDLE: "5h" });
    const visitor = world.visitor();
    await setUp(world, visitor);
    await visitor.get("/account/authenticators/new");
    world.advance(ENROLMENT_LIFETIME);
    expect(await entriesSeenBy(visitor)).toHaveLength(2);
    world.advance(1);
    expect(await onlyEntrySeenBy(visitor)).toMatchObject({ name: "Authenticator app" });
  });

  it("reloads just after the codes change, by a header and without a script", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const renewed = async () => (await visitor.get(PAGE)).headers.refresh;
    // The clock stands ten seconds into a time step.
    expect(await renewed()).toBe("21");
    expect((await visitor.get(PAGE)).text).toContain("New codes in <b>20 seconds</b>");
    world.advance(19_500);
    expect(await renewed()).toBe("2");
    world.advance(500);
    expect(await renewed()).toBe("31");
  });

  it("says what to do when nothing is set up yet, and reloads", async () => {
    const world = await openWorld();
    const { text, headers } = await world.visitor().get(PAGE);
    expect(text).toMatch(/Sign in<\/a> as <code>test<\/code> with the password <code>password<\/code>/);
    expect(headers.refresh).toBe("21");
  });

  it("shows the codes whatever DEMO says, and when the account is disabled", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR });
    await setUp(before, before.visitor());
    await before.auth.disableAccount("test");
    await before.close();
    for (const DEMO of ["", "on", "off"]) {
      const world = await openWorld({ DATA_DIR, DEMO });
      expect(await onlyEntrySeenBy(world.visitor())).toMatchObject({ name: "Authenticator app" });
    }
  });

  it("does not ask to sign in when the demo account cannot", async () => {
    const DATA_DIR = sharedDataDir();
    await (await openWorld({ DATA_DIR })).close();
    const off = await openWorld({ DATA_DIR, DEMO: "off" });
    expect((await off.visitor().get(PAGE)).text).toContain("none to come: DEMO is off");
    const never = await openWorld({ DEMO: "off" });
    expect((await never.visitor().get(PAGE)).text).toContain("There is no demo account here: DEMO is off.");
  });

  it("shows no other account's codes", async () => {
    const world = await openWorld();
    const alice = await addAccount(world, "alice");
    const visitor = world.visitor();
    const secret = await setUp(world, visitor, alice.username, alice.password);
    expect((await visitor.get("/account/authenticators/new")).text).toContain("alice (2)");
    expect(await entriesSeenBy(world.visitor())).toEqual([]);
    await setUp(world, world.visitor());
    const { text } = await visitor.get(PAGE);
    expect(await onlyEntrySeenBy(visitor)).toMatchObject({ label: "Latchkey: test" });
    for (const steps of [0, 1])
      expect(text.replaceAll("\u00a0", "")).not.toContain(world.code(secret, steps));
  });

  it("shows no codes of somebody's own account, even when it is called test", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR, DEMO: "off" });
    const { username, password } = await addAccount(before, "test");
    await before.close();
    const world = await openWorld({ DATA_DIR });
    const visitor = world.visitor();
    await setUp(world, visitor, username, password);
    expect((await visitor.get("/account/authenticators/new")).text).toContain("test (2)");
    expect(await entriesSeenBy(visitor)).toEqual([]);
    expect((await visitor.get(PAGE)).text).toContain("test is somebody’s own account");
  });
});

describe("every page that asks for a code", () => {
  const POINTER = /<a href="\/dev\/authenticator"/;

  /** Those pages, as a person comes by them. */
  async function pagesOf(
    world: World,
    headers: Record<string, string>,
    username = "test",
    password = "password",
  ) {
    const visitor = world.visitor(headers);
    await visitor.password(username, password);
    const texts = [(await visitor.get("/login/2fa")).text];
    const secret = await setUp(world, visitor, username, password);
    await visitor.post("/logout");
    await visitor.password(username, password);
    texts.push((await visitor.get("/login/2fa")).text);
    await visitor.code(world.code(secret));
    texts.push((await visitor.get("/confirm")).text);
    const titles = texts.map((text) => /<title>(.+?) –/.exec(text)?.[1]);
    expect(titles).toEqual(["Set up your authenticator app", "Enter your code", "Confirm that it’s you"]);
    return texts;
  }

  it("links to it for the demo account", async () => {
    const world = await openWorld();
    for (const text of await pagesOf(world, {})) expect(text).toMatch(POINTER);
  });

  it("links to nothing for others, and when a proxy stands between", async () => {
    const world = await openWorld({ DEMO: "on" });
    const { username, password } = await addAccount(world, "alice");
    const texts = [
      ...(await pagesOf(world, {}, username, password)),
      ...(await pagesOf(world, { "x-forwarded-for": "203.0.113.7" })),
    ];
    for (const text of texts) expect(text).not.toContain("/dev/");
  });
});
