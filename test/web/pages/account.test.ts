/** The account page, its small forms, and the names of its apps. Sessions and trusted browsers have files of their own. */
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_AUTHENTICATORS, MAX_NAME_LENGTH } from "../../../src/auth/policy.js";
import { nameProblem } from "../../../src/web/text/name-problems.js";
import { addAuthenticator, appRows, authenticatorIds } from "../../support/account-page.js";
import { rowsUnder, wordsOf } from "../../support/page-text.js";
import { expectProblem } from "../../support/refused-codes.js";
import { setUp, setUpWithSheet } from "../../support/sign-in.js";
import { messagesOn, type Visitor } from "../../support/visitor.js";
import { openWorld, type World } from "../../support/world.js";

let world: World;
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  await setUp(world, visitor);
});

/** The words of each row of *How you sign in*. */
async function rows(address = "/account"): Promise<string[]> {
  const { text } = await visitor.get(address);
  return rowsUnder("authenticators", text).map(({ words }) => words);
}

/** The names of all its buttons and links, as screen readers say them. */
async function actionsOf(address = "/account"): Promise<string[]> {
  const { text } = await visitor.get(address);
  const main = text.split("<main")[1] ?? "";
  return [...main.matchAll(/<(a|button) [^>]*>(.*?)<\/\1>/gs)].map(([, , name = ""]) => wordsOf(name));
}

describe("the account page", () => {
  it("lists what opens the account: the password, each app, the recovery codes", async () => {
    await addAuthenticator(world, visitor, "Tablet");
    expect(await rows()).toEqual([
      expect.stringMatching(/^Password Account since 24 Nov 2026 24 Nov 2026, 12:00 UTC Change /),
      expect.stringMatching(/^Authenticator app App, Latchkey: test 24 Nov 2026, 12:00 UTC Replace /),
      expect.stringMatching(/^Tablet App, Latchkey: test \(2\) 24 Nov 2026, 12:00 UTC Replace /),
      expect.stringMatching(/^10 recovery codes Set 1, made 24 Nov 2026 Not checked yet Check /),
    ]);
  });

  it("has a name of its own for each button, however many rows are alike", async () => {
    const secret = await addAuthenticator(world, visitor, "Tablet");
    for (let browsers = 0; browsers < 3; browsers++) {
      world.advance(30_000);
      const other = world.visitor();
      await other.password();
      await other.code(world.code(secret), { trust_device: "on" });
    }
    const names = await actionsOf();
    expect(names.length).toBeGreaterThan(10);
    expect(new Set(names).size).toBe(names.length);
  });

  it("says the one thing to do", async () => {
    expect((await visitor.get("/account")).text).toContain('data-standing="check-copy"');
  });

  it("offers another app while there is room, and removing one while there is another", async () => {
    const offers = async (words: RegExp) => (await actionsOf()).some((name) => words.test(name));
    expect([await offers(/^Add an app/), await offers(/^Remove/)]).toEqual([true, false]);
    for (let more = 1; more < MAX_AUTHENTICATORS; more++)
      await addAuthenticator(world, visitor, `App ${more}`);
    expect([await offers(/^Add an app/), await offers(/^Remove/)]).toEqual([false, true]);
  });
});

describe("checking the copy of the recovery codes", () => {
  const address = "/account?check=copy";

  it("opens a field below their row, which takes a code", async () => {
    const other = world.visitor();
    await world.auth.resetSecondFactor("test");
    const { codes } = await setUpWithSheet(world, other);
    visitor = other;
    expect((await visitor.get("/account")).text).not.toContain('id="recovery_code"');
    const { text } = await visitor.get(address);
    expect(text).toMatch(
      /<form method="post" action="\/account\/recovery-codes\/proof".*id="recovery_code"/s,
    );
    const answer = await visitor.post("/account/recovery-codes/proof", { recovery_code: codes[0] ?? "" });
    expect(answer.headers.location).toBe("/account");
    expect((await rows(address)).at(-1)).toMatch(/Checked 24 Nov 2026 Make new ones/);
    expect((await visitor.get(address)).text).not.toContain('id="recovery_code"');
  });
});

describe("renaming an app", () => {
  it("opens a field below its row, and below no other", async () => {
    await addAuthenticator(world, visitor, "Tablet");
    const [, id = ""] = await authenticatorIds(visitor);
    const { text } = await visitor.get(`/account?rename=${id}`);
    expect(text).toContain(`action="/account/authenticators/${id}/rename"`);
    expect(text).toMatch(
      new RegExp(`<input[^>]* id="name-${id}" name="name"[^>]* value="Tablet"[^>]* autofocus`, "s"),
    );
    expect(text.match(/name="name"/g)).toHaveLength(1);
    for (const none of ["/account?rename=nobody", `/account?rename=${id}&rename=${id}`, "/account"]) {
      expect((await visitor.get(none)).text).not.toContain('name="name"');
    }
  });

  it("shows the new name at once", async () => {
    const [id = ""] = await authenticatorIds(visitor);
    const answer = await visitor.post(`/account/authenticators/${id}/rename`, { name: " Pixel  9 " });
    expect(answer.headers.location).toBe("/account");
    const { text } = await visitor.get("/account");
    expect(messagesOn(text)).toContain("account-renamed");
    expect(rowsUnder("authenticators", text)[1]?.words).toMatch(/^Pixel 9 App, Latchkey: test 24/);
  });

  it.each([
    ["no name", "", "empty"],
    ["a name that is too long", "y".repeat(MAX_NAME_LENGTH + 1), "too-long"],
    ["the name of another one", "TABLET", "taken"],
  ] as const)("refuses %s at its field, and keeps what was typed", async (_what, name, reason) => {
    await addAuthenticator(world, visitor, "Tablet");
    const [id = ""] = await authenticatorIds(visitor);
    const answer = await visitor.post(`/account/authenticators/${id}/rename`, { name });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("<title>Error: Your account");
    expectProblem(answer, nameProblem(reason, `name-${id}`));
    const field = answer.text.split(`id="name-${id}"`)[1]?.split(">", 1)[0] ?? "";
    if (name) expect(field).toContain(`value="${name}"`);
    expect((await appRows(visitor))[0]).toMatch(/^Authenticator app /);
  });

  it("says that it was removed already when there is no such app", async () => {
    const answer = await visitor.post("/account/authenticators/nobody/rename", { name: "x" });
    expect(answer.headers.location).toBe("/account");
    expect(messagesOn((await visitor.get("/account")).text)).toContain("account-app-gone");
  });
});
