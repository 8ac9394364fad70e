/** The six digits in other spellings than the app shows: they are folded to plain digits before they are judged. */
import { describe, expect, it } from "vitest";
import { CURRENT_CODES, setUp } from "../../support/sign-in.js";
import { reasonOn, secretOn } from "../../support/visitor.js";
import { openWorld } from "../../support/world.js";

/** The same six digits as other keyboards, messengers and web pages deliver them. */
const FORMS: Record<string, (code: string) => string> = {
  "full width": (code) => code.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  Devanagari: (code) => code.replace(/\d/g, (digit) => String.fromCharCode(0x0966 + Number(digit))),
  "mathematical digits": (code) =>
    code.replace(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit))),
  "a zero-width space and a BOM": (code) => `\ufeff${code.slice(0, 3)}\u200b${code.slice(3)}`,
  "an en dash": (code) => `${code.slice(0, 3)}–${code.slice(3)}`,
  "dots and a narrow blank": (code) => `${code.slice(0, 2)}․${code.slice(2, 4)}\u202f${code.slice(4)}.`,
};

describe.each(Object.entries(FORMS))("a code with %s", (_, formed) => {
  it("is taken wherever a code is typed", async () => {
    const world = await openWorld({ RESYNC: "on" });
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    expect((await visitor.code(formed(world.code(secret)))).headers.location).toBe(CURRENT_CODES);
    await visitor.post("/logout");

    world.advance(30_000);
    await visitor.password();
    const pair = { otp: formed(world.code(secret)), otp_next: formed(world.code(secret, 1)) };
    expect((await visitor.post("/login/2fa/resync", pair)).headers.location).toBe("/");
    await visitor.post("/logout");

    world.advance(90_000);
    await visitor.password();
    expect((await visitor.code(formed(world.code(secret)))).headers.location).toBe("/");
    world.advance(30_000);
    const confirmed = await visitor.confirm("password", formed(world.code(secret)));
    expect(confirmed.headers.location).toBe("/account");

    const page = await visitor.get("/account/authenticators/new");
    const second = secretOn(page.text);
    const added = await visitor.post("/account/authenticators/new", {
      name: "Second",
      otp: formed(world.code(second)),
    });
    expect(added.headers.location).toBe("/account");
  });

  it("is refused when one digit is wrong", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    await visitor.password();
    const right = world.code(secret);
    const wrong = `${right.slice(0, 5)}${(Number(right.at(-1)) + 5) % 10}`;
    const answer = await visitor.code(formed(wrong));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('id="otp-problem"');
    expect(reasonOn(answer.text)).toBe("wrong");
  });
});
