/** The page that adds an authenticator, or replaces one: several of them, each with a name. */
import { beforeEach, describe, expect, it } from "vitest";
import { ENROLMENT_LIFETIME, MAX_AUTHENTICATORS, MAX_NAME_LENGTH } from "../../../src/auth/policy.js";
import {
  addAuthenticator,
  appRows,
  authenticatorIds,
  NEW_AUTHENTICATOR,
  statusWith,
} from "../../support/account-page.js";
import { setUp } from "../../support/sign-in.js";
import { messagesOn, reasonOn, secretOn, type Visitor } from "../../support/visitor.js";
import { HOUR, openWorld, type World } from "../../support/world.js";

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  secret = await setUp(world, visitor);
});

const rows = () => appRows(visitor);

const add = (name: string, address = NEW_AUTHENTICATOR) => addAuthenticator(world, visitor, name, address);

describe("adding an authenticator", () => {
  it("shows a new secret under a label of its own, and keeps it over reloads and wrong codes", async () => {
    const page = await visitor.get(NEW_AUTHENTICATOR);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Add another app</h1>");
    expect(page.text).toContain(`otpauth://totp/Latchkey:test%20(2)?secret=${secretOn(page.text)}`);
    expect(page.text).toContain("Code for Latchkey: test (2)</label>");
    expect(secretOn(page.text)).not.toBe(secret);
    await visitor.post(NEW_AUTHENTICATOR, { name: "Tablet", otp: "000000" });
    expect(secretOn((await visitor.get(NEW_AUTHENTICATOR)).text)).toBe(secretOn(page.text));
  });

  it("takes a name, after which the codes of both sign in", async () => {
    const added = await add("  KeePassXC  on my desk ");
    expect(messagesOn((await visitor.get("/account")).text)).toEqual(["app-added"]);
    world.advance(30_000);
    expect(await statusWith(world, world.code(added))).toBe(303);
    expect(await statusWith(world, world.code(secret))).toBe(303);
  });

  it("finds a name when none is given", async () => {
    await add("");
    await add("");
    expect(await rows()).toEqual([
      expect.stringMatching(/^Authenticator app App, Latchkey: test 24/),
      expect.stringMatching(/^Authenticator app 2 App, Latchkey: test \(2\) 24/),
      expect.stringMatching(/^Authenticator app 3 App, Latchkey: test \(3\) 24/),
    ]);
  });

  it("is listed with its last use", async () => {
    world.advance(9 * 24 * HOUR);
    await visitor.password();
    await visitor.code(world.code(secret));
    const added = await add("Pixel 9");
    world.advance(2 * HOUR);
    expect(await statusWith(world, world.code(added))).toBe(303);
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await rows()).toEqual([
      expect.stringMatching(/Latchkey: test 3 Dec 2026, 14:00 UTC/),
      expect.stringMatching(/\(2\) 3 Dec 2026, 14:00 UTC/),
    ]);
  });

  it.each([
    ["a name that another one has", "authenticator APP", "taken"],
    ["a name that is too long", "x".repeat(MAX_NAME_LENGTH + 1), "too-long"],
  ])("refuses %s, keeps what was typed, and spends no code", async (_what, name, reason) => {
    const added = secretOn((await visitor.get(NEW_AUTHENTICATOR)).text);
    const answer = await visitor.post(NEW_AUTHENTICATOR, { name, otp: world.code(added) });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("<title>Error: Add another app");
    expect(reasonOn(answer.text)).toBe(reason);
    expect(answer.text).toContain(`value="${name}"`);
    expect(secretOn(answer.text)).toBe(added);
    expect((await visitor.post(NEW_AUTHENTICATOR, { name: "Tablet", otp: world.code(added) })).status).toBe(
      303,
    );
  });

  it.each([
    ["000000", "wrong"],
    ["12345", "not-a-code"],
  ])("refuses the code %j, and keeps the name", async (otp, reason) => {
    await visitor.get(NEW_AUTHENTICATOR);
    const answer = await visitor.post(NEW_AUTHENTICATOR, { name: "Tom & Jerry's", otp });
    expect(answer.status).toBe(401);
    expect(reasonOn(answer.text)).toBe(reason);
    expect(answer.text).toContain('value="Tom &amp; Jerry&#39;s"');
  });

  it("adds one when the form is sent twice, and shows what signs in now", async () => {
    const otp = world.code(secretOn((await visitor.get(NEW_AUTHENTICATOR)).text));
    await visitor.post(NEW_AUTHENTICATOR, { name: "Tablet", otp });
    const again = await visitor.post(NEW_AUTHENTICATOR, { name: "Tablet 2", otp });
    expect(again.status).toBe(303);
    expect(again.headers.location).toBe("/account");
    expect(messagesOn((await visitor.get("/account")).text)).toEqual(["app-added", "app-sent-before"]);
    expect(await rows()).toHaveLength(2);
  });

  it("shows a new secret when the old one was on the screen for more than an hour", async () => {
    const shown = secretOn((await visitor.get(NEW_AUTHENTICATOR)).text);
    for (let half = 0; half < 2; half++) {
      world.advance(ENROLMENT_LIFETIME / 2);
      await visitor.confirm("password", world.code(secret));
    }
    expect(secretOn((await visitor.get(NEW_AUTHENTICATOR)).text)).toBe(shown);
    world.advance(1);
    expect(
      (await visitor.post(NEW_AUTHENTICATOR, { name: "", otp: world.code(shown) })).headers.location,
    ).toBe("/account");
    expect(await rows()).toHaveLength(1);
    expect(secretOn((await visitor.get(NEW_AUTHENTICATOR)).text)).not.toBe(shown);
  });

  it("refuses a sixth, and replaces one all the same", async () => {
    for (let n = 2; n <= MAX_AUTHENTICATORS; n++) await add("");
    expect((await visitor.get("/account")).text).not.toContain(`href="${NEW_AUTHENTICATOR}"`);
    const page = await visitor.get(NEW_AUTHENTICATOR);
    expect(page.headers.location).toBe("/account");
    expect(messagesOn((await visitor.get("/account")).text)).toContain("app-full");
    expect((await visitor.post(NEW_AUTHENTICATOR, { name: "", otp: "123456" })).headers.location).toBe(
      "/account",
    );
    expect(await rows()).toHaveLength(MAX_AUTHENTICATORS);
    const [oldest = ""] = await authenticatorIds(visitor);
    expect((await visitor.get(`${NEW_AUTHENTICATOR}?replaces=${oldest}`)).status).toBe(200);
    await add("Pixel 9", `${NEW_AUTHENTICATOR}?replaces=${oldest}`);
    expect(await rows()).toHaveLength(MAX_AUTHENTICATORS);
  });
});

