/** A trusted browser: what its token does not stand for, and when it is given none. */
import { beforeEach, describe, expect, it } from "vitest";
import { PASSWORD_RULE } from "../../src/auth/policy.js";
import { cookieFrom, cookieHeldBy } from "../support/cookies.js";
import { expectLockout, failUntilLockout } from "../support/lockout.js";
import { openDatabase } from "../support/other-program.js";
import { ask, bytesOf, form, opensAccount } from "../support/raw-request.js";
import { setUp, setUpWithSheet } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

const TRUSTED = "latchkey_trusted";

let world: World;
let secret: string;
let codes: string[];
/** The trusted browser, signed out. */
let trusting: Visitor;
beforeEach(async () => {
  world = await openWorld();
  trusting = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, trusting));
  await trusting.post("/logout");
  await trust(trusting, secret);
});

/** Signs in with the box ticked, and out again. */
async function trust(visitor: Visitor, secret: string, of = world) {
  await visitor.password();
  expect((await visitor.code(of.code(secret), { trust_device: "on" })).status).toBe(303);
  of.advance(30_000);
  await visitor.post("/logout");
}

const devices = () => openDatabase(world).prepare("select * from trusted_devices").all();

describe("a sign-in on a trusted browser", () => {
  it("is no step-up", async () => {
    expect((await trusting.password()).headers.location).toBe("/");
    expect((await trusting.get("/account")).status).toBe(200);
    const asked = await trusting.get("/account/password");
    expect(asked.headers.location).toBe("/confirm?next=%2Faccount%2Fpassword");
    const fields = { current_password: "password", new_password: "quite another password" };
    const sent = await trusting.post("/account/password", fields);
    expect(sent.headers.location).toBe("/confirm?next=%2Faccount%2Fpassword");
    expect((await trusting.confirm("password", "")).status).toBe(401);
    expect((await trusting.confirm("password", world.code(secret))).status).toBe(303);
    expect((await trusting.get("/account/password")).status).toBe(200);
  });

  it("starts a session with a new id", async () => {
    const ids = [cookieFrom(await trusting.password())];
    await trusting.post("/logout");
    const sent = form(
      { username: "test", password: "password" },
      { cookie: `${ids[0]}; ${cookieHeldBy(trusting, TRUSTED)}` },
    );
    ids.push(cookieFrom(await ask(world, { path: "/login", ...sent })));
    expect(new Set(ids).size).toBe(2);
    expect(await opensAccount(world, ids[0] ?? "")).toBe(false);
    expect(await opensAccount(world, ids[1] ?? "")).toBe(true);
  });

  it("refuses a wrong password with the same bytes as on any browser", async () => {
    const tryIn = (password: string, cookie: string) =>
      ask(world, { path: "/login", ...form({ username: "test", password }, { cookie }) });
    const trusted = cookieHeldBy(trusting, TRUSTED);
    const refused = await tryIn("wrong", trusted);
    expect(refused.status).toBe(401);
    expect(bytesOf(refused)).toEqual(bytesOf(await tryIn("wrong", "")));
    for (let n = 2; n < PASSWORD_RULE.free; n++) await tryIn("wrong", trusted);
    const delayed = await tryIn("password", trusted);
    expect(delayed.status).toBe(429);
    expect(bytesOf(delayed)).toEqual(bytesOf(await tryIn("wrong", "")));
  });

  it("is refused when the account is disabled", async () => {
    await world.auth.disableAccount("test");
    expect((await trusting.password()).status).toBe(401);
  });

  it("asks for a code when the account is locked", async () => {
    const lasting = await openWorld({ PENDING_LOGIN: "30d", TRUSTED_DEVICE: "90d" });
    const browser = lasting.visitor();
    const key = await setUp(lasting, browser);
    await browser.post("/logout");
    await trust(browser, key, lasting);
    const guesser = lasting.visitor();
    await guesser.password();
    await failUntilLockout(lasting, () => guesser.code(nextWrongCode(lasting, key)));
    expect((await browser.password()).headers.location).toBe("/login/2fa");
    expectLockout(await browser.code(lasting.code(key)));
    await lasting.auth.unlockAccount("test");
    expect((await browser.password()).headers.location).toBe("/");
  });
});

describe("a trusted browser's token", () => {
  it("is not given for a wrong code, a recovery code or an unticked box", async () => {
    const visitor = world.visitor();
    const before = devices();
    await visitor.password();
    for (const otp of [world.code(secret, 9), "no code", ""]) {
      const refused = await visitor.code(otp, { trust_device: "on" });
      expect([refused.status, refused.headers["set-cookie"]]).toEqual([401, undefined]);
    }
    const recovery = { recovery_code: codes[0] ?? "", trust_device: "on" };
    expect((await visitor.post("/login/recovery-code", recovery)).status).toBe(303);
    await visitor.post("/logout");
    await visitor.password();
    expect((await visitor.code(world.code(secret), { trust_device: "" })).status).toBe(303);
    expect(cookieHeldBy(visitor, TRUSTED)).toBe("");
    expect(devices()).toEqual(before);
  });

  it("is neither offered nor given when TRUSTED_DEVICE is 0", async () => {
    const off = await openWorld({ TRUSTED_DEVICE: "0", DATA_DIR: world.dataDir });
    off.advance(5 * MINUTE);
    const sent = form(
      { username: "test", password: "password" },
      { cookie: cookieHeldBy(trusting, TRUSTED) },
    );
    expect((await ask(off, { path: "/login", ...sent })).headers.location).toBe("/login/2fa");
    const visitor = off.visitor();
    await visitor.password();
    expect((await visitor.get("/login/2fa")).text).not.toContain("trust_device");
    expect((await visitor.code(off.code(secret), { trust_device: "on" })).status).toBe(303);
    expect(cookieHeldBy(visitor, TRUSTED)).toBe("");
    expect(devices()).toHaveLength(1);
  });
});
