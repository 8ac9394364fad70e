/** The password step: what it takes, what it keeps of the form, and where it leads. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../src/auth/policy.js";
import { message } from "../../../src/web/catalogue/message.js";
import { expectProblem } from "../../support/refused-codes.js";
import { enrolled, setUp } from "../../support/sign-in.js";
import { openWorld, type World } from "../../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

describe("the sign-in page", () => {
  it("keeps the username and clears the password when they do not match", async () => {
    const answer = await world.visitor().password("test", "wrong-password");
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: Sign in");
    expectProblem(answer, {
      reason: "refused",
      text: message("login-refused"),
      advice: message("login-refused-advice"),
      field: "username",
    });
    expect(answer.text).toContain('value="test"');
    expect(answer.text).not.toContain("wrong-password");
  });

  it("takes a name in capital letters and with spaces around it", async () => {
    expect((await world.visitor().password("  TEST ")).status).toBe(303);
  });

  it("keeps the username and the wanted page when the time for a sign-in ran out", async () => {
    await enrolled(world);
    const visitor = world.visitor();
    await visitor.password("test", "password", { next: "/account" });
    world.advance(DEFAULT_POLICY.pendingLogin);
    const late = await visitor.code("123456");
    expect(late.headers.location).toBe("/login?notice=expired");
    const form = await visitor.get("/login?notice=expired");
    expect(form.text).toContain('value="test"');
    expect(form.text).toContain('value="/account"');
  });

  it("leads on to the wanted page, query and all", async () => {
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
