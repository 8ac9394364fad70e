/** A host that checks passwords (`users`): the sign-in page, the step-up, what it is asked, and what it may answer. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openHostWorld, setUpApp, usersOf } from "../support/host-world.js";
import { reasonOn } from "../support/visitor.js";
import { MINUTE } from "../support/world.js";

const TABLE = {
  "Anna@Example.org": { id: 7, username: "Anna", password: "any pass ̊" },
  bob: { id: 8, username: "bob", password: "b" },
};

describe("users.checkPassword", () => {
  it("is asked what was typed, unchanged, and opens the person's account", async () => {
    const users = usersOf(TABLE);
    const world = await openHostWorld({ users });
    const visitor = world.visitor();
    const answer = await visitor.password("Anna@Example.org", "any pass ̊", { next: "/account" });
    expect([answer.status, answer.headers.location]).toEqual([303, "/login/2fa"]);
    expect(users.asked).toEqual([["Anna@Example.org", "any pass ̊"]]);
    await setUpApp(world, visitor);
    expect(await world.auth.findAccount({ externalId: "7" })).toMatchObject({
      username: "Anna",
      hasPassword: false,
      hasSecondFactor: true,
    });
    expect(world.events.find(({ type }) => type === "signed-in")).toMatchObject({ reason: "password totp" });
  });

  it("refuses what the host refuses, and tells its person of it where the name is theirs", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    const visitor = world.visitor();
    await visitor.password("bob", "b");
    await setUpApp(world, visitor);
    const wrong = await world.visitor().password("bob", "wrong");
    const unknown = await world.visitor().password("nobody", "wrong");
    expect([wrong.status, reasonOn(wrong.text)]).toEqual([401, "refused"]);
    expect([unknown.status, reasonOn(unknown.text)]).toEqual([401, "refused"]);
    const refused = world.events.filter(({ type }) => type === "password-refused");
    expect(refused.map(({ username }) => username)).toEqual(["bob", undefined]);
  });

  it("is not asked for a password or a name that is too long for anybody", async () => {
    const users = usersOf(TABLE);
    const world = await openHostWorld({ users });
    expect((await world.visitor().password("bob", "x".repeat(1_025))).status).toBe(401);
    expect((await world.visitor().password("b".repeat(201), "x")).status).toBe(401);
    expect(users.asked).toEqual([]);
  });

  it("is asked again at a step-up, by the name of the sign-in, and must name the same person", async () => {
    const table = structuredClone(TABLE);
    const users = usersOf(table);
    const world = await openHostWorld({ users });
    const visitor = world.visitor();
    await visitor.password("Anna@Example.org", "any pass ̊");
    const secret = await setUpApp(world, visitor);
    world.advance(11 * MINUTE);
    expect((await visitor.get("/confirm")).text).toContain('type="password"');
    expect(reasonOn((await visitor.confirm("wrong", world.code(secret))).text)).toBe("wrong-password");
    expect(users.asked.at(-1)).toEqual(["Anna@Example.org", "wrong"]);
    table["Anna@Example.org"].id = 9;
    expect(reasonOn((await visitor.confirm("any pass ̊", world.code(secret))).text)).toBe("wrong-password");
    table["Anna@Example.org"].id = 7;
    expect((await visitor.confirm("any pass ̊", world.code(secret))).status).toBe(303);
    world.advance(11 * MINUTE);
    expect((await visitor.confirm("any pass ̊", world.code(secret))).status).toBe(303);
    expect(users.asked.at(-1)).toEqual(["Anna@Example.org", "any pass ̊"]);
  });

  it("opens nothing for a disabled person, in the words of a wrong password", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    await world.visitor().password("bob", "b");
    const account = await world.auth.findAccount({ externalId: "8" });
    await world.auth.disableAccount(account?.id);
    const disabled = await world.visitor().password("bob", "b");
    const wrong = await world.visitor().password("bob", "x");
    expect([disabled.status, disabled.text]).toEqual([401, wrong.text]);
  });

  it("opens no account of Latchkey's own, whose password is not looked at", async () => {
    const users = usersOf({ bob: { id: 8, username: "bob", password: "from the host" } });
    const world = await openHostWorld({ users });
    await world.auth.createAccount({ username: "bob", password: "correct horse battery" });
    expect((await world.visitor().password("bob", "correct horse battery")).status).toBe(401);
    expect((await world.visitor().password("bob", "from the host")).status).toBe(401);
    const warned = world.logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
    expect(warned).toMatchObject([{ externalId: "8", username: "bob" }]);
  });

  it.each([
    [
      "a throw",
      () => {
        throw new Error("down");
      },
    ],
    ["a rejection", () => Promise.reject(new Error("down"))],
    ["true", async () => true],
    ["false", async () => false],
    ["a text", async () => "7"],
    ["no id", async () => ({ username: "bob" })],
    ["an id that is no integer", async () => ({ id: 1.5, username: "bob" })],
    ["an empty name", async () => ({ id: 1, username: "" })],
    [
      "a getter that throws",
      async () => ({
        get id() {
          throw new Error("odd");
        },
        username: "x",
      }),
    ],
  ])("makes %s a 503, lets nobody in, and counts no attempt", async (_what, checkPassword) => {
    const world = await openHostWorld({ users: { checkPassword: checkPassword as never } });
    const visitor = world.visitor();
    for (let n = 0; n < 7; n++) {
      const answer = await visitor.password("bob", "b");
      expect([answer.status, answer.headers["set-cookie"]]).toEqual([503, undefined]);
    }
  });

  it("makes no answer within two seconds a 503, and a late one opens nothing", async () => {
    let answer = (_user: unknown) => {};
    const late = new Promise((resolve) => {
      answer = resolve;
    });
    const world = await openHostWorld({ users: { checkPassword: () => late as never } });
    const began = performance.now();
    expect((await world.visitor().password("bob", "b")).status).toBe(503);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(1_900);
    expect(took).toBeLessThan(3_000);
    answer({ id: 8, username: "bob" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await world.auth.hasAccounts()).toBe(false);
  });

  it("lets an answer that took almost two seconds in", async () => {
    const world = await openHostWorld({
      users: {
        checkPassword: () =>
          new Promise((resolve) => setTimeout(() => resolve({ id: 8, username: "bob" }), 1_900)),
      },
    });
    expect((await world.visitor().password("bob", "b")).status).toBe(303);
  });

  it("counts by what normaliseUsername says, and makes its failures a 503", async () => {
    const users = usersOf(TABLE, { normaliseUsername: (name) => name.replaceAll(".", "") });
    const world = await openHostWorld({ users });
    for (const name of ["b.o", "bo", "bo.", ".bo", "b..o"]) await world.visitor().password(name, "x");
    expect((await world.visitor().password("..bo", "x")).status).toBe(429);
    expect((await world.visitor().password("BO", "x")).status).toBe(401);
    const odd = [() => undefined, () => 7, () => "n".repeat(201), () => Promise.reject(new Error("odd"))];
    for (const name of odd) {
      users.normaliseUsername = name as () => string;
      expect((await world.visitor().password("bob", "b")).status).toBe(503);
    }
    users.normaliseUsername = () => {
      throw new Error("odd");
    };
    expect((await world.visitor().password("bob", "b")).status).toBe(503);
  });

  it("counts without it by the name trimmed, lower-cased and composed", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    for (const name of ["é", " É", "e\u0301", "E\u0301 ", "é"]) await world.visitor().password(name, "x");
    expect((await world.visitor().password("é", "x")).status).toBe(429);
  });

  it("is asked no more often at once than the line for hashes is long", async () => {
    let asked = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const world = await openHostWorld({
      users: {
        checkPassword: async () => {
          asked += 1;
          await held;
          return null;
        },
      },
      env: { TRUST_PROXY: "loopback" },
    });
    const answers = Array.from({ length: 120 }, (_, n) =>
      world
        .visitor({ "X-Forwarded-For": `203.0.113.${n}` })
        .password(`name-${n}`, "x")
        .then((answer) => answer),
    );
    await vi.waitFor(async () => expect(asked).toBeGreaterThan(60), { timeout: 10_000 });
    onTestFinished(release);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(asked).toBeLessThanOrEqual(64 + 64);
    expect(asked).toBeLessThan(120);
  });
});

describe("users.changePasswordUrl", () => {
  it.each(["/my/password", "https://people.example/password"])("leads to %s", async (changePasswordUrl) => {
    const world = await openHostWorld({ users: usersOf(TABLE, { changePasswordUrl }) });
    const visitor = world.visitor();
    for (const page of ["/account/password", "/.well-known/change-password"]) {
      const { status, headers } = await visitor.get(page);
      expect([status, headers.location]).toEqual([303, changePasswordUrl]);
    }
    await visitor.password("bob", "b");
    await setUpApp(world, visitor);
    for (const page of ["/account", "/account/history"]) {
      expect((await visitor.get(page)).text).toContain(`href="${changePasswordUrl}"`);
    }
  });

  it("left out, leaves neither page nor link", async () => {
    const world = await openHostWorld({ users: usersOf(TABLE) });
    const visitor = world.visitor();
    await visitor.password("bob", "b");
    await setUpApp(world, visitor);
    for (const page of ["/account/password", "/.well-known/change-password"]) {
      expect((await visitor.get(page)).status).toBe(404);
    }
    for (const page of ["/account", "/account/history"]) {
      expect((await visitor.get(page)).text).not.toContain("/account/password");
    }
  });
});
