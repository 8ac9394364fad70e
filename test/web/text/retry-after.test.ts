/** What a page says while guesses are refused: until when, and where to go on. */
import type { Response } from "express";
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, SECOND_FACTOR_RULE, SET_UP_TIMES } from "../../../src/auth/policy.js";
import { LOCKED, tooManyTries } from "../../../src/web/text/retry-after.js";
import { english } from "../../support/english.js";
import { proseOf } from "../../support/page-text.js";
import type { PageAnswer } from "../../support/refused-codes.js";
import { setUp } from "../../support/sign-in.js";
import { reasonOn, type Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";
import { nextWrongCode } from "../../support/wrong-codes.js";

const [FIRST_DELAY = 0] = SECOND_FACTOR_RULE.delays;

describe("the words while guesses are refused", () => {
  it("say how long to wait after wrong passwords", () => {
    const headers: Record<string, string> = {};
    const res = {
      status: () => res,
      set: (name: string, value: string) => Object.assign(headers, { [name]: value }),
    } as unknown as Response;
    const now = new Date("2026-11-24T12:00:10Z");
    const { reason, text } = tooManyTries(res, now.getTime() + MINUTE, now);
    expect(reason).toBe("delayed");
    expect(english(text)).toBe("Too many tries. Wait 1 minute, then try again.");
    expect(headers).toEqual({ "Retry-After": "60" });
  });

  it("say that there were too many after wrong codes", () => {
    expect(english(LOCKED.text)).toBe("Too many wrong codes.");
  });
});

describe("the delay after five refused codes", () => {
  let world: World;
  let secret: string;
  let visitor: Visitor;
  beforeEach(async () => {
    world = await openWorld();
    visitor = world.visitor();
    secret = await setUp(world, visitor);
    world.advance(15 * MINUTE);
  });

  async function pending(): Promise<Visitor> {
    const browser = world.visitor();
    await browser.password();
    return browser;
  }

  /** Sends as many wrong codes as are free; answers with the page of the last. */
  async function fail(browser: Visitor, ...secrets: string[]): Promise<PageAnswer> {
    for (let tries = 1; tries < SECOND_FACTOR_RULE.free; tries++)
      await browser.code(nextWrongCode(world, ...secrets));
    return browser.code(nextWrongCode(world, ...secrets));
  }

  it("says until when it lasts, and leads back to the code", async () => {
    const browser = await pending();
    await fail(browser, secret);
    const answer = await browser.code(world.code(secret));
    expect(answer.status).toBe(429);
    expect(reasonOn(answer.text)).toBe("locked");
    const until = new Date(world.now() + FIRST_DELAY).toISOString();
    expect(proseOf(answer.text)).toContain(
      `You can try again in 1 minute, at ${until.slice(11, 19)} UTC. Until then even a right code is not checked.`,
    );
    expect(answer.text).toContain(`datetime="${until}"`);
    expect(answer.text).toContain('href="/login/2fa">Enter a code</a>');
    expect(answer.text).not.toContain('action="/logout" novalidate><button class="btn btn-primary"');
    expect(answer.text).toContain("<template data-over>You can enter a code now.</template>");
    world.advance(FIRST_DELAY);
    expect((await browser.get("/login/2fa")).text).toContain('name="otp"');
    expect((await browser.code(world.code(secret))).status).toBe(303);
  });

  it.each([
    ["with", DEFAULT_POLICY.pendingLogin - FIRST_DELAY],
    ["after", DEFAULT_POLICY.pendingLogin - 1_000],
  ])(
    "leads back to the sign-in page, by a button that works, when it ends %s the sign-in",
    async (_, late) => {
      const browser = await pending();
      const endsAt = new Date(world.now() + DEFAULT_POLICY.pendingLogin).toISOString();
      world.advance(late);
      await fail(browser, secret);
      const answer = await browser.get("/login/2fa");
      expect(proseOf(answer.text)).toContain(
        `This sign-in ends at ${endsAt.slice(11, 16)} UTC, before the wait is over. Sign in again after that.`,
      );
      expect(answer.text).not.toContain("Enter a code</a>");
      expect(answer.text).toContain("<template data-over>You can sign in again now.</template>");
      const form =
        /<form class="actions" method="post" action="(.*?)".*?<button[^>]*type="submit">(.*?)<\/button>/s;
      const [, action = "", button] = form.exec(answer.text) ?? [];
      expect(button).toBe("Back to sign-in");
      const out = await browser.post(action);
      expect(out.status).toBe(303);
      expect((await browser.get(out.headers.location ?? "")).text).toContain("Sign in</h1>");
      world.advance(FIRST_DELAY);
      await browser.password();
      expect((await browser.code(world.code(secret))).status).toBe(303);
    },
  );

  it("leads back to the code when it ends a second before the sign-in", async () => {
    const browser = await pending();
    world.advance(DEFAULT_POLICY.pendingLogin - FIRST_DELAY - 1_000);
    expect((await fail(browser, secret)).text).toContain('href="/login/2fa">Enter a code</a>');
    world.advance(FIRST_DELAY);
    expect((await browser.code(world.code(secret))).status).toBe(303);
  });

  it("leads back to the confirmation in a session, whenever the session ends", async () => {
    for (let tries = 0; tries < SECOND_FACTOR_RULE.free; tries++)
      await visitor.confirm("password", nextWrongCode(world, secret));
    const page = await visitor.get("/confirm");
    expect(page.text).toContain('href="/confirm">Try again</a>');
    expect(page.text).not.toContain(">Back to sign-in</button>");
  });

  it("leads back to the sign-in page also when it comes late in a set-up", async () => {
    const fresh = await openWorld();
    const browser = fresh.visitor();
    await browser.password();
    await browser.secret();
    fresh.advance(SET_UP_TIMES * DEFAULT_POLICY.pendingLogin - FIRST_DELAY / 2);
    for (let tries = 0; tries < SECOND_FACTOR_RULE.free; tries++) await browser.code(nextWrongCode(fresh));
    const { text } = await browser.get("/login/2fa");
    expect(text).toMatch(/<form class="actions" method="post" action="\/logout"/);
    expect(text).toContain(">Back to sign-in</button>");
  });
});
