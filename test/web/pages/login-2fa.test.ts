/** The second step: the page that sets up an authenticator the first time, and the page that asks for a code. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, RECOVERY_CODES, SET_UP_TIMES, WINDOW_STEPS } from "../../../src/auth/policy.js";
import { addAuthenticator, authenticatorIds } from "../../support/account-page.js";
import { proseOf } from "../../support/page-text.js";
import { CURRENT_CODES, currentCodes, setUp } from "../../support/sign-in.js";
import { reasonOn } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

describe("the set-up page", () => {
  it("signs in, with recovery codes, when the code of the new app is right", async () => {
    const visitor = world.visitor();
    const password = await visitor.password();
    expect(password.status).toBe(303);
    expect(password.headers.location).toBe("/login/2fa");

    const page = await visitor.get("/login/2fa");
    const secret = await visitor.secret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(page.text).toContain(`otpauth://totp/Latchkey:test?secret=${secret}`);

    const done = await visitor.code(world.code(secret));
    expect(done.status).toBe(303);
    expect(done.headers.location).toBe("/account/recovery-codes/current");
    expect(await currentCodes(visitor)).toHaveLength(RECOVERY_CODES);
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("names apps for each kind of device, with their makers' pages", async () => {
    const visitor = world.visitor();
    await visitor.password();
    const { text } = await visitor.get("/login/2fa");
    const apps = [...text.matchAll(/<li>(<b>.*?)<\/li>/g)].map(([, app = ""]) => proseOf(app));
    expect(apps).toEqual([
      "iPhone, iPad, Mac: you have one: Passwords",
      "Android: Google Authenticator, Aegis or 2FAS",
      "Windows, Linux: KeePassXC or Ente Auth",
      "At work: Microsoft Authenticator",
    ]);
    const links = [...text.matchAll(/<a href="(https:[^"]*)" target="_blank" rel="noopener noreferrer"/g)];
    expect(links).toHaveLength(7);
  });

  it("keeps its secret over reloads, wrong codes and a second tab", async () => {
    const visitor = world.visitor();
    await visitor.password();
    const [first, second] = await Promise.all([visitor.secret(), visitor.secret()]);
    await visitor.code("000000");
    expect(second).toBe(first);
    expect(await visitor.secret()).toBe(first);
  });

  it("shows another secret to another pending login", async () => {
    const [one, two] = [world.visitor(), world.visitor()];
    await one.password();
    await two.password();
    expect(await one.secret()).not.toBe(await two.secret());
  });

  it("lets one of two browsers finish, and shows the other the code page", async () => {
    const [one, two] = [world.visitor(), world.visitor()];
    await one.password();
    await two.password();
    const [secretOne, secretTwo] = [await one.secret(), await two.secret()];
    expect((await one.code(world.code(secretOne))).headers.location).toBe(CURRENT_CODES);
    const late = await two.code(world.code(secretTwo));
    expect(late.status).toBe(401);
    expect(late.text).toContain("<title>Error: Enter your code");
  });

  it("lasts three times as long as a sign-in, says until when, and tells the truth afterwards", async () => {
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account" });
    const lasts = SET_UP_TIMES * DEFAULT_POLICY.pendingLogin;
    const until = new Date(world.now() + lasts).toISOString();
    const page = await visitor.get("/login/2fa");
    expect(page.text).toContain(`datetime="${until}"`);
    const secret = await visitor.secret();
    world.advance(lasts - 1);
    expect(await visitor.secret()).toBe(secret);
    expect((await visitor.code("000000")).status).toBe(401);
    world.advance(1);
    for (const answer of [await visitor.code(world.code(secret)), await visitor.get("/login/2fa")])
      expect(answer.headers.location).toBe("/login?notice=set-up-expired");
    const form = await visitor.get("/login?notice=set-up-expired");
    for (const kept of ["test", "/account"]) expect(form.text).toContain(`value="${kept}"`);
    expect(form.text).not.toContain("nothing was lost");
  });

  it("can be finished at its last moment", async () => {
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    world.advance(SET_UP_TIMES * DEFAULT_POLICY.pendingLogin - 1);
    expect((await visitor.code(world.code(secret))).headers.location).toBe(CURRENT_CODES);
  });

  it("gives another browser no more time than a sign-in once one has finished", async () => {
    const [one, two] = [world.visitor(), world.visitor()];
    for (const visitor of [one, two]) await visitor.password();
    await one.code(world.code(await one.secret()));
    world.advance(DEFAULT_POLICY.pendingLogin - 1);
    expect((await two.get("/login/2fa")).status).toBe(200);
    world.advance(1);
    expect((await two.get("/login/2fa")).headers.location).toBe("/login?notice=expired");
  });
});

describe("the code page", () => {
  it("names the entry in the app, and the app if its owner named it", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    const seen = async () => {
      const browser = world.visitor();
      await browser.password();
      return proseOf((await browser.get("/login/2fa")).text);
    };
    expect(await seen()).toContain("Look for Latchkey: test.");
    const [id] = await authenticatorIds(visitor);
    await visitor.post(`/account/authenticators/${id}/rename`, { name: "Tom & Jerry's" });
    expect(await seen()).toContain("In Tom & Jerry's, look for Latchkey: test.");
    await visitor.confirm("password", world.code(secret));
    await addAuthenticator(world, visitor, "");
    expect(await seen()).toContain(
      "Look for one of these: Latchkey: test in Tom & Jerry's Latchkey: test (2) Six digits",
    );
  });

  it("asks for a code, and shows no secret, once an authenticator is set up", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    await visitor.password();
    const page = await visitor.get("/login/2fa");
    expect(page.text).toContain("Enter the code from your app");
    expect(page.text).not.toContain(secret.slice(0, 4));
    expect((await visitor.code(world.code(secret))).headers.location).toBe("/");
  });

  it.each(["123 456", "123-456", "123456\r\n", " 123456 "])(
    "takes a code with blanks and dashes: %j",
    async (typed) => {
      const visitor = world.visitor();
      const secret = await setUp(world, visitor);
      await visitor.post("/logout");
      await visitor.password();
      const code = world.code(secret);
      const answer = await visitor.code(typed.replace("123", code.slice(0, 3)).replace("456", code.slice(3)));
      expect(answer.status).toBe(303);
    },
  );

  it("takes a code with leading zeros", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    while (!world.code(secret).startsWith("0")) world.advance(30_000);
    await visitor.password();
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });

  it.each([-WINDOW_STEPS, 0, WINDOW_STEPS])(
    "takes a code %i time steps away, and none farther",
    async (steps) => {
      const visitor = world.visitor();
      const secret = await setUp(world, visitor);
      world.advance(5 * MINUTE);
      await visitor.post("/logout");
      await visitor.password();
      for (const far of [-WINDOW_STEPS - 2, -WINDOW_STEPS - 1, WINDOW_STEPS + 1, WINDOW_STEPS + 2])
        expect((await visitor.code(world.code(secret, far))).status).toBe(401);
      expect((await visitor.code(world.code(secret, steps))).status).toBe(303);
    },
  );

  it("refuses what is not six digits, and does not count it", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    await visitor.password();
    for (const typed of ["", "12345", "1234567", "abcdef", "１２３４５", "12345½", "-1.5e3", "0x1234"]) {
      const answer = await visitor.code(typed);
      expect(answer.status).toBe(401);
      expect(reasonOn(answer.text)).toBe("not-a-code");
    }
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });
});
