/** The account page, and the names of its authenticators. Sessions and trusted devices have files of their own. */
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_NAME_LENGTH } from "../../../src/auth/policy.js";
import { methodNames } from "../../../src/web/text/format.js";
import { addAuthenticator, authenticatorIds } from "../../support/account-page.js";
import { rowsUnder } from "../../support/page-text.js";
import { expectProblem } from "../../support/refused-codes.js";
import { setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { openWorld, type World } from "../../support/world.js";

let world: World;
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  await setUp(world, visitor);
});

/** The words of each row of the table of authenticators. */
async function rows(): Promise<string[]> {
  const { text } = await visitor.get("/account");
  return rowsUnder("authenticators", text).map(({ words }) => words);
}

describe("the account page", () => {
  it("names the account, how it signed in, and its authenticator", async () => {
    const page = await visitor.get("/account");
    expect(page.text).toContain("<b>test</b>");
    expect(page.text).toContain(methodNames(["password", "totp"]));
    expect(page.text).toContain("Authenticator app");
    expect(page.text).toContain("24 November 2026");
  });
});

describe("renaming an authenticator", () => {
  it("shows the new name at once", async () => {
    const [id = ""] = await authenticatorIds(visitor);
    const answer = await visitor.post(`/account/authenticators/${id}/rename`, { name: " Pixel  9 " });
    expect(answer.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("Your authenticator is called Pixel 9 now");
    expect(await rows()).toEqual([expect.stringMatching(/^Pixel 9 Latchkey: test 24/)]);
  });

  it.each([
    ["no name", "", "empty", "Give it a name, such as the phone or the app that it is on."],
    [
      "a name that is too long",
      "y".repeat(MAX_NAME_LENGTH + 1),
      "too-long",
      `That name is too long: at most ${MAX_NAME_LENGTH} characters.`,
    ],
    [
      "the name of another one",
      "TABLET",
      "taken",
      "Another authenticator of yours has that name already. Give this one another.",
    ],
  ])("refuses %s at its field, and keeps what was typed", async (_what, name, reason, text) => {
    await addAuthenticator(world, visitor, "Tablet");
    const [id = ""] = await authenticatorIds(visitor);
    const answer = await visitor.post(`/account/authenticators/${id}/rename`, { name });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("<title>Error: Your account");
    expectProblem(answer, { reason, text, field: `name-${id}` });
    const field = answer.text.split(`id="name-${id}"`)[1]?.split(">", 1)[0] ?? "";
    expect(field).toContain('aria-invalid="true"');
    if (name) expect(field).toContain(`value="${name}"`);
    expect((await rows())[0]).toMatch(/^Authenticator app /);
  });

  it("says that it was already removed when there is no such authenticator", async () => {
    const answer = await visitor.post("/account/authenticators/nobody/rename", { name: "x" });
    expect(answer.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("That authenticator was already removed");
  });
});
