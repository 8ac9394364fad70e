/** Names of authenticators: text from a person that every page, the history and the confirmation show. */
import { beforeEach, describe, expect, it } from "vitest";
import { allHeldBy } from "../support/cookies.js";
import { heldAtTransaction } from "../support/hold-back.js";
import { sqlOn } from "../support/other-program.js";
import { ask, form, statuses } from "../support/raw-request.js";
import { setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

const NEW = "/account/authenticators/new";

let world: World;
let owner: Visitor;
let secret: string;
/** Of the first authenticator. */
let id: string;
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  secret = await setUp(world, owner);
  id = (await authenticators())[0]?.id ?? "";
});

async function authenticators() {
  const account = await world.store.accounts.byUsername("test");
  return world.store.authenticators.of(account?.id ?? "");
}
const names = async () => (await authenticators()).map(({ name }) => name);

async function begin(): Promise<string> {
  const page = await owner.get(NEW);
  return (/<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? "").replaceAll(" ", "");
}

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
    ["\u{1f511}".repeat(64), "\u{1f511}".repeat(64)],
    [`  ${"x".repeat(64)}  `, "x".repeat(64)],
  ])(
    "is kept without control characters and doubled spaces, up to 64 characters: %j",
    async (typed, kept) => {
      expect((await give(typed)).status).toBe(303);
      expect((await names()).at(-1)).toBe(kept);
    },
  );

  it.each(["\u{1f511}".repeat(65), "x".repeat(65), "x".repeat(15_000)])(
    "of more than 64 characters changes nothing: %#",
    async (name) => {
      const before = await authenticators();
      expect((await give(name)).status).toBe(422);
      expect(await authenticators()).toEqual(before);
    },
  );

  it("with a NUL is refused, and one of nothing but spaces is none", async () => {
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
    "that another has is refused: %j",
    async (name) => {
      await owner.post(NEW, { name: "Second one", otp: world.code(await begin()) });
      const before = await authenticators();
      expect((await give(name)).status).toBe(422);
      expect(await authenticators()).toEqual(before);
    },
  );

  it("is text on every page, whatever it holds", async () => {
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

describe("two names at the same time", () => {
  it("cannot become equal", async () => {
    await owner.post(NEW, { name: "second", otp: world.code(await begin()) });
    const renaming = (await authenticators()).map((one) => rename("The same", one.id));
    expect(statuses(await Promise.all(renaming))).toEqual({ 303: 1, 422: 1 });
    expect(new Set(await names()).size).toBe(2);
  });

  it("cannot become equal while one is being added, and the secret goes on being set up", async () => {
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

it("an authenticator that comes of itself has a label of its own, and a name of its own", async () => {
  const labels: string[] = [];
  for (let n = 2; n <= 5; n++) {
    const page = await owner.get(NEW);
    labels.push(/otpauth:\/\/totp\/([^?"]+)/.exec(page.text)?.[1] ?? "");
    await owner.post(NEW, { otp: world.code(await begin()) });
  }
  expect(labels.map(decodeURIComponent)).toEqual([2, 3, 4, 5].map((n) => `Latchkey:test (${n})`));
  expect(new Set(await names()).size).toBe(5);
  // A number is never given twice, though the one that had it is gone.
  const last = (await authenticators()).at(-1)?.id;
  await owner.post(`/account/authenticators/${last}/remove`);
  expect((await owner.get(NEW)).text).toContain("totp/Latchkey:test%20(6)");
  const shown = await ask(world, { path: "/account", headers: { cookie: allHeldBy(owner) } });
  expect(shown.text).toContain("test (4)");
  expect(shown.text).not.toContain(secret);
});
