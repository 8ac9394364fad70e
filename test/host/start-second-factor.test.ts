/** A host's own sign-in leads on to the second factor: set-up, code, trusted browser, step-up, and what the pages then say. */
import { describe, expect, it } from "vitest";
import { BOB, openHostWorld, setUpApp } from "../support/host-world.js";
import { CURRENT_CODES } from "../support/sign-in.js";
import { messagesOn, reasonOn } from "../support/visitor.js";
import { MINUTE } from "../support/world.js";

const accountOf = async (
  world: { auth: { findAccount: (by: { externalId: string }) => unknown } },
  id: string,
) =>
  (await world.auth.findAccount({ externalId: id })) as {
    id: string;
    username: string;
    hasSecondFactor: boolean;
  };

describe("startSecondFactor", () => {
  it("makes the account, leads to the set-up, and on to the page that was wanted", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    const answer = await visitor.get("/host-login?next=/notes%3Fa=1");
    expect([answer.status, answer.headers.location]).toEqual([303, "/login/2fa"]);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(String(answer.headers["set-cookie"])).toMatch(
      /^latchkey=s%3A[^;]+; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect((await visitor.get("/account")).headers.location).toBe("/login/2fa");
    expect(await accountOf(world, "7")).toMatchObject({ username: "Anna Å.", hasSecondFactor: false });
    await setUpApp(world, visitor);
    const codes = await visitor.get(CURRENT_CODES);
    expect(codes.text).toContain("/notes?a=1");
    expect((await visitor.get("/account")).status).toBe(200);
    expect(await accountOf(world, "7")).toMatchObject({ hasSecondFactor: true });
    const signedIn = world.events.find(({ type }) => type === "signed-in");
    expect(signedIn).toMatchObject({ reason: "host totp", username: "Anna Å." });
    const added = world.events.find(({ type }) => type === "account-added");
    expect(added).toMatchObject({ by: { kind: "host" } });
  });

  it("asks for a code the next time, by POST as well as by GET, and leads to / without a next", async () => {
    const world = await openHostWorld();
    const first = world.visitor();
    await first.get("/host-login");
    const secret = await setUpApp(world, first);
    const visitor = world.visitor();
    expect((await visitor.post("/host-login")).headers.location).toBe("/login/2fa");
    const page = await visitor.get("/login/2fa");
    expect(page.text).toContain('id="otp"');
    expect((await visitor.code(world.code(secret))).headers.location).toBe("/");
    expect(messagesOn((await visitor.get("/account")).text)).toContain("signed-in-again");
  });

  it.each([
    ["//evil.example", "/"],
    ["https://evil.example/", "/"],
    ["/\\evil.example", "/"],
    [`/${"a".repeat(9_000)}`, "/"],
    ["/notes", "/notes"],
  ])("takes %.20s as next for a path of this site or for none", async (next, leadsTo) => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    world.said.options = { next };
    await visitor.get("/host-login");
    const secret = await setUpApp(world, visitor);
    await visitor.get("/host-login");
    expect((await visitor.code(world.code(secret))).headers.location).toBe(leadsTo);
  });

  it("takes a list, or nothing, from a query for no next", async () => {
    const world = await openHostWorld();
    for (const next of [["/a", "/b"], undefined, { a: 1 }] as never[]) {
      world.said.options = { next };
      expect((await world.visitor().get("/host-login")).status).toBe(303);
    }
  });

  it("opens a session at once on a trusted browser, and says so by its methods", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    const secret = await setUpApp(world, visitor);
    await visitor.get("/host-login?next=/notes");
    await visitor.code(world.code(secret), { trust_device: "on" });
    const answer = await visitor.get("/host-login?next=/notes");
    expect([answer.status, answer.headers.location]).toEqual([303, "/notes"]);
    expect((await visitor.get("/account")).status).toBe(200);
    expect(world.events.filter(({ type }) => type === "signed-in").at(-1)).toMatchObject({
      reason: "host trusted-device",
    });
  });

  it("asks for the second factor alone at a step-up, and maxAge accepts that", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    const secret = await setUpApp(world, visitor);
    world.advance(11 * MINUTE);
    expect((await visitor.get("/account/recovery-codes")).headers.location).toMatch(/^\/confirm/);
    const page = await visitor.get("/confirm?next=/account/recovery-codes");
    expect(page.text).not.toContain('type="password"');
    expect(page.text).toContain('id="otp"');
    expect(reasonOn((await visitor.confirm("", "1")).text)).toBe("not-a-code");
    const done = await visitor.confirm("", world.code(secret), { next: "/account/recovery-codes" });
    expect([done.status, done.headers.location]).toEqual([303, "/account/recovery-codes"]);
    expect((await visitor.get("/account/recovery-codes")).status).toBe(200);
    expect(world.events.at(-1)).toMatchObject({ type: "stepped-up", reason: "totp" });
    world.advance(11 * MINUTE);
    const again = await visitor.confirm("", world.code(secret));
    expect([again.status, world.events.at(-1)]).toMatchObject([303, { type: "stepped-up", reason: "totp" }]);
  });

  it("shows no password, and none to change, to somebody who has none here", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    const setUp = await visitor.get("/login/2fa");
    expect(setUp.text).not.toContain("your password and");
    await setUpApp(world, visitor);
    for (const page of ["/account", "/account/history"]) {
      expect((await visitor.get(page)).text).not.toContain("/account/password");
    }
    expect((await visitor.get("/account/password")).status).toBe(404);
    expect((await visitor.post("/account/password")).status).toBe(404);
  });

  it("says that somebody passed the site's own sign-in, where the second step was never done", async () => {
    const world = await openHostWorld();
    const owner = world.visitor();
    await owner.get("/host-login");
    const secret = await setUpApp(world, owner);
    await world.visitor({ "User-Agent": "a stranger" }).get("/host-login");
    await owner.get("/host-login");
    await owner.code(world.code(secret));
    const { text } = await owner.get("/account");
    expect(messagesOn(text)).toContain("site-sign-in-known");
  });

  it("is refused with 403 for a disabled person and for a name of Latchkey's own, and logs why", async () => {
    const world = await openHostWorld();
    await world.visitor().get("/host-login");
    const { id } = await accountOf(world, "7");
    await world.auth.disableAccount(id);
    const visitor = world.visitor();
    expect((await visitor.get("/host-login")).status).toBe(403);
    await world.auth.createAccount({ username: "bob", password: "correct horse battery" });
    world.said.user = BOB;
    expect((await visitor.get("/host-login")).status).toBe(403);
    expect(world.errors).toMatchObject([{ status: 403 }, { status: 403 }]);
    const warned = world.logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
    expect(warned).toMatchObject([{ externalId: "b-8", username: "bob" }]);
    expect((await visitor.get("/account")).headers.location).toMatch(/^\/login\?/);
  });

  it.each([
    ["no person", undefined],
    ["no id", { username: "x" }],
    ["an empty id", { id: "", username: "x" }],
    ["a number that is no integer", { id: 1.5, username: "x" }],
    ["an integer that is not exact", { id: 2 ** 60, username: "x" }],
    ["a long id", { id: "i".repeat(201), username: "x" }],
    ["an empty name", { id: 1, username: "" }],
    ["a long name", { id: 1, username: "n".repeat(201) }],
    ["a name with a control character", { id: 1, username: "a\u0000b" }],
    ["half a surrogate pair", { id: 1, username: "a\ud800" }],
  ])("rejects with a sentence for %s", async (_what, user) => {
    const world = await openHostWorld();
    world.said.user = user as never;
    expect((await world.visitor().get("/host-login")).status).toBe(500);
    expect(String(world.errors[0])).toMatch(/startSecondFactor takes a person as \{ id, username \}/);
    expect(await world.auth.hasAccounts()).toBe(false);
  });

  it("rejects with 503 while the database does not answer, and opens nothing", async () => {
    const world = await openHostWorld();
    const { transaction } = world.store;
    const { StoreUnavailable } = await import("../../src/auth/index.js");
    Object.assign(world.store, { transaction: () => Promise.reject(new StoreUnavailable("down")) });
    const visitor = world.visitor();
    const answer = await visitor.get("/host-login");
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([503, undefined]);
    Object.assign(world.store, { transaction });
    expect((await visitor.get("/host-login")).status).toBe(303);
  });

  it("leaves a host's own session and body alone", async () => {
    const session = (await import("express-session")).default;
    const world = await openHostWorld({
      before: session({ secret: "the host's own", resave: false, saveUninitialized: true, name: "host.sid" }),
    });
    const visitor = world.visitor();
    const answer = await visitor.post("/host-login", { a: "1" });
    const names = (answer.headers["set-cookie"] as unknown as string[]).map((cookie) => cookie.split("=")[0]);
    expect(names.sort()).toEqual(["host.sid", "latchkey"]);
    await setUpApp(world, visitor);
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("keeps a label of any characters inert: pages, file names, headers", async () => {
    const world = await openHostWorld();
    const username = `"<b>Ü</b>":${"w".repeat(189)}`;
    world.said.user = { id: 1, username };
    const visitor = world.visitor();
    await visitor.get("/host-login");
    await setUpApp(world, visitor);
    for (const page of ["/", "/account", CURRENT_CODES, "/account/history", "/logout", "/confirm"]) {
      const { status, text } = await visitor.get(page);
      expect([page, status]).toEqual([page, 200]);
      expect(text).not.toContain("<b>Ü");
    }
    const verified = await visitor.get("/auth/verify");
    expect(verified.status).toBe(200);
    expect(Buffer.from(verified.headers["remote-user"] ?? "", "latin1").toString("utf8")).toBe(username);
    expect(verified.headers["remote-auth-methods"]).toBe("host totp");
  });
});
