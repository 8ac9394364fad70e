/** Chosen secret: setting up a secret that the attacker made, or one that another sign-in was shown. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, SET_UP_TIMES } from "../../src/auth/policy.js";
import { toBase32 } from "../../src/otp/index.js";
import { NEW_AUTHENTICATOR as NEW } from "../support/authenticators.js";
import { heldBy } from "../support/cookies.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, CURRENT_CODES, setUp } from "../support/sign-in.js";
import { secretOn } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

/** The secret that the attacker made. */
const CHOSEN = toBase32(new Uint8Array(20).fill(7));

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

describe("a secret that the client sends", () => {
  const NAMES = [
    "secret",
    "key",
    "otp_secret",
    "sealed_secret",
    "sealedSecret",
    "enrolment",
    "uri",
    "authenticator_id",
  ];
  const fields = Object.fromEntries(NAMES.map((name) => [name, CHOSEN]));
  const query = new URLSearchParams(fields).toString();
  const cookies = NAMES.map((name) => `${name}=${CHOSEN}`).join("; ");
  const headers = Object.fromEntries(NAMES.map((name) => [`x-${name.replaceAll("_", "-")}`, CHOSEN]));

  it("is ignored when it comes with the password", async () => {
    const visitor = world.visitor();
    await visitor.password("test", "password", fields);
    const secret = await visitor.secret();
    expect(secret).not.toBe(CHOSEN);
    expect((await visitor.code(world.code(CHOSEN))).status).toBe(401);
    expect((await visitor.code(world.code(secret))).headers.location).toBe(CURRENT_CODES);
  });

  it("is ignored when it comes with the code, as field, query, cookie or header", async () => {
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    const answer = await ask(world, {
      path: `/login/2fa?${query}`,
      ...form(
        { otp: world.code(CHOSEN), ...fields },
        { ...headers, cookie: `${heldBy(visitor)}; ${cookies}` },
      ),
    });
    expect(answer.status).toBe(401);
    expect(await visitor.secret()).toBe(secret);
  });

  it("is neither shown nor set up when it stands in the address", async () => {
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    const page = await visitor.get(`/login/2fa?${query}`);
    expect(page.text).not.toContain(CHOSEN);
    expect(page.text.replaceAll(" ", "")).toContain(secret);
  });
});

describe("the secret of a pending login", () => {
  it("confirms nothing in another pending login of the same account", async () => {
    const [mine, theirs] = [world.visitor(), world.visitor()];
    await mine.password();
    await theirs.password();
    const [mySecret, theirSecret] = [await mine.secret(), await theirs.secret()];
    expect((await theirs.code(world.code(mySecret))).status).toBe(401);
    expect((await theirs.code(world.code(theirSecret))).headers.location).toBe(CURRENT_CODES);
  });

  it("confirms nothing for another account", async () => {
    const { username, password } = await addAccount(world, "victim");
    const [mine, theirs] = [world.visitor(), world.visitor()];
    await mine.password();
    await theirs.password(username, password);
    const secret = await mine.secret();
    await theirs.secret();
    expect((await theirs.code(world.code(secret))).status).toBe(401);
    expect((await mine.code(world.code(secret))).headers.location).toBe(CURRENT_CODES);
    world.advance(MINUTE);
    expect((await theirs.code(world.code(secret))).status).toBe(401);
  });

  it("confirms nothing once another browser has confirmed its own", async () => {
    const [attacker, owner] = [world.visitor(), world.visitor()];
    await attacker.password();
    const stale = await attacker.secret();
    await setUp(world, owner);
    expect((await attacker.code(world.code(stale))).status).toBe(401);
    world.advance(MINUTE);
    const later = world.visitor();
    await later.password();
    for (const browser of [attacker, later]) {
      const refused = await browser.code(world.code(stale));
      expect(refused.status).toBe(401);
      expect(refused.text).not.toMatch(/otpauth:|id="key"/);
    }
  });

  it.each([
    ["is signed out", async (visitor: ReturnType<World["visitor"]>) => void (await visitor.post("/logout"))],
    ["expires", async () => world.advance(SET_UP_TIMES * DEFAULT_POLICY.pendingLogin)],
    ["starts again", async (visitor: ReturnType<World["visitor"]>) => void (await visitor.password())],
  ])("is gone when its login %s", async (_how, end) => {
    const visitor = world.visitor();
    await visitor.password();
    const old = await visitor.secret();
    const oldCookie = heldBy(visitor);
    await end(visitor);
    const late = await ask(world, {
      path: "/login/2fa",
      ...form({ otp: world.code(old) }, { cookie: oldCookie }),
    });
    expect(late.headers.location).toMatch(/^\/login\?notice=/);

    await visitor.password();
    expect(await visitor.secret()).not.toBe(old);
    expect((await visitor.code(world.code(old))).status).toBe(401);
    expect((await visitor.code(world.code(await visitor.secret()))).headers.location).toBe(CURRENT_CODES);
  });

  it("does not exist until the page that shows it is opened", async () => {
    const visitor = world.visitor();
    await visitor.password();
    expect((await visitor.code(world.code(CHOSEN))).headers.location).toBe("/login?notice=set-up-expired");
    expect((await visitor.get("/account")).status).toBe(303);
  });
});

