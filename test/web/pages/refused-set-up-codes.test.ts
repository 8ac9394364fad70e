/** A refused code while an authenticator is set up: its secret is on the screen, so the page tells everything that it finds. */
import { beforeEach, describe, expect, it } from "vitest";
import { fromBase32, hotpAt } from "../../../src/otp/index.js";
import { NEW_AUTHENTICATOR, replacingFirst } from "../../support/account-page.js";
import {
  type CodeForm,
  codeLines,
  codeWith,
  expectClock,
  expectRefusal,
  linesFor,
  type PageAnswer,
  refusalEvents,
} from "../../support/refused-codes.js";
import { CURRENT_CODES, setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { secretOn } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

async function inSession(): Promise<Visitor> {
  const visitor = world.visitor();
  await setUp(world, visitor);
  return visitor;
}

function formAt(visitor: Visitor, address: string, title: string): CodeForm {
  return {
    title,
    page: () => visitor.get(address),
    send: (otp) => visitor.post(address, { name: "Pixel 9", otp }),
  };
}

/** Whether the disclosure with the QR code is open: what the app has must be deleted and added again. */
function isQrShown({ text }: PageAnswer): boolean {
  const [disclosure = ""] =
    /<details[^>]*>\s*<summary>[^<]*<\/summary>\s*<div class="qr-box">/.exec(text) ?? [];
  expect(disclosure).not.toBe("");
  return disclosure.startsWith("<details open>");
}

const FORMS: [string, () => Promise<CodeForm & { visitor: Visitor }>][] = [
  [
    "the first authenticator",
    async () => {
      const visitor = world.visitor();
      await visitor.password();
      return {
        visitor,
        title: "Set up your authenticator app",
        page: () => visitor.get("/login/2fa"),
        send: (otp) => visitor.code(otp),
      };
    },
  ],
  [
    "one more authenticator",
    async () => {
      const visitor = await inSession();
      return { visitor, ...formAt(visitor, NEW_AUTHENTICATOR, "Add another app") };
    },
  ],
  [
    "an authenticator in place of another",
    async () => {
      const visitor = await inSession();
      return { visitor, ...formAt(visitor, await replacingFirst(visitor), "Replace your app") };
    },
  ],
];

describe.each(FORMS)("a refused code for %s", (_which, open) => {
  it("says the exact offset either way, and keeps the secret", async () => {
    const { title, page, send } = await open();
    const secret = secretOn((await page()).text);
    for (const [steps, refused] of [
      [-5, { reason: "earlier-step", seconds: 150 }],
      [5, { reason: "later-step", seconds: 150 }],
      [20, { reason: "later-step", seconds: 600 }],
      [-660, { reason: "earlier-step", seconds: 19_800 }],
    ] as const) {
      const answer = await send(world.code(secret, steps));
      expectRefusal(world, answer, title, refused);
      expectClock(world, answer);
      expect(isQrShown(answer)).toBe(false);
      expect(secretOn(answer.text)).toBe(secret);
    }
    expect((await send(world.code(secret))).status).toBeLessThan(400);
  });

  it("says which setting of the app differs, in the history too, and keeps the secret", async () => {
    const { visitor, title, page, send } = await open();
    const secret = secretOn((await page()).text);
    for (const [code, refused] of [
      [codeWith(world, secret, { algorithm: "SHA256" }), { reason: "other-algorithm", algorithm: "SHA256" }],
      [codeWith(world, secret, { period: 60 }), { reason: "other-period", period: 60 }],
      [hotpAt(fromBase32(secret), 1), { reason: "counter-based", counter: 1 }],
    ] as const) {
      const answer = await send(code);
      expectRefusal(world, answer, title, refused);
      expect(answer.text).not.toContain("Our clock says");
      expect(isQrShown(answer)).toBe(true);
      expect(secretOn(answer.text)).toBe(secret);
    }
    const answer = await send("000000");
    expectRefusal(world, answer, title, { reason: "wrong" });
    expectClock(world, answer);
    expect(isQrShown(answer)).toBe(false);
    expect(secretOn(answer.text)).toBe(secret);
    expect(refusalEvents(world)).toEqual([
      ["other-algorithm", "SHA256"],
      ["other-period", "60"],
      ["counter-based"],
      ["wrong"],
    ]);
    expect((await send(world.code(secret))).status).toBeLessThan(400);
    expect(await codeLines(visitor)).toEqual(
      linesFor(["wrong"], ["counter-based"], ["other-period", "60"], ["other-algorithm", "SHA256"]),
    );
  });

  it("says so, and is not counted, when the app shows 7 or 8 digits", async () => {
    const { visitor, title, page, send } = await open();
    const secret = secretOn((await page()).text);
    for (const digits of [7, 8] as const) {
      const code = codeWith(world, secret, { digits });
      const grouped = `${code.slice(0, 4)} ${code.slice(4)}`;
      for (const typed of [code, grouped]) {
        const answer = await send(typed);
        expectRefusal(world, answer, title, { reason: "other-digits", digits });
        expect(isQrShown(answer)).toBe(true);
        expect(secretOn(answer.text)).toBe(secret);
      }
    }
    const answer = await send("00000000");
    expectRefusal(world, answer, title, { reason: "not-a-code" });
    expect(isQrShown(answer)).toBe(false);
    for (let tries = 0; tries < 16; tries++)
      expect((await send(codeWith(world, secret, { digits: 8 }))).status).toBe(401);
    // It is reported to the log and the metrics, and is not worth a line of the history.
    expect(new Set(refusalEvents(world).map(([reason]) => reason))).toEqual(new Set(["other-digits"]));
    expect((await send(world.code(secret))).status).toBeLessThan(400);
    expect(await codeLines(visitor)).toEqual([]);
  });

  it("is counted each time: the sixth is not evaluated", async () => {
    const { page, send } = await open();
    const secret = secretOn((await page()).text);
    const codes = [
      world.code(secret, -5),
      world.code(secret, 5),
      codeWith(world, secret, { algorithm: "SHA512" }),
      codeWith(world, secret, { period: 60 }),
      hotpAt(fromBase32(secret), 0),
    ];
    for (const code of codes) expect((await send(code)).status).toBe(401);
    const sixth = await send(world.code(secret));
    expect(sixth.status).toBe(429);
    expect(secretOn(sixth.text)).toBe(secret);
    world.advance(MINUTE);
    expect((await send(world.code(secret))).status).toBeLessThan(400);
  });
});

describe("a refused code for the first authenticator", () => {
  it("counts for the verdict on our own clock when it is minutes off, and not when it is of another time zone", async () => {
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    const noted = async () => {
      await world.auth.flushDrifts();
      return (await world.store.drifts.since(0)).map(({ bin, accounts }) => [bin * 5, accounts]);
    };
    await visitor.code(world.code(secret, 120));
    expect(await noted()).toEqual([]);
    // Ten seconds into a step: the middle of the one that was typed is 115 s ago.
    await visitor.code(world.code(secret, -4));
    expect(await noted()).toEqual([[-115, 1]]);
  });

  it("points to the other browser's app when that one has finished first", async () => {
    const quick = world.visitor();
    const slow = world.visitor();
    await quick.password();
    await slow.password();
    const slowSecret = await slow.secret();
    expect((await quick.code(world.code(await quick.secret()))).headers.location).toBe(CURRENT_CODES);
    const answer = await slow.code(world.code(slowSecret));
    expectRefusal(world, answer, "Enter your code", { reason: "set-up-elsewhere" });
    expect(refusalEvents(world)).toEqual([["set-up-elsewhere"]]);
  });
});
