/** The test kit's accounts: what they have, and that they are those of real people. */
import { describe, expect, it } from "vitest";
import { createTestLatchkey } from "../../src/testing.js";
import { openKit } from "../support/kit.js";
import { messagesOn, reasonOn } from "../support/visitor.js";

describe("an account of the test kit", () => {
  it("signs in on the pages with its password and its codes", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const visitor = kit.visitor();
    const { username, password } = account;
    const first = await visitor.post("/sign-in/login", { username, password, next: "/private" });
    expect(first.headers.location).toBe("/sign-in/login/2fa");
    const second = await visitor.post("/sign-in/login/2fa", { otp: await kit.code(account) });
    expect(second.headers.location).toBe("/private");
    const { body } = await visitor.get("/private");
    expect(body).toMatchObject({ account: { id: account.id, username }, methods: ["password", "totp"] });
  });

  it("has ten recovery codes, each of which opens a session once", async () => {
    const kit = await openKit();
    const account = await kit.account();
    expect(account.recoveryCodes).toHaveLength(10);
    const visitor = kit.visitor();
    const { username, password, recoveryCodes } = account;
    const [code = ""] = recoveryCodes;
    const enter = async () => {
      await visitor.post("/sign-in/login", { username, password });
      return visitor.post("/sign-in/login/recovery-code", { recovery_code: code });
    };
    expect((await enter()).status).toBe(303);
    expect((await visitor.get("/private")).body.methods).toEqual(["password", "recovery-code"]);
    await visitor.post("/sign-in/logout");
    expect(reasonOn((await enter()).text)).toBe("used");
  });

  it("is called as the test says, and has the password that the test says", async () => {
    const kit = await openKit();
    const account = await kit.account({ username: "Ann", password: "green lantern, seven" });
    expect(account).toMatchObject({ username: "ann", password: "green lantern, seven" });
    const fields = { username: "ann", password: "green lantern, seven" };
    expect((await kit.visitor().post("/sign-in/login", fields)).headers.location).toBe("/sign-in/login/2fa");
  });

  it("differs from every other in name, password, id, codes and recovery codes", async () => {
    const kit = await openKit();
    const people = await Promise.all([kit.account(), kit.account(), kit.account()]);
    for (const what of ["id", "username", "password"] as const) {
      expect(new Set(people.map((person) => person[what])).size).toBe(3);
    }
    expect(new Set(people.flatMap(({ recoveryCodes }) => recoveryCodes)).size).toBe(30);
  });

  it("has the attributes that the test says", async () => {
    const kit = await openKit();
    const { id } = await kit.account({
      externalId: "7",
      email: "ann@example.org",
      name: "Ann",
      groups: ["a"],
    });
    expect(await kit.latchkey.accounts.find({ externalId: "7" })).toMatchObject({
      id,
      email: "ann@example.org",
      name: "Ann",
      groups: ["a"],
      hasPassword: true,
      hasSecondFactor: true,
    });
  });

  it("has no second factor when the test says so, and sets one up on the page", async () => {
    const kit = await openKit();
    const account = await kit.account({ secondFactor: "none" });
    expect(account.recoveryCodes).toEqual([]);
    await expect(kit.code(account)).rejects.toThrow(/no authenticator/);
    await expect(kit.signIn(account)).rejects.toThrow(/second factor/);
    const visitor = kit.visitor();
    const { username, password } = account;
    await visitor.post("/sign-in/login", { username, password });
    await visitor.get("/sign-in/login/2fa");
    const done = await visitor.post("/sign-in/login/2fa", { otp: await kit.code(account) });
    expect(done.headers.location).toBe("/sign-in/account/recovery-codes/current");
    expect(await kit.ask((await kit.signIn(account)).cookie)).toBe(200);
  });

  it("has a history that begins with its set-up", async () => {
    const kit = await openKit();
    const { cookie } = await kit.signIn(await kit.account());
    const page = await kit.visitor(cookie).get("/sign-in/account/history");
    for (const type of ["signed-in", "authenticator-set-up", "recovery-codes-made"]) {
      expect(messagesOn(page.text).join(" ") + page.text).toContain(type);
    }
  });

  it.each([
    [{ secondFactor: "passkey" }, /secondFactor is "totp" or "none", not "passkey"/],
    [{ usrname: "ann" }, /usrname/],
    [{ username: "not a name" }, /account/],
    [{ password: "short" }, /short/],
    [true, /account takes an object/],
  ])("is refused with the reason when it is %j", async (how, reason) => {
    const kit = await openKit();
    await expect(kit.account(how as never)).rejects.toThrow(reason);
  });

  it("is refused when its name is taken", async () => {
    const kit = await openKit();
    await kit.account({ username: "ann" });
    await expect(kit.account({ username: "Ann" })).rejects.toThrow(/taken/);
  });
});

describe("two test kits in one process", () => {
  it("share no account, no session and no clock", async () => {
    const [one, other] = [await openKit(), await openKit()];
    const ann = await one.account({ username: "ann" });
    const { cookie } = await one.signIn(ann);
    expect([await one.ask(cookie), await other.ask(cookie)]).toEqual([200, 303]);
    await expect(other.signIn(ann)).rejects.toThrow(/gone/);
    expect((await other.account({ username: "ann" })).id).not.toBe(ann.id);
    one.clock.advance("1h");
    expect(one.clock.now() - other.clock.now()).toBeGreaterThan(3_590_000);
    await one.close();
    expect(await other.ask((await other.signIn(await other.account())).cookie)).toBe(200);
  });
});

describe("createTestLatchkey", () => {
  it.each([
    ["an unknown option", { nmae: "App" }, /nmae/],
    ["a setting that cannot be", { settings: { SESSION_MAX: "soon" } }, /SESSION_MAX/],
    ["a clock", { clock: () => 0 }, /clock/],
  ])("throws for %s", async (_what, options, reason) => {
    await expect(createTestLatchkey(options as never)).rejects.toThrow(reason);
  });

  it("passes options and settings on", async () => {
    const kit = await openKit({ name: "Allotment", settings: { SESSION_IDLE: "2m" } });
    expect((await kit.visitor().get("/sign-in/login")).text).toContain("Allotment");
    const { cookie } = await kit.signIn(await kit.account());
    kit.clock.advance("3m");
    expect(await kit.ask(cookie)).toBe(303);
  });
});
