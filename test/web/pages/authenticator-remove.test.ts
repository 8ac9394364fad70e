/** Removing an authenticator: asked about on a page of its own; the only one stays. */
import { beforeEach, describe, expect, it } from "vitest";
import { setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { openWorld, type World } from "../../support/world.js";

const NEW = "/account/authenticators/new";

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  secret = await setUp(world, visitor);
});

/** The ids of the authenticators, in the order of the account page. */
async function ids(): Promise<string[]> {
  const { text } = await visitor.get("/account");
  return [...text.matchAll(/authenticators\/([\w-]+)\/remove"/g)].map(([, id = ""]) => id);
}

/** Sets up one more, and answers with its secret. */
async function add(name: string): Promise<string> {
  const key = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec((await visitor.get(NEW)).text)?.[1] ?? "";
  const added = key.replaceAll(" ", "");
  const answer = await visitor.post(NEW, { name, otp: world.code(added) });
  if (answer.status !== 303) throw new Error(`Adding ${name} failed with ${answer.status}.`);
  return added;
}

/** Signs a new browser in with this code: the status of the answer. */
async function statusWith(code: string): Promise<number> {
  const browser = world.visitor();
  await browser.password();
  return (await browser.code(code)).status;
}

describe("removing", () => {
  it("is asked about on a page of its own, which names it and what is left", async () => {
    await add("Old tablet");
    const [, id = ""] = await ids();
    const page = await visitor.get(`/account/authenticators/${id}/remove`);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Remove Old tablet?</h1>");
    expect(page.text).toContain("You can still sign in with <b>Authenticator app</b>");
    expect(page.text).toContain("10 recovery codes");
    expect(page.text).toContain("<b>Latchkey: test (2)</b>");
  });

  it("ends its codes, and those of the others go on", async () => {
    const added = await add("Old tablet");
    const [, id = ""] = await ids();
    const answer = await visitor.post(`/account/authenticators/${id}/remove`);
    expect(answer.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("Old tablet is removed: its codes work no more");
    expect(await ids()).toHaveLength(1);
    world.wait(30_000);
    expect(await statusWith(world.code(added))).toBe(401);
    expect(await statusWith(world.code(secret))).toBe(303);
  });

  it("is refused for the only one, with the reason and the way to replace it", async () => {
    const [id = ""] = await ids();
    const address = `/account/authenticators/${id}/remove`;
    const page = await visitor.get(address);
    expect(page.text).toContain("Authenticator app cannot be removed</h1>");
    expect(page.text).not.toContain(`action="${address}"`);
    const answer = await visitor.post(address);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("it can be replaced but not removed");
    expect(answer.text).toContain(`href="${NEW}?replaces=${id}"`);
    expect(await ids()).toHaveLength(1);
  });

  it("of one that does not exist says that it was already removed", async () => {
    const path = "/account/authenticators/nobody/remove";
    for (const asked of [visitor.get(path), visitor.post(path)]) {
      expect((await asked).headers.location).toBe("/account");
      expect((await visitor.get("/account")).text).toContain("That authenticator was already removed.");
    }
  });
});