describe("replacing an authenticator", () => {
  it("takes the old codes until a code of the new one was right", async () => {
    const [old = ""] = await authenticatorIds(visitor);
    const address = `${NEW_AUTHENTICATOR}?replaces=${old}`;
    const page = await visitor.get(address);
    expect(page.text).toContain("Replace your app</h1>");
    expect(page.text).toContain("Code for Latchkey: test (2)</label>");
    expect(page.text).toContain(`action="${address}"`);
    await visitor.post(address, { name: "Pixel 9", otp: "000000" });
    expect(await statusWith(world, world.code(secret))).toBe(303);
    world.advance(30_000);

    const added = await add("Pixel 9", address);
    const account = await visitor.get("/account");
    expect(messagesOn(account.text)).toEqual(["app-replaced"]);
    // Entries are named, because both apps may have the same name.
    expect(account.text).toContain("Codes from <b>Latchkey: test</b> no longer work");
    expect(await rows()).toEqual([expect.stringMatching(/^Pixel 9 App, Latchkey: test \(2\)/)]);
    world.advance(30_000);
    expect(await statusWith(world, world.code(secret))).toBe(401);
    expect(await statusWith(world, world.code(added))).toBe(303);
  });

  it("takes the old one's name for the new one", async () => {
    const [old = ""] = await authenticatorIds(visitor);
    await add("Authenticator app", `${NEW_AUTHENTICATOR}?replaces=${old}`);
    expect(await rows()).toEqual([expect.stringMatching(/^Authenticator app App, Latchkey: test \(2\)/)]);
  });

  it("leads back to the account page when there is no such old one", async () => {
    const page = await visitor.get(`${NEW_AUTHENTICATOR}?replaces=gone`);
    expect(page.status).toBe(303);
    expect(page.headers.location).toBe("/account");
    expect(messagesOn((await visitor.get("/account")).text)).toEqual(["app-replaced-gone"]);
  });

  it("names the old app when its owner named it, and not by a default name", async () => {
    const [old = ""] = await authenticatorIds(visitor);
    const address = `${NEW_AUTHENTICATOR}?replaces=${old}`;
    expect((await visitor.get(address)).text).not.toContain("<b>Authenticator app</b>");
    await visitor.post(`/account/authenticators/${old}/rename`, { name: "Authenticator app of work" });
    expect((await visitor.get(address)).text).toContain("<b>Authenticator app of work</b>");
  });
});

describe("a change of the authenticators", () => {
  it("signs out every other browser, and keeps this one", async () => {
    const other = world.visitor();
    await other.password();
    await other.code(world.code(secret));
    await add("Tablet");
    expect((await other.get("/account")).status).toBe(303);
    expect((await visitor.get("/account")).status).toBe(200);
  });
});
