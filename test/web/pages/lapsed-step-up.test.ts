/** A form that is sent after its step-up has lapsed: nothing is changed, and nothing but secrets is typed again (WCAG 2.2, 3.3.7). */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, MAX_NAME_LENGTH } from "../../../src/auth/policy.js";
import { NEW_AUTHENTICATOR as NEW, replacingFirst } from "../../support/account-page.js";
import { authenticatorsOf } from "../../support/authenticators.js";
import { setUp } from "../../support/sign-in.js";
import { secretOn, type Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

const PASSWORD = "/account/password";

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
  secret = await setUp(world, visitor);
});

const code = () => world.code(secret);

describe("a form that is sent after the step-up has ended", () => {
  it("leads over the confirmation back to its page, where the secret is still the same", async () => {
    const key = async () =>
      /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec((await visitor.get(NEW)).text)?.[1] ?? "";
    const shown = await key();
    world.advance(10 * MINUTE);
    const late = await visitor.post(NEW, { name: "Tablet", otp: world.code(shown.replaceAll(" ", "")) });
    expect(late.status).toBe(303);
    expect(late.headers.location).toBe(`/confirm?next=${encodeURIComponent(`${NEW}?name=Tablet`)}`);
    const page = await visitor.get(late.headers.location ?? "");
    expect(page.text).toContain('data-message="confirm-first"');
    const on = await visitor.confirm("password", code(), { next: NEW });
    expect(on.headers.location).toBe(NEW);
    expect(shown).not.toBe("");
    expect(await key()).toBe(shown);
    const done = await visitor.post(NEW, { name: "Tablet", otp: world.code(shown.replaceAll(" ", "")) });
    expect(done.headers.location).toBe("/account");
  });

  it("leads back to its own page, whichever form it was", async () => {
    const [app] = await authenticatorsOf(world);
    const remove = `/account/authenticators/${app?.id}/remove`;
    const forms = [PASSWORD, NEW, "/account/recovery-codes", remove];
    world.advance(10 * MINUTE);
    const back = await Promise.all(forms.map(async (form) => (await visitor.post(form)).headers.location));
    expect(back).toEqual(forms.map((form) => `/confirm?next=${encodeURIComponent(form)}`));
    await visitor.confirm("password", code());
    for (const form of forms) expect((await visitor.get(form)).status).toBe(200);
  });
});

describe("the name of a new authenticator", () => {
  /** Sends the form after the step-up has lapsed, confirms, and gives the page that this leads to. */
  async function sentTooLate(name: string, form = NEW): Promise<{ address: string; text: string }> {
    await visitor.get(form);
    world.advance(DEFAULT_POLICY.stepUp);
    const late = await visitor.post(form, { name, otp: "123456" });
    expect(late.status).toBe(303);
    const confirm = await visitor.get(late.headers.location ?? "");
    const next = /name="next" value="([^"]*)"/.exec(confirm.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const confirmed = await visitor.confirm("password", code(), { next });
    const address = confirmed.headers.location ?? "";
    return { address, text: (await visitor.get(address)).text };
  }

  const nameOn = (html: string) => /<input[^>]* id="name"[^>]*?(?: value="([^"]*)")/.exec(html)?.[1];

  it("is filled in again after the confirmation, and can be sent", async () => {
    const { text } = await sentTooLate("  Pixel \t 9 ");
    expect(nameOn(text)).toBe("Pixel 9");
    const done = await visitor.post(NEW, { name: "Pixel 9", otp: world.code(secretOn(text)) });
    expect(done.headers.location).toBe("/account");
  });

  it("is filled in again on the page that replaces one", async () => {
    const { address, text } = await sentTooLate("Tom & Jerry’s", await replacingFirst(visitor));
    expect(address).toMatch(/\?replaces=[\w-]+&name=/);
    expect(text).toContain("Replace your app</h1>");
    expect(nameOn(text)).toBe("Tom &amp; Jerry’s");
  });

  it("stays there when the page itself is opened too late", async () => {
    world.advance(DEFAULT_POLICY.stepUp);
    const late = await visitor.get(`${NEW}?name=Pixel+9`);
    const confirmed = await visitor.confirm("password", code(), {
      next: decodeURIComponent(late.headers.location?.split("next=")[1] ?? ""),
    });
    expect(nameOn((await visitor.get(confirmed.headers.location ?? "")).text)).toBe("Pixel 9");
  });

  it.each([
    ["markup", `"><script>alert(1)</script>`],
    ["a line break and a header", "x\r\nSet-Cookie: a=b"],
    ["another parameter", "x&replaces=y&next=//evil.example#z"],
    ["another site", "//evil.example"],
    ["signs of a URL", "50% + 1 ? 2"],
    ["the longest name", "\u{1f511}".repeat(MAX_NAME_LENGTH)],
  ])("leads to its own form, as text, when it is %s", async (_what, name) => {
    const { address, text } = await sentTooLate(name);
    expect(address).toMatch(/^\/account\/authenticators\/new\?name=[\w%+.*~-]+$/);
    const shown = nameOn(text)
      ?.replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&#34;", '"')
      .replaceAll("&amp;", "&");
    expect(shown).toBe(name.replace(/\s+/g, " "));
    expect(text).not.toContain("<script>alert");
  });

  it.each([
    ["too long", "x".repeat(MAX_NAME_LENGTH + 1)],
    ["enormous", "x".repeat(15_000)],
    ["only spaces", " \u200b\t "],
  ])("is left out when it is %s", async (_what, name) => {
    const { address, text } = await sentTooLate(name);
    expect(address).toBe(NEW);
    expect(nameOn(text)).toBeUndefined();
  });

  it.each(["?name=a&name=b", "?name[]=a", `?name=${"x".repeat(MAX_NAME_LENGTH + 1)}`, "?name=%00", "?name"])(
    "is empty when the address has %s",
    async (query) => {
      const page = await visitor.get(NEW + query);
      expect([page.status, nameOn(page.text)]).toEqual([200, undefined]);
    },
  );
});

describe("a password form that is sent too late", () => {
  it("carries no password on", async () => {
    world.advance(DEFAULT_POLICY.stepUp);
    const fields = { current_password: "password", new_password: "quite another password", name: "x" };
    const late = await visitor.post(PASSWORD, fields);
    expect(decodeURIComponent(late.headers.location ?? "")).not.toMatch(/password=|quite/);
    expect(decodeURIComponent((await visitor.get(late.headers.location ?? "")).text)).not.toContain("quite");
  });
});
