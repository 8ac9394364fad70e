/** Authenticators: several, each with a name; added, renamed, and changed for a new phone. */
import { beforeEach, describe, expect, it } from "vitest";
import { setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { HOUR, openWorld, type World } from "../../support/world.js";

const NEW = "/account/authenticators/new";

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  secret = await setUp(world, visitor);
});

/** The secret on a page that sets an authenticator up. */
function secretOn(html: string): string {
  return (/<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(html)?.[1] ?? "").replaceAll(" ", "");
}

/** The words of each row of the account page's table. */
async function rows(): Promise<string[]> {
  const { text } = await visitor.get("/account");
  const table = /<h2 id="authenticators">.*?<tbody>(.*?)<\/tbody>/s.exec(text)?.[1] ?? "";
  const words = table.split("</tr>").map((row) => row.replace(/<[^>]*>/g, " ").replace(/\s+/g, " "));
  return words.map((row) => row.trim()).filter(Boolean);
}

/** The ids of the authenticators, in the order of the account page. */
async function ids(): Promise<string[]> {
  const { text } = await visitor.get("/account");
  return [...text.matchAll(/authenticators\/([\w-]+)\/remove"/g)].map(([, id = ""]) => id);
}

/** Sets up one more, or one in place of another, and answers with its secret. */
async function add(name: string, address = NEW): Promise<string> {
  const added = secretOn((await visitor.get(address)).text);
  const answer = await visitor.post(address, { name, otp: world.code(added) });
  if (answer.status !== 303) throw new Error(`Adding ${name} failed with ${answer.status}.`);
  return added;
}

/** Signs a new browser in with a code of this secret: the status of the answer. */
async function statusWith(code: string): Promise<number> {
  const browser = world.visitor();
  await browser.password();
  return (await browser.code(code)).status;
}

describe("adding an authenticator", () => {
  it("shows a new secret under a label of its own, the same over reloads and wrong codes", async () => {
    const page = await visitor.get(NEW);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Add an authenticator</h1>");
    expect(page.text).toContain(`otpauth://totp/Latchkey:test%20(2)?secret=${secretOn(page.text)}`);
    expect(page.text).toContain("<b>Latchkey: test (2)</b>");
    expect(secretOn(page.text)).not.toBe(secret);
    await visitor.post(NEW, { name: "Tablet", otp: "000000" });
    expect(secretOn((await visitor.get(NEW)).text)).toBe(secretOn(page.text));
  });

  it("takes a name, and then the codes of both sign in", async () => {
    const added = await add("  KeePassXC  on my desk ");
    const account = await visitor.get("/account");
    expect(account.text).toContain("KeePassXC on my desk is set up: its codes sign you in from now on");
    world.wait(30_000);
    expect(await statusWith(world.code(added))).toBe(303);
    expect(await statusWith(world.code(secret))).toBe(303);
  });

  it("finds a name where none is given", async () => {
    await add("");
    await add("");
    expect(await rows()).toEqual([
      expect.stringMatching(/^Authenticator app Latchkey: test 24/),
      expect.stringMatching(/^Authenticator app 2 Latchkey: test \(2\) 24/),
      expect.stringMatching(/^Authenticator app 3 Latchkey: test \(3\) 24/),
    ]);
  });

  it("is listed with the days of its set-up and its last use", async () => {
    world.wait(9 * 24 * HOUR);
    await visitor.password();
    await visitor.code(world.code(secret));
    const added = await add("Pixel 9");
    world.wait(2 * HOUR);
    expect(await statusWith(world.code(added))).toBe(303);
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await rows()).toEqual([
      expect.stringMatching(/test 24 November 2026 3 December 2026 at 14:00 UTC/),
      expect.stringMatching(/\(2\) 3 December 2026 3 December 2026 at 14:00 UTC/),
    ]);
  });

  it.each([
    ["a name that another one has", "authenticator APP", "has that name already"],
    ["a name of more than 64 characters", "x".repeat(65), "at most 64 characters"],
  ])("refuses %s, keeps what was typed, and uses up no code", async (_what, name, words) => {
    const added = secretOn((await visitor.get(NEW)).text);
    const answer = await visitor.post(NEW, { name, otp: world.code(added) });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("<title>Error: Add an authenticator");
    expect(answer.text).toContain(words);
    expect(answer.text).toContain(`value="${name}"`);
    expect(secretOn(answer.text)).toBe(added);
    expect((await visitor.post(NEW, { name: "Tablet", otp: world.code(added) })).status).toBe(303);
  });

  it.each([
    ["000000", "That code was not accepted"],
    ["12345", "A code is six digits"],
  ])("refuses the code %j, and keeps the name", async (otp, words) => {
    await visitor.get(NEW);
    const answer = await visitor.post(NEW, { name: "Tom & Jerry's", otp });
    expect(answer.status).toBe(401);
    expect(answer.text).toContain(words);
    expect(answer.text).toContain('value="Tom &amp; Jerry&#39;s"');
  });

  it("sent twice adds one, and shows what signs in now", async () => {
    const otp = world.code(secretOn((await visitor.get(NEW)).text));
    await visitor.post(NEW, { name: "Tablet", otp });
    const again = await visitor.post(NEW, { name: "Tablet 2", otp });
    expect(again.status).toBe(303);
    expect(again.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("That form was sent before");
    expect(await rows()).toHaveLength(2);
  });

  it("begins anew with a secret that has stood on the screen for more than an hour", async () => {
    const shown = secretOn((await visitor.get(NEW)).text);
    for (let half = 0; half < 2; half++) {
      world.wait(HOUR / 2);
      await visitor.confirm("password", world.code(secret));
    }
    expect(secretOn((await visitor.get(NEW)).text)).toBe(shown);
    world.wait(1);
    expect((await visitor.post(NEW, { name: "", otp: world.code(shown) })).headers.location).toBe("/account");
    expect(await rows()).toHaveLength(1);
    expect(secretOn((await visitor.get(NEW)).text)).not.toBe(shown);
  });

  it("stops at five, and says so", async () => {
    for (let n = 2; n <= 5; n++) await add("");
    expect((await visitor.get("/account")).text).not.toContain(`href="${NEW}"`);
    const page = await visitor.get(NEW);
    expect(page.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("An account has at most 5 authenticators");
    expect((await visitor.post(NEW, { name: "", otp: "123456" })).headers.location).toBe("/account");
    expect(await rows()).toHaveLength(5);
    const [oldest = ""] = await ids();
    expect((await visitor.get(`${NEW}?replaces=${oldest}`)).status).toBe(200);
    await add("Pixel 9", `${NEW}?replaces=${oldest}`);
    expect(await rows()).toHaveLength(5);
  });
});

describe("changing the phone", () => {
  it("keeps the old one working until the new one has given a right code", async () => {
    const [old = ""] = await ids();
    const address = `${NEW}?replaces=${old}`;
    const page = await visitor.get(address);
    expect(page.text).toContain("Change your phone</h1>");
    expect(page.text).toContain("<b>Latchkey: test (2)</b>; the old one is <b>Latchkey: test</b>");
    expect(page.text).toContain(`action="${address}"`);
    await visitor.post(address, { name: "Pixel 9", otp: "000000" });
    expect(await statusWith(world.code(secret))).toBe(303);
    world.wait(30_000);

    const added = await add("Pixel 9", address);
    const account = await visitor.get("/account");
    expect(account.text).toContain(
      "Pixel 9 has taken the place of Authenticator app, whose codes work no more",
    );
    expect(await rows()).toEqual([expect.stringMatching(/^Pixel 9 Latchkey: test \(2\)/)]);
    world.wait(30_000);
    expect(await statusWith(world.code(secret))).toBe(401);
    expect(await statusWith(world.code(added))).toBe(303);
  });

  it("may give the new one the old one's name", async () => {
    const [old = ""] = await ids();
    await add("Authenticator app", `${NEW}?replaces=${old}`);
    expect(await rows()).toEqual([expect.stringMatching(/^Authenticator app Latchkey: test \(2\)/)]);
  });

  it("leads back where there is no such old one", async () => {
    const page = await visitor.get(`${NEW}?replaces=gone`);
    expect(page.status).toBe(303);
    expect(page.headers.location).toBe("/account");
  });
});

describe("renaming", () => {
  it("shows the new name at once", async () => {
    const [id = ""] = await ids();
    const answer = await visitor.post(`/account/authenticators/${id}/rename`, { name: " Pixel  9 " });
    expect(answer.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("Your authenticator is called Pixel 9 now");
    expect(await rows()).toEqual([expect.stringMatching(/^Pixel 9 Latchkey: test 24/)]);
  });

  it.each([
    ["no name", "", "Give it a name"],
    ["a name of more than 64 characters", "y".repeat(65), "at most 64 characters"],
    ["the name of another one", "TABLET", "has that name already"],
  ])("refuses %s on the account page, and keeps what was typed", async (_what, name, words) => {
    await add("Tablet");
    const [id = ""] = await ids();
    const answer = await visitor.post(`/account/authenticators/${id}/rename`, { name });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain("<title>Error: Your account");
    expect(answer.text).toContain(words);
    const field = answer.text.split(`id="name-${id}"`)[1]?.split(">", 1)[0] ?? "";
    expect(field).toContain('aria-invalid="true"');
    if (name) expect(field).toContain(`value="${name}"`);
    expect((await rows())[0]).toMatch(/^Authenticator app /);
  });

  it("of one that does not exist says that it was already removed", async () => {
    const answer = await visitor.post("/account/authenticators/nobody/rename", { name: "x" });
    expect(answer.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("That authenticator was already removed");
  });
});

describe("after any change of the authenticators", () => {
  it("every other browser is signed out, and this one stays", async () => {
    const other = world.visitor();
    await other.password();
    await other.code(world.code(secret));
    await add("Tablet");
    expect((await other.get("/account")).status).toBe(303);
    expect((await visitor.get("/account")).status).toBe(200);
  });
});
