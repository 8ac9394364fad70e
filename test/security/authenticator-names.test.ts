/** Names of authenticators: text typed by a person, which pages, the history and the step-up show. */
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_AUTHENTICATORS, MAX_NAME_LENGTH } from "../../src/auth/policy.js";
import { authenticatorsOf, beginAuthenticator, NEW_AUTHENTICATOR as NEW } from "../support/authenticators.js";
import { allHeldBy } from "../support/cookies.js";
import { heldAtTransaction } from "../support/hold-back.js";
import { sqlOn } from "../support/other-program.js";
import { ask, form, statuses } from "../support/raw-request.js";
import { setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
let owner: Visitor;
let secret: string;
/** The id of the first authenticator. */
let id: string;
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  secret = await setUp(world, owner);
  id = (await authenticators())[0]?.id ?? "";
});

const authenticators = () => authenticatorsOf(world);
const names = async () => (await authenticators()).map(({ name }) => name);

const begin = () => beginAuthenticator(owner);

const rename = (name: string, which = id) => owner.post(`/account/authenticators/${which}/rename`, { name });

/** The two ways to give a name. */
const WAYS: Record<string, (name: string) => Promise<{ status: number; text: string }>> = {
  adding: async (name) => owner.post(NEW, { name, otp: world.code(await begin()) }),
  renaming: async (name) => rename(name),
};

describe.each(Object.entries(WAYS))("a name given by %s", (way, give) => {
  it.each([
    ["  Pixel \t 9\r\n ", "Pixel 9"],
    ["\u0000x".slice(1), "x"],
    ["bell\u0007 escape\u001b[31m del\u007f nel\u0085", "bell escape [31m del nel"],
    ["\u202eright to left\u202c", "right to left"],
    ["zero\u200bwidth\ufeff", "zero width"],
    ["\u{1f511}".repeat(MAX_NAME_LENGTH), "\u{1f511}".repeat(MAX_NAME_LENGTH)],
    [`  ${"x".repeat(MAX_NAME_LENGTH)}  `, "x".repeat(MAX_NAME_LENGTH)],
  ])(
    `keeps up to ${MAX_NAME_LENGTH} characters, without control characters and doubled spaces: %j`,
    async (typed, kept) => {
      expect((await give(typed)).status).toBe(303);
      expect((await names()).at(-1)).toBe(kept);
    },
  );

  it.each(["\u{1f511}".repeat(MAX_NAME_LENGTH + 1), "x".repeat(MAX_NAME_LENGTH + 1), "x".repeat(15_000)])(
    `changes nothing when it has more than ${MAX_NAME_LENGTH} characters: %#`,
    async (name) => {
      const before = await authenticators();
      expect((await give(name)).status).toBe(422);
      expect(await authenticators()).toEqual(before);
    },
  );

  it("is refused when it holds a NUL, and counts as none when it is only spaces", async () => {
    const before = await authenticators();
    expect((await give("Pixel\0 9")).status).toBe(400);
    const nothing = await give(" \u200b\t ");
    expect(nothing.status).toBe(way === "adding" ? 303 : 422);
    expect((await authenticators()).slice(0, 1)).toEqual(before);
    expect(await names()).toEqual(
      ["Authenticator app", "Authenticator app 2"].slice(0, way === "adding" ? 2 : 1),
    );
  });

  it.each(["Second one", "  second ONE ", "SECOND\u200b one"])(
    "is refused when another authenticator has it: %j",
    async (name) => {
      await owner.post(NEW, { name: "Second one", otp: world.code(await begin()) });
      const before = await authenticators();
      expect((await give(name)).status).toBe(422);
      expect(await authenticators()).toEqual(before);
    },
  );

  it("appears escaped on every page when it holds markup", async () => {
    const name = `"><img src=x onerror=alert(1)>'&amp;<%= 7 * 7 %>`;
    const answers = [await give(name), await rename(name, (await authenticators()).at(-1)?.id)];
    const evil = (await authenticators()).find((one) => one.name === name)?.id ?? "";
    expect(evil).not.toBe("");
    if (way === "renaming") await owner.post(NEW, { name: "x", otp: world.code(await begin()) });
    for (const path of [
      "/",
      "/account",
      "/account/history",
      `/account/authenticators/${evil}/remove`,
      `${NEW}?replaces=${evil}`,
      NEW,
    ]) {
      const page = await owner.get(path);
      expect(page.status, path).toBe(200);
      answers.push(page);
    }
    answers.push(
      await owner.post(NEW, { name, otp: "000000" }),
      await owner.post(NEW, { name: "y", otp: "1" }),
    );
    answers.push(await rename(name, (await authenticators()).find((one) => one.id !== evil)?.id));
    const pending = world.visitor();
    await pending.password();
    answers.push(await pending.get("/login/2fa"), await pending.code("000000"));
    for (let n = 0; n < 5; n++) answers.push(await pending.code("000000"));
    await owner.post(`/account/authenticators/${evil}/remove`);
    answers.push(await owner.get("/account"));
    const shown = "&gt;&lt;img src=x onerror=alert(1)&gt;&#39;&amp;amp;&lt;%= 7 * 7 %&gt;";
    for (const { text } of answers)
      expect(text.replaceAll(shown, "")).not.toMatch(/<img src=x|onerror|7 \* 7/);
    expect(answers.filter(({ text }) => text.includes(shown)).length).toBeGreaterThan(5);
  });
});

describe("the names of two authenticators", () => {
  it("stay different when both are renamed alike at once", async () => {
    await owner.post(NEW, { name: "second", otp: world.code(await begin()) });
    const renaming = (await authenticators()).map((one) => rename("The same", one.id));
    expect(statuses(await Promise.all(renaming))).toEqual({ 303: 1, 422: 1 });
    expect(new Set(await names()).size).toBe(2);
  });

  it("stay different when one is renamed while the other is added, and the set-up goes on", async () => {
    const added = await begin();
    const sent = form({ name: "Taken", otp: world.code(added) }, { cookie: allHeldBy(owner) });
    const slow = await heldAtTransaction(world, 2, { path: NEW, ...sent });
    expect((await rename("taken")).status).toBe(303);
    const answer = await slow.letGo();
    expect(answer.status).toBe(422);
    expect(await names()).toEqual(["taken"]);
    expect(await sqlOn(world, "select * from throttle")).toEqual([]);
    expect((await owner.post(NEW, { name: "Free", otp: world.code(added) })).headers.location).toBe(
      "/account",
    );
  });
});

describe("an authenticator added without a name", () => {
  it("gets a name and a label of its own, with a number that was never given before", async () => {
    const labels: string[] = [];
    for (let n = 2; n <= MAX_AUTHENTICATORS; n++) {
      const page = await owner.get(NEW);
      labels.push(/otpauth:\/\/totp\/([^?"]+)/.exec(page.text)?.[1] ?? "");
      await owner.post(NEW, { otp: world.code(await begin()) });
    }
    expect(labels.map(decodeURIComponent)).toEqual([2, 3, 4, 5].map((n) => `Latchkey:test (${n})`));
    expect(new Set(await names()).size).toBe(5);
    // A number is never given twice, even when the authenticator that had it is removed.
    const last = (await authenticators()).at(-1)?.id;
    await owner.post(`/account/authenticators/${last}/remove`);
    expect((await owner.get(NEW)).text).toContain("totp/Latchkey:test%20(6)");
    const shown = await ask(world, { path: "/account", headers: { cookie: allHeldBy(owner) } });
    expect(shown.text).toContain("test (4)");
    expect(shown.text).not.toContain(secret);
  });
});
