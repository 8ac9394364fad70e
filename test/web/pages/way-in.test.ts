/** The way in over HTTP: password, set-up or code, signed in, signed out. */
import { beforeEach, describe, expect, it } from "vitest";
import { setUp } from "../../support/sign-in.js";
import { HOUR, MINUTE, openWorld, type World } from "../../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

describe("the first time", () => {
  it("leads from the password over the set-up page to a session", async () => {
    const visitor = world.visitor();
    const password = await visitor.password();
    expect(password.status).toBe(303);
    expect(password.headers.location).toBe("/login/2fa");

    const page = await visitor.get("/login/2fa");
    expect(page.text).toContain("Password accepted. Now the second step.");
    const secret = await visitor.secret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(page.text).toContain(`otpauth://totp/Latchkey:test?secret=${secret}`);

    const done = await visitor.code(world.code(secret));
    expect(done.status).toBe(200);
    expect(done.text).toContain("Your authenticator is set up, and you are signed in");
    expect(done.text).toContain("Your recovery codes</h1>");
    expect((await visitor.get("/")).text).toContain("You are signed in as <b>test</b>");
  });

  it("shows a message once", async () => {
    const visitor = world.visitor();
    await visitor.password();
    expect((await visitor.get("/login/2fa")).text).toContain("Password accepted");
    expect((await visitor.get("/login/2fa")).text).not.toContain("Password accepted");
  });

  it("keeps the secret over reloads, wrong codes and a second tab", async () => {
    const visitor = world.visitor();
    await visitor.password();
    const [first, second] = await Promise.all([visitor.secret(), visitor.secret()]);
    await visitor.code("000000");
    expect(second).toBe(first);
    expect(await visitor.secret()).toBe(first);
  });

  it("makes another secret for another pending login", async () => {
    const [one, two] = [world.visitor(), world.visitor()];
    await one.password();
    await two.password();
    expect(await one.secret()).not.toBe(await two.secret());
  });

  it("lets only one of two browsers finish, and shows the other the code page", async () => {
    const [one, two] = [world.visitor(), world.visitor()];
    await one.password();
    await two.password();
    const [secretOne, secretTwo] = [await one.secret(), await two.secret()];
    expect((await one.code(world.code(secretOne))).status).toBe(200);
    const late = await two.code(world.code(secretTwo));
    expect(late.status).toBe(401);
    expect(late.text).toContain("Enter the code from your app");
  });
});

describe("the second time", () => {
  it("asks for the code only, and shows no secret", async () => {
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
    "forgives how the code is typed: %j",
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

  it("accepts a code with leading zeros", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    while (!world.code(secret).startsWith("0")) world.wait(30_000);
    await visitor.password();
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });

  it.each([-1, 0, 1])("accepts the code %i step away, and none further off", async (steps) => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    world.wait(5 * MINUTE);
    await visitor.post("/logout");
    await visitor.password();
    for (const far of [-3, -2, 2, 3]) expect((await visitor.code(world.code(secret, far))).status).toBe(401);
    expect((await visitor.code(world.code(secret, steps))).status).toBe(303);
  });

  it("refuses what is not six digits without counting it", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    await visitor.password();
    for (const typed of ["", "12345", "1234567", "abcdef", "１２３４５", "12345½", "-1.5e3", "0x1234"]) {
      const answer = await visitor.code(typed);
      expect(answer.status).toBe(401);
      expect(answer.text).toContain("A code is six digits");
    }
    expect((await visitor.code(world.code(secret))).status).toBe(303);
  });

  it("leads to the page that was wanted, query and all", async () => {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    const refused = await visitor.get("/account?tab=1&x=%2F");
    expect(refused.headers.location).toBe("/login?notice=sign-in&next=%2Faccount%3Ftab%3D1%26x%3D%252F");
    const form = await visitor.get(refused.headers.location ?? "");
    expect(form.text).toContain('<input type="hidden" name="next" value="/account?tab=1&amp;x=%2F">');
    await visitor.password("test", "password", { next: "/account?tab=1&x=%2F" });
    const done = await visitor.code(world.code(secret));
    expect(done.headers.location).toBe("/account?tab=1&x=%2F");
  });
});

describe("refusals", () => {
  it("keeps the username and clears the password", async () => {
    const answer = await world.visitor().password("test", "wrong-password");
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: Sign in");
    expect(answer.text).toContain('value="test"');
    expect(answer.text).not.toContain("wrong-password");
  });

  it("takes a name in capital letters and with spaces around it", async () => {
    expect((await world.visitor().password("  TEST ")).status).toBe(303);
  });

  it("starts again with the username kept when the pending login ran out", async () => {
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account" });
    world.wait(10 * MINUTE);
    const late = await visitor.code("123456");
    expect(late.headers.location).toBe("/login?notice=expired");
    const form = await visitor.get("/login?notice=expired");
    expect(form.text).toContain("The time for this sign-in ran out");
    expect(form.text).toContain('value="test"');
    expect(form.text).toContain('value="/account"');
  });
});

describe("a session", () => {
  it("shows who one is, since when and with what", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    const page = await visitor.get("/account");
    expect(page.text).toContain("<b>test</b>");
    expect(page.text).toContain("your password and a code from your authenticator");
    expect(page.text).toContain("Authenticator app");
    expect(page.text).toContain("24 November 2026");
  });

  it("ends after an hour without a request, and not before", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    for (let hour = 0; hour < 3; hour++) {
      world.wait(HOUR - 2 * MINUTE);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.wait(HOUR);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("is kept by activity also where the idle limit is short", async () => {
    const short = await openWorld({ SESSION_IDLE: "40s" });
    const visitor = short.visitor();
    await setUp(short, visitor);
    for (let i = 0; i < 10; i++) {
      expect((await visitor.get("/account")).status).toBe(200);
      short.wait(15_000);
    }
    short.wait(30_000);
    expect((await visitor.get("/account")).status).toBe(303);
    await short.close();
  });

  it("ends a day after signing in, however busy", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    for (let half = 0; half < 47; half++) {
      world.wait(30 * MINUTE);
      expect((await visitor.get("/account")).status).toBe(200);
    }
    world.wait(30 * MINUTE);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("ends on the server when one signs out", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    const answer = await visitor.post("/logout");
    expect(answer.headers.location).toBe("/login?notice=signed-out");
    expect((await visitor.get("/login?notice=signed-out")).text).toContain("You are signed out.");
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("of the password alone ends too, and what one wanted to see is not forgotten", async () => {
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account/history" });
    const answer = await visitor.post("/logout");
    expect(answer.headers.location).toBe("/login?notice=start-again&next=%2Faccount%2Fhistory");
    const page = (await visitor.get(answer.headers.location ?? "")).text;
    expect(page).toContain("That sign-in was cancelled. Start again.");
    expect(page).not.toContain("signed out");
    expect((await visitor.get("/login/2fa")).headers.location).toBe("/login?notice=sign-in");
  });

  it("is not signed out by a link", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    expect((await visitor.get("/logout")).status).toBe(200);
    const answer = await visitor.agent.delete("/logout");
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD, POST");
    expect((await visitor.get("/account")).status).toBe(200);
  });
});
