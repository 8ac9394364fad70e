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

  it("fills in the name of its address, and moves the focus to the password", async () => {
    const page = await world.visitor().get("/login?username=Ann%C3%A9&next=%2Faccount");
    expect(fieldsOn(page.text)).toEqual([
      { id: "username", value: "Anné", focus: false },
      { id: "password", value: "", focus: true },
    ]);
    expect(page.text).toContain('name="next" value="/account"');
    // The page for everybody is not the one that was just made.
    expect(fieldsOn((await world.visitor().get("/login")).text)[0]).toEqual({
      id: "username",
      value: "",
      focus: true,
    });
  });

  it("shows what a name in its address is, and nothing of what is none", async () => {
    const shown = async (query: string) => {
      const page = await world.visitor().get(`/login?${query}`);
      expect(page.status).toBe(200);
      expect(page.text).not.toContain("<script>");
      return fieldsOn(page.text)[0]?.value;
    };
    expect(await shown(new URLSearchParams({ username: '"><script>' }).toString())).toBe(
      "&#34;&gt;&lt;script&gt;",
    );
    expect(await shown(`username=${"a".repeat(200)}`)).toBe("a".repeat(200));
    for (const odd of [
      `username=${"a".repeat(201)}`,
      "username=a&username=b",
      "username[]=a",
      "username=a%00b",
    ])
      expect([odd, await shown(odd)]).toEqual([odd, ""]);
  });

  it("keeps a name that was typed, whatever its address says", async () => {
    await enrolled(world);
    const visitor = world.visitor();
    const refused = await visitor.post("/login?username=alice", { username: "bob", password: "wrong" });
    expect(fieldsOn(refused.text)[0]?.value).toBe("bob");
    await visitor.password();
    world.advance(DEFAULT_POLICY.pendingLogin);
    const expired = await visitor.get("/login?notice=expired&username=alice");
    expect(fieldsOn(expired.text)[0]?.value).toBe("test");
  });

  it("leads to the host's sign-up page where there is one", async () => {
    expect((await world.visitor().get("/login")).text).not.toContain("Create an account");
    const host = await openWorld({}, undefined, { signUpUrl: "https://shop.example/join?from=a&b=1" });
    const link = '<a href="https://shop.example/join?from=a&amp;b=1">Create an account</a>';
    for (const path of ["/login", "/login", "/login?next=%2Faccount&username=alice"])
      expect((await host.visitor().get(path)).text).toContain(link);
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

/** The fields that a person fills in, in their order. */
function fieldsOn(html: string): { id: string | undefined; value: string; focus: boolean }[] {
  const inputs = html.match(/<input (?![^>]*type="hidden")[^>]*>/g) ?? [];
  return inputs.map((input) => ({
    id: / id="([^"]*)"/.exec(input)?.[1],
    value: / value="([^"]*)"/.exec(input)?.[1] ?? "",
    focus: / autofocus/.test(input),
  }));
}