describe("the secret of an authenticator being added", () => {
  it("is made by the server, whatever the request brings", async () => {
    const visitor = world.visitor();
    const first = await setUp(world, visitor);
    const fields = {
      secret: CHOSEN,
      otp_secret: CHOSEN,
      key: CHOSEN,
      uri: `otpauth://totp/x?secret=${CHOSEN}`,
    };
    const query = new URLSearchParams(fields).toString();
    const page = await visitor.get(`${NEW}?${query}`);
    const added = secretOn(page.text);
    expect(page.text).not.toContain(CHOSEN);
    expect([first, CHOSEN, ""]).not.toContain(added);
    const refused = await visitor.post(`${NEW}?${query}`, { ...fields, otp: world.code(CHOSEN) });
    expect(refused.status).toBe(401);
    expect(secretOn(refused.text)).toBe(added);
    const reloaded = await visitor.get(`${NEW}?secret=${CHOSEN}`);
    expect(secretOn(reloaded.text)).toBe(added);
  });

  it("differs in each session, and confirms nothing in another", async () => {
    const [mine, theirs] = [world.visitor(), world.visitor()];
    const secret = await setUp(world, mine);
    await theirs.password();
    await theirs.code(world.code(secret));
    const [mySecret, theirSecret] = [
      secretOn((await mine.get(NEW)).text),
      secretOn((await theirs.get(NEW)).text),
    ];
    expect(mySecret).not.toBe(theirSecret);
    expect((await mine.post(NEW, { otp: world.code(theirSecret) })).status).toBe(401);
    expect((await mine.post(NEW, { otp: world.code(mySecret) })).status).toBe(303);
    // Confirming one ends the other session, and its secret with it.
    expect((await theirs.post(NEW, { otp: world.code(theirSecret) })).headers.location).toMatch(/^\/login/);
  });

  it("appears on no page and in no log once it is confirmed", async () => {
    const visitor = world.visitor();
    const first = await setUp(world, visitor);
    const added = secretOn((await visitor.get(NEW)).text);
    const done = await visitor.post(NEW, { otp: world.code(added) });
    expect(done.headers.location).toBe("/account");
    expect(secretOn((await visitor.get(NEW)).text)).not.toBe(added);
    const paths = "/ /account /account/history /account/password /account/recovery-codes /confirm".split(" ");
    for (const path of [...paths, NEW]) {
      const page = await visitor.get(path);
      expect(page.status, path).toBe(200);
      for (const secret of [first, added]) expect(page.text.replaceAll(" ", ""), path).not.toContain(secret);
    }
    expect(world.logLines.join("")).not.toContain(added);
  });

  it("does not exist until the page that shows it is opened", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    const answer = await visitor.post(NEW, { otp: world.code(CHOSEN) });
    expect(answer.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).not.toContain("test (2)");
  });
});
