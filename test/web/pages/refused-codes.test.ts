/** A refused code of an account with an authenticator, at sign-in and at step-up: what its owner is told, and what counts. */
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_AUTHENTICATORS, SECOND_FACTOR_RULE } from "../../../src/auth/policy.js";
import { fromBase32, hotpAt } from "../../../src/otp/index.js";
import { addAuthenticator } from "../../support/account-page.js";
import { proseOf } from "../../support/page-text.js";
import {
  type CodeForm,
  codeLines,
  codeWith,
  expectClock,
  expectRefusal,
  linesFor,
  refusalEvents,
  usedUntil,
} from "../../support/refused-codes.js";
import { setUp } from "../../support/sign-in.js";
import { reasonOn, type Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";
import { nextWrongCode } from "../../support/wrong-codes.js";

/** What is said of a code five time steps back. */
const BEHIND = { reason: "earlier-step", seconds: 150 } as const;

let world: World;
/** The authenticator that was set up, and the browser in whose session. */
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

const FORMS: [string, () => Promise<CodeForm>][] = [
  [
    "at sign-in",
    async () => {
      const browser = await pending();
      return {
        title: "Enter your code",
        page: () => browser.get("/login/2fa"),
        send: (otp) => browser.code(otp),
      };
    },
  ],
  [
    "at step-up",
    async () => ({
      title: "Confirm that it’s you",
      page: () => visitor.get("/confirm"),
      send: (otp) => visitor.confirm("password", otp),
    }),
  ],
];

describe.each(FORMS)("a refused code %s", (_where, open) => {
  it("says how long ago it was right, beside our clock", async () => {
    const { send, title } = await open();
    const answer = await send(world.code(secret, -5));
    expectRefusal(world, answer, title, BEHIND);
    expectClock(world, answer);
    expect(proseOf(answer.text)).toContain("Your phone’s should be within half a minute of it.");
  });

  it.each([
    [-2, 60],
    [-3, 90],
    [-20, 600],
  ])("says so when it is %i steps away", async (steps, seconds) => {
    const { send, title } = await open();
    const answer = await send(world.code(secret, steps));
    expectRefusal(world, answer, title, { reason: "earlier-step", seconds });
  });

  it.each([-21, 2, 5, 20])("gets the bytes of a wrong one when it is %i steps away", async (steps) => {
    const { send, title } = await open();
    const wrong = await send("000000");
    const answer = await send(world.code(secret, steps));
    expectRefusal(world, answer, title, { reason: "wrong" });
    expectClock(world, answer);
    expect(answer.text).toBe(wrong.text);
    expect(refusalEvents(world)).toEqual([["wrong"], ["wrong"]]);
  });

  it("says when the next good one comes, to the second, when it was used", async () => {
    const { title } = await open();
    const code = world.code(secret);
    await (await pending()).code(code);
    const { send } = await open();
    // Ten seconds into the step.
    expectRefusal(world, await send(code), title, usedUntil(world, 20_000));
    world.advance(1);
    expectRefusal(world, await send(code), title, usedUntil(world, 20_000));
    world.advance(7_999);
    expectRefusal(world, await send(code), title, usedUntil(world, 12_000));
    world.advance(11_999);
    const last = await send(code);
    expectRefusal(world, last, title, usedUntil(world, 1_000));
    expect(last.text).not.toContain("Our clock says");
    world.advance(1);
    expect((await send(world.code(secret))).status).toBe(303);
  });

  it("is counted each time: the sixth is not evaluated", async () => {
    const { send } = await open();
    const codes = [-5, -6, -7, 5, -5].map((steps) => world.code(secret, steps));
    expect(codes).toHaveLength(SECOND_FACTOR_RULE.free);
    for (const code of codes) expect((await send(code)).status).toBe(401);
    expect((await send(world.code(secret))).status).toBe(429);
    world.advance(MINUTE);
    expect((await send(world.code(secret))).status).toBe(303);
  });

  it("says what a code looks like, and is not counted, when it is not six digits", async () => {
    const { send, title } = await open();
    const typed = [
      "",
      "12345",
      "1234567",
      "12345678",
      "abcdef",
      "１２３４５",
      codeWith(world, secret, { digits: 8 }),
    ];
    for (let tries = 0; tries < 21; tries++) {
      const answer = await send(typed[tries % typed.length] ?? "");
      if (tries < typed.length) expectRefusal(world, answer, title, { reason: "not-a-code" });
      expect(answer.status).toBe(401);
    }
    expect(refusalEvents(world)).toEqual([]);
    expect((await send(world.code(secret))).status).toBe(303);
  });

  it("reveals no other setting, counter or time zone, which would help a guesser", async () => {
    const { send, title } = await open();
    const codes = [
      codeWith(world, secret, { algorithm: "SHA256" }),
      codeWith(world, secret, { period: 60 }),
      hotpAt(fromBase32(secret), 1),
      world.code(secret, -120),
    ];
    for (const code of codes) expectRefusal(world, await send(code), title, { reason: "wrong" });
    expect(refusalEvents(world)).toEqual([["wrong"], ["wrong"], ["wrong"], ["wrong"]]);
  });
});

describe("a refused code", () => {
  it("is not evaluated at step-up when the password is wrong", async () => {
    const texts: string[] = [];
    for (const code of ["000000", world.code(secret, -5), world.code(secret, -70), world.code(secret)])
      texts.push((await visitor.confirm("wrong", code)).text);
    expect(new Set(texts).size).toBe(1);
    expect(reasonOn(texts[0] ?? "")).toBe("wrong-password");
    expect(refusalEvents(world)).toEqual([]);
  });

  it("stands in the history and in the log with its reason, and without its digits", async () => {
    const browser = await pending();
    const code = world.code(secret);
    await browser.code(world.code(secret, -5));
    await browser.code(world.code(secret, 5));
    await browser.code("12345");
    await (await pending()).code(code);
    await browser.code(code);
    expect(await codeLines(visitor)).toEqual(linesFor(["used"], ["wrong"], ["earlier-step", "150"]));
    expect(refusalEvents(world)).toEqual([["earlier-step", "150"], ["wrong"], ["used"]]);
    const logged = world.logLines
      .filter((line) => line.includes("code-refused"))
      .map((line) => JSON.parse(line));
    expect(logged[0]).toMatchObject({ reason: "earlier-step", subject: "150", username: "test" });
    expect(world.logLines.join()).not.toContain(world.code(secret, -5));
  });

  it("leads back to the sign-in page when the time for the sign-in ran out, whatever it was", async () => {
    const browser = await pending();
    world.advance(10 * MINUTE);
    const answer = await browser.code(world.code(secret, -5));
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/login?notice=expired");
    const page = await browser.get(answer.headers.location ?? "");
    expect(page.text).toMatch(/name="username"[^>]* value="test"|value="test"[^>]* name="username"/);
    expect(refusalEvents(world)).toEqual([]);
  });
});

describe("a refused code of several authenticators", () => {
  const TITLE = "Enter your code";
  let second: string;
  beforeEach(async () => {
    await visitor.confirm("password", world.code(secret));
    second = await addAuthenticator(world, visitor, "Tablet");
    world.advance(20 * MINUTE);
  });

  it("says its reason for either authenticator", async () => {
    const browser = await pending();
    for (const one of [secret, second]) {
      expectRefusal(world, await browser.code(world.code(one, -5)), TITLE, BEHIND);
      const code = world.code(one);
      await (await pending()).code(code);
      expectRefusal(world, await browser.code(code), TITLE, usedUntil(world, 20_000));
    }
  });

  it("says what helps most when it is right for both at other times", async () => {
    // The same secret twice, as a restored backup may bring it: here used, there earlier, and elsewhere wrong.
    const account = await world.store.accounts.byUsername("test");
    const accountId = account?.id ?? "";
    const [first, ...others] = await world.store.authenticators.of(accountId);
    if (!first) throw new Error("No authenticator.");
    const code = world.code(secret, -5);
    const stepOfCode = Math.floor(world.now() / 30_000) - 5;
    const sealed = (id: string) =>
      world.keys.seal(fromBase32(secret), `totp ${accountId} ${id}`, new Uint8Array(12));
    const number = MAX_AUTHENTICATORS + 1;
    const twin = { ...first, id: "twin", number, name: "Twin", sealedSecret: sealed("twin") };
    expect(others).toHaveLength(1);
    const browser = await pending();
    expectRefusal(world, await browser.code(code), TITLE, BEHIND);
    // Another code between: the same one sent twice in a row is only answered again.
    await browser.code(nextWrongCode(world, secret));
    await world.store.authenticators.add({ ...twin, lastStep: stepOfCode });
    expectRefusal(world, await browser.code(code), TITLE, usedUntil(world, 20_000));
    // The other way round: the first is used, the last one is not.
    await world.store.authenticators.remove(accountId, "twin");
    await world.store.authenticators.spendStep(first.id, stepOfCode, world.now(), null);
    await world.store.authenticators.add({ ...twin, lastStep: 0 });
    expectRefusal(world, await browser.code(code), TITLE, usedUntil(world, 20_000));
  });
});
