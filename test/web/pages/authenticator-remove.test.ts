/** Removing an authenticator: a page of its own asks first, and the only one stays. */
import { beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_CODES } from "../../../src/auth/policy.js";
import { message } from "../../../src/web/catalogue/message.js";
import {
  addAuthenticator,
  authenticatorIds,
  NEW_AUTHENTICATOR,
  statusWith,
} from "../../support/account-page.js";
import { expectProblem } from "../../support/refused-codes.js";
import { setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { openWorld, type World } from "../../support/world.js";

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  secret = await setUp(world, visitor);
});

describe("removing an authenticator", () => {
  it("asks first, on a page that names it and what is left", async () => {
    await addAuthenticator(world, visitor, "Old tablet");
    const [, id = ""] = await authenticatorIds(visitor);
    const page = await visitor.get(`/account/authenticators/${id}/remove`);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Remove Old tablet?</h1>");
    expect(page.text).toContain(
      `You can still sign in with Authenticator app, or with one of your ${RECOVERY_CODES} recovery codes.`,
    );
    expect(page.text).toContain("<title>Remove Old tablet – Latchkey</title>");
    expect(page.text).toContain("<b>Latchkey: test (2)</b>");
  });

  it("ends its codes, and no others", async () => {
    const added = await addAuthenticator(world, visitor, "Old tablet");
    const [, id = ""] = await authenticatorIds(visitor);
    const answer = await visitor.post(`/account/authenticators/${id}/remove`);
    expect(answer.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain(
      "Codes from <b>Latchkey: test (2)</b> no longer work",
    );
    expect(await authenticatorIds(visitor)).toHaveLength(1);
    world.advance(30_000);
    expect(await statusWith(world, world.code(added))).toBe(401);
    expect(await statusWith(world, world.code(secret))).toBe(303);
  });

  it("is refused, with the way to replace it, when it is the only one", async () => {
    const [id = ""] = await authenticatorIds(visitor);
    const address = `/account/authenticators/${id}/remove`;
    const page = await visitor.get(address);
    expect(page.text).toContain("Authenticator app cannot be removed</h1>");
    expect(page.text).not.toContain(`action="${address}"`);
    const answer = await visitor.post(address);
    expect(answer.status).toBe(422);
    expectProblem(answer, {
      reason: "last",
      text: message("remove-last-refused"),
    });
    expect(answer.text).toContain(`href="${NEW_AUTHENTICATOR}?replaces=${id}"`);
    expect(await authenticatorIds(visitor)).toHaveLength(1);
  });

  it("says that it was already removed when there is no such authenticator", async () => {
    const path = "/account/authenticators/nobody/remove";
    for (const asked of [visitor.get(path), visitor.post(path)]) {
      expect((await asked).headers.location).toBe("/account");
      expect((await visitor.get("/account")).text).toContain('data-message="removed-already"');
    }
  });
});
