/** accounts.import: people with the passwords and apps of another system, who sign in as they did there. */
import { hashSync } from "@node-rs/bcrypt";
import { describe, expect, it } from "vitest";
import type { ImportRow } from "../../src/public-accounts.js";
import { accountsOf, PASSWORD } from "../support/accounts.js";
import { makeCodes } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const HASH = hashSync(PASSWORD, 4);

const alice: ImportRow = { username: "alice", passwordHash: HASH, totp: SECRET };

/** Signs in with the old password and the old app's code. */
async function signsIn(world: World, username: string, secret = SECRET) {
  const visitor = world.visitor();
  const first = await visitor.password(username, PASSWORD);
  expect(first).toMatchObject({ status: 303, headers: { location: "/login/2fa" } });
  const second = await visitor.code(world.code(secret));
  expect(second).toMatchObject({ status: 303, headers: { location: "/" } });
  return visitor;
}

describe("an imported person", () => {
  it("signs in with the old password and the old app's code, and has a hash of ours then", async () => {
    const world = await openWorld();
    expect(await accountsOf(world).import([alice])).toEqual({ imported: 1, skipped: 0, refused: [] });
    expect((await world.store.accounts.byUsername("alice"))?.passwordHash).toBe(HASH);
    await signsIn(world, "alice");
    expect((await world.store.accounts.byUsername("alice"))?.passwordHash).toMatch(/^\$argon2id\$/);
    world.advance(30_000);
    await signsIn(world, "alice");
  });

  it("signs in with a code of a secret of ten bytes", async () => {
    const world = await openWorld();
    await accountsOf(world).import([{ ...alice, totp: "JBSWY3DPEHPK3PXP" }]);
    await signsIn(world, "alice", "JBSWY3DPEHPK3PXP");
  });

  it("has each code accepted once", async () => {
    const world = await openWorld();
    await accountsOf(world).import([alice]);
    await signsIn(world, "alice");
    const visitor = world.visitor();
    await visitor.password("alice", PASSWORD);
    expect((await visitor.code(world.code(SECRET))).status).toBe(401);
  });

  it("has no recovery codes, reads so on the page, and makes some", async () => {
    const world = await openWorld();
    await accountsOf(world).import([alice]);
    const visitor = await signsIn(world, "alice");
    for (const page of ["/", "/account"]) {
      const { status, text } = await visitor.get(page);
      expect(status).toBe(200);
      expect(text).toContain('href="/account/recovery-codes"');
    }
    world.advance(30_000);
    await visitor.confirm(PASSWORD, world.code(SECRET));
    expect(await makeCodes(visitor, 1)).toHaveLength(10);
  });

  it("has no recovery code accepted while there are none", async () => {
    const world = await openWorld();
    await accountsOf(world).import([alice]);
    const visitor = world.visitor();
    await visitor.password("alice", PASSWORD);
    expect((await visitor.get("/login/recovery-code")).status).toBe(200);
    expect((await visitor.recoveryCode("0000-0000-0000-00000")).status).toBe(401);
  });

  it("has the label of the key URI beside the app, and the account's name without one", async () => {
    const world = await openWorld();
    const totp = `otpauth://totp/Old:alice%40example.org?secret=${SECRET}`;
    await accountsOf(world).import([
      { ...alice, totp },
      { ...alice, username: "bob" },
    ]);
    for (const [name, label] of [
      ["alice", "alice@example.org"],
      ["bob", null],
    ] as const) {
      const { id } = (await world.store.accounts.byUsername(name)) ?? { id: "" };
      expect(await world.store.authenticators.of(id)).toMatchObject([{ label, number: 1, lastStep: 0 }]);
    }
  });

  it("sets up an app at the first sign-in when the old system had none", async () => {
    const world = await openWorld();
    await accountsOf(world).import([{ username: "alice", passwordHash: HASH }]);
    const visitor = world.visitor();
    await visitor.password("alice", PASSWORD);
    const answer = await visitor.code(world.code(await visitor.secret()));
    expect(answer.headers.location).toBe("/account/recovery-codes/current");
  });

  it("has no password that opens anything where the old system had none", async () => {
    const world = await openWorld();
    await accountsOf(world).import([{ username: "alice", totp: SECRET }]);
    expect((await world.visitor().password("alice", "")).status).toBe(401);
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
    expect(await accountsOf(world).find({ username: "alice" })).toMatchObject({
      hasPassword: false,
      hasSecondFactor: true,
    });
  });

  it("is the host's when there is an id and no hash", async () => {
    const world = await openWorld();
    await accountsOf(world).import([{ username: "Ann O'Hara", externalId: "42", totp: SECRET }]);
    expect(await accountsOf(world).find({ externalId: "42" })).toMatchObject({
      username: "Ann O'Hara",
      hasPassword: false,
      hasSecondFactor: true,
    });
  });

  it("has everything else that the row says", async () => {
    const world = await openWorld();
    const rest = { email: "alice@example.org", emailConfirmed: true, name: "Alice", groups: ["staff"] };
    await accountsOf(world).import([{ ...alice, ...rest }]);
    expect(await accountsOf(world).find({ username: "alice" })).toMatchObject(rest);
  });
});

