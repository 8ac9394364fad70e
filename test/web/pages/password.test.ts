/** Changing the password: what is refused and why, and what a change brings with it. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, PASSWORD_LENGTH, PASSWORD_RULE } from "../../../src/auth/policy.js";
import { message } from "../../../src/web/catalogue/message.js";
import { expectProblem } from "../../support/refused-codes.js";
import { setUp, signIn } from "../../support/sign-in.js";
import { reasonOn, type Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

const OLD = "correct horse battery";
const NEW = "umbrella drawer";

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  await world.auth.createAccount({ username: "alice", password: OLD });
  visitor = world.visitor();
  secret = await setUp(world, visitor, "alice", OLD);
});

const change = (current_password: string, new_password: string) =>
  visitor.post("/account/password", { current_password, new_password });

describe("the page that changes the password", () => {
  it("tells password managers whose it is, and which field is which", async () => {
    const page = await visitor.get("/account/password");
    expect(page.status).toBe(200);
    expect(page.text).toContain('autocomplete="username" value="alice"');
    expect(page.text).toMatch(/name="current_password"[^>]*autocomplete="current-password"/);
    expect(page.text).toMatch(/name="new_password"[^>]*autocomplete="new-password"/);
    expect(page.text).not.toContain("maxlength");
    expect(page.text).toContain("At least 8 characters");
  });

  it("is found at the well-known address", async () => {
    for (const person of [visitor, world.visitor()]) {
      const answer = await person.get("/.well-known/change-password");
      expect(answer.status).toBe(303);
      expect(answer.headers.location).toBe("/account/password");
    }
  });

  it("asks for a step-up when the last one is too old", async () => {
    world.advance(DEFAULT_POLICY.stepUp);
    const late = await change(OLD, NEW);
    expect(late.status).toBe(303);
    expect(late.headers.location).toBe("/confirm?next=%2Faccount%2Fpassword");
    expect((await world.visitor().password("alice", OLD)).status).toBe(303);
  });
});

describe("a new password", () => {
  it.each([
    ["seven characters", "umbre11", "The new password has fewer than 8 characters."],
    ["nothing", "", "The new password has fewer than 8 characters."],
    ["more than 1,024 characters", "x".repeat(1_025), "The new password has more than 1,024 characters."],
    [
      "a common word, disguised",
      "p4ssw0rd",
      "That password is on, or close to, the lists that attackers try first.",
    ],
    [
      "the username",
      "alice1234",
      "Your username, or the name of this site, makes up too much of that password.",
    ],
    [
      "the site's name",
      "latchkey26",
      "Your username, or the name of this site, makes up too much of that password.",
    ],
    ["a row of keys", "zxcvbnm,", "Attackers try rows of neighbouring keys first."],
    ["a word twice", "hunter2hunter2", "The same thing repeated is quickly guessed."],
    ["the alphabet", "abcdefgh1", "A sequence such as abcd or 1234 is quickly guessed."],
    ["a day", "24.12.1984", "A date is quickly guessed."],
  ])("is refused with the reason when it is %s", async (_what, typed, words) => {
    const answer = await change(OLD, typed);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("<title>Error: Change your password");
    expect(answer.text).toContain(`href="#new_password">${words}`);
    expect(answer.text).toMatch(/id="new_password"[^>]*aria-invalid="true"/);
    if (typed) expect(answer.text).not.toContain(`value="${typed}"`);
    expect((await world.visitor().password("alice", OLD)).status).toBe(303);
  });

  it("is never counted", async () => {
    for (let tries = 0; tries < 6; tries++) expect((await change(OLD, "short")).status).toBe(422);
    expect((await change(OLD, NEW)).status).toBe(303);
  });

  it("is not judged when the current one is wrong", async () => {
    const answer = await change("wrong", "short");
    expect(answer.status).toBe(401);
    expect(reasonOn(answer.text)).toBe("wrong-password");
  });

  it("is taken when it has 1,024 characters", async () => {
    const long = `${NEW} `.repeat(64);
    expect(long).toHaveLength(PASSWORD_LENGTH.max);
    expect((await change(OLD, long)).status).toBe(303);
    expect((await world.visitor().password("alice", long)).status).toBe(303);
  });
});

describe("a wrong current password", () => {
  it("is refused at its field, and changes nothing", async () => {
    const answer = await change("not that one", NEW);
    expect(answer.status).toBe(401);
    expectProblem(answer, {
      reason: "wrong-password",
      text: message("password-wrong"),
      advice: message("password-wrong-advice"),
      field: "current_password",
    });
    expect(answer.text).not.toContain("not that one");
    expect(answer.text).not.toContain(`value="${NEW}"`);
    expect((await world.visitor().password("alice", OLD)).status).toBe(303);
  });

  it("starts a delay the fifth time", async () => {
    for (let tries = 0; tries < PASSWORD_RULE.free; tries++) await change("wrong", NEW);
    const answer = await change(OLD, NEW);
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(reasonOn(answer.text)).toBe("delayed");
    world.advance(MINUTE);
    expect((await change(OLD, NEW)).status).toBe(303);
  });
});

describe("a changed password", () => {
  it.each([
    ["kT9#vB2q", "password-changed-fair"],
    ["umbrella drawer", "password-changed-good"],
    ["kettle orbit mustard fence", "password-changed-strong"],
  ])("is confirmed with a word on its strength: %s", async (typed, id) => {
    const answer = await change(OLD, typed);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account");
    const { text } = await visitor.get("/account");
    expect(text).toContain(`data-message="${id}"`);
    expect(text).not.toContain(typed);
  });

  it("signs in, and the old one does not", async () => {
    await change(OLD, NEW);
    expect((await world.visitor().password("alice", OLD)).status).toBe(401);
    await signIn(world, world.visitor(), secret, "alice", NEW);
  });

  it("signs out every other browser, pending logins too, and keeps this one", async () => {
    const [other, pending] = [world.visitor(), world.visitor()];
    await signIn(world, other, secret, "alice", OLD);
    await pending.password("alice", OLD);
    await change(OLD, NEW);
    expect((await other.get("/account")).headers.location).toContain("/login?notice=sign-in");
    expect((await pending.code(world.code(secret))).headers.location).toContain("/login?notice=");
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("is the same when it is typed composed and decomposed", async () => {
    await change(OLD, "cr\u00e8me br\u00fbl\u00e9e kettle");
    const decomposed = "cre\u0300me bru\u0302le\u0301e kettle";
    expect((await world.visitor().password("alice", decomposed)).status).toBe(303);
  });
});