describe("an import", () => {
  it("names a bad row by its index, and takes the rest", async () => {
    const world = await openWorld();
    const rows = [
      alice,
      { username: "b b" },
      { username: "carol", totp: "x" },
      { ...alice, username: "dave" },
    ];
    expect(await accountsOf(world).import(rows)).toEqual({
      imported: 2,
      skipped: 0,
      refused: [
        { line: 1, message: expect.any(String) },
        { line: 2, username: "carol", message: expect.any(String) },
      ],
    });
    expect(await accountsOf(world).find({ username: "carol" })).toBeUndefined();
    await signsIn(world, "dave");
  });

  it("changes nothing the second time", async () => {
    const world = await openWorld();
    const rows = [alice, { ...alice, username: "bob", externalId: "7" }];
    await accountsOf(world).import(rows);
    await signsIn(world, "alice");
    const before = await accountsOf(world).list();
    const events = world.events.length;
    expect(await accountsOf(world).import(rows)).toEqual({ imported: 0, skipped: 2, refused: [] });
    expect(await accountsOf(world).list()).toEqual(before);
    expect(world.events.length).toBe(events);
  });

  it("leaves an account alone that has the name or the host's id already", async () => {
    const world = await openWorld();
    const accounts = accountsOf(world);
    await accounts.create({ username: "alice", password: PASSWORD });
    await accounts.create({ username: "bob", externalId: "7" });
    const rows = [alice, { username: "robert", externalId: "7" }, { username: "carol", externalId: "8" }];
    expect(await accounts.import(rows)).toEqual({ imported: 1, skipped: 2, refused: [] });
    expect(await accounts.find({ username: "alice" })).toMatchObject({ hasSecondFactor: false });
    expect(await accounts.find({ externalId: "7" })).toMatchObject({ username: "bob" });
  });

  it("imports one of two that run at once", async () => {
    const world = await openWorld();
    const rows = Array.from({ length: 20 }, (_, n) => ({ ...alice, username: `user${n}` }));
    const [one, other] = await Promise.all([accountsOf(world).import(rows), accountsOf(world).import(rows)]);
    expect(one.imported + other.imported).toBe(20);
    expect(one.skipped + other.skipped).toBe(20);
  });

  it("writes nothing in a dry run, and reports what would happen", async () => {
    const world = await openWorld();
    const accounts = accountsOf(world);
    await accounts.create({ username: "bob", password: PASSWORD });
    const before = await accounts.list();
    const events = world.events.length;
    const rows = [
      alice,
      { ...alice, name: "twice" },
      { username: "bob" },
      { username: "c", externalId: "1" },
      { username: "d", externalId: "1" },
      {},
    ];
    const dry = await accounts.import(rows, { dryRun: true });
    expect(dry).toMatchObject({ imported: 2, skipped: 3, refused: [{ line: 5 }] });
    expect(await accounts.list()).toEqual(before);
    expect(world.events.length).toBe(events);
    expect(await accounts.import(rows)).toEqual(dry);
  });

  it("records each person, with who did it", async () => {
    const world = await openWorld();
    await accountsOf(world).import([alice, { username: "b b" }]);
    const { id = "" } = (await accountsOf(world).find({ username: "alice" })) ?? {};
    const imported = { type: "account-imported", accountId: id, username: "alice", by: { kind: "host" } };
    expect(world.events).toEqual([expect.objectContaining(imported)]);
    expect(await world.store.history.of(id, 10, 0)).toMatchObject([
      { type: "account-imported", byKind: "host" },
    ]);
  });

  it("reads a stream row by row, and keeps what came before a failure of it", async () => {
    const world = await openWorld();
    let asked = 0;
    async function* rows() {
      for (; asked < 3; asked++) yield { ...alice, username: `user${asked}` };
      throw new Error("the stream broke");
    }
    await expect(accountsOf(world).import(rows())).rejects.toThrow("the stream broke");
    expect((await accountsOf(world).list()).accounts).toHaveLength(3 + (world.config.demo === "off" ? 0 : 1));
  });

  it("lists the first 10,000 refused rows and counts the others", async () => {
    const world = await openWorld();
    const report = await accountsOf(world).import(new Array(10_005).fill("no row"));
    expect(report.refused).toHaveLength(10_000);
    expect(report).toMatchObject({ imported: 0, moreRefused: 5 });
  });

  it.each([
    ["nothing", undefined],
    ["a text", "[]"],
    ["an object", { username: "alice" }],
  ])("throws for %s in place of rows", async (_what, rows) => {
    const world = await openWorld();
    await expect(accountsOf(world).import(rows as never)).rejects.toThrow(TypeError);
  });

  it("throws for options that it does not know", async () => {
    const world = await openWorld();
    await expect(accountsOf(world).import([], { dryrun: true } as never)).rejects.toThrow(TypeError);
    await expect(accountsOf(world).import([], { dryRun: "yes" } as never)).rejects.toThrow(TypeError);
  });
});
