/** Guessing recovery codes: they share the few tries of all second factors, on whichever page. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOCKOUT_AFTER, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import {
  formatRecoveryCode,
  RECOVERY_CODE_BYTES,
  recoveryCodeFrom,
} from "../../src/auth/recovery/recovery-code.js";
import { cookieHeldBy, heldBy } from "../support/cookies.js";
import { randomBytes } from "../support/random.js";
import { ask, form, statuses } from "../support/raw-request.js";
import { pendingCookie, setUpWithSheet } from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";
import { mistyped } from "../support/wrong-codes.js";

const FREE = SECOND_FACTOR_RULE.free;

let world: World;
/** Signed in, on a known browser. */
let owner: Visitor;
let secret: string;
let codes: string[];
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, owner));
});

/** Well typed, and of no account. */
const stray = () => formatRecoveryCode(recoveryCodeFrom(randomBytes(RECOVERY_CODE_BYTES)));

/** A browser behind the password. */
async function newLogin(here = world): Promise<Visitor> {
  const visitor = here.visitor();
  expect((await visitor.password()).headers.location).toBe("/login/2fa");
  return visitor;
}

const refusals = () => world.events.filter(({ type }) => /^(recovery-)?code-refused$/.test(type));

describe("recovery codes guessed against one account", () => {
  it("counts one with a wrong check character, and nothing without the shape of a code", async () => {
    const [code = ""] = codes;
    const visitor = await newLogin();
    for (const shapeless of [
      "",
      "x",
      "123456",
      code.slice(0, -1),
      `${code}0`,
      code.replace(/.$/, "é"),
      " ",
    ]) {
      const answer = await visitor.recoveryCode(shapeless);
      expect(answer.status, shapeless).toBe(401);
      expect(reasonOn(answer.text)).toBe(
        shapeless === "123456" ? "code-for-recovery-code" : "not-a-recovery-code",
      );
    }
    expect(refusals()).toEqual([]);
    for (let n = 0; n < FREE; n++) expect((await visitor.recoveryCode(mistyped(code, n))).status).toBe(401);
    const right = await visitor.recoveryCode(code);
    expect(right.status).toBe(429);
    expect(right.headers["retry-after"]).toBe("60");
    world.advance(MINUTE);
    expect((await visitor.recoveryCode(code)).status).toBe(303);
  });
});

describe.each(["stranger", "known browser"])("the second factors of every page, guessed by a %s", (who) => {
  /** Every form that takes a second factor, from one browser that holds a session and a pending login. */
  async function everyForm() {
    const known = who === "known browser" ? `; ${cookieHeldBy(owner, "latchkey_browser")}` : "";
    const session = heldBy(owner) + known;
    const pending = (await pendingCookie(world)) + known;
    await owner.get("/account/authenticators/new");
    const send = (path: string, cookie: string, fields: Record<string, string>) => () =>
      ask(world, { path, ...form({ password: "password", ...fields }, { cookie }) });
    return (otp: string, recovery_code: string) => [
      send("/login/2fa", pending, { otp }),
      send("/login/recovery-code", pending, { recovery_code }),
      send("/confirm", session, { otp }),
      send("/confirm", session, { recovery_code }),
      send("/account/recovery-codes/proof", session, { recovery_code }),
      send("/account/authenticators/new", session, { otp }),
    ];
  }

  it("share five tries, one after the other", async () => {
    const fill = await everyForm();
    const wrong = fill(world.code(secret, 9), stray());
    for (const [n, guess] of wrong.entries()) expect((await guess()).status).toBe(n < FREE ? 401 : 429);
    for (const right of fill(world.code(secret), codes[0] ?? "")) expect((await right()).status).toBe(429);
    expect(refusals()).toHaveLength(FREE);
    world.advance(MINUTE);
    // What was not evaluated spent nothing.
    const [login, recovery] = fill(world.code(secret), codes[0] ?? "");
    expect((await recovery?.())?.status).toBe(303);
    expect((await login?.())?.status).toBe(303);
  });

  it("share five tries, all at once", async () => {
    const fill = await everyForm();
    // All forms twice; those that cost no password hash, of which few can wait at once, three times more.
    const guesses = Array.from({ length: 5 }, (_, n) =>
      fill(world.code(secret, 9), stray()).filter((_guess, place) => n < 2 || ![2, 3].includes(place)),
    ).flat();
    expect(guesses).toHaveLength(24);
    const answers = await Promise.all(guesses.map((guess) => guess()));
    expect(statuses(answers)).toEqual({ 401: FREE, 429: answers.length - FREE });
    expect(refusals()).toHaveLength(FREE);
  });
});

describe("the lockout after 100 refused recovery codes", () => {
  it("closes every second factor until the operator unlocks the account", async () => {
    const forLong = { PENDING_LOGIN: "30d", SESSION_IDLE: "30d", SESSION_MAX: "30d" };
    const locked = await openWorld(forLong);
    const inside = locked.visitor();
    const sheet = await setUpWithSheet(locked, inside);
    const guesser = await newLogin(locked);
    for (let n = 0; n < LOCKOUT_AFTER; n++) {
      if (n >= FREE) locked.advance(15 * MINUTE);
      expect((await guesser.recoveryCode(stray())).status).toBe(401);
    }
    locked.advance(7 * 24 * 60 * MINUTE);
    const [code = ""] = sheet.codes;
    const refused = [
      await guesser.recoveryCode(code),
      await guesser.code(locked.code(sheet.secret)),
      await inside.post("/confirm", { password: "password", recovery_code: code }),
      await inside.post("/account/recovery-codes/proof", { recovery_code: code }),
    ];
    for (const { status, text, headers } of refused) {
      expect(status).toBe(429);
      expect(reasonOn(text)).toBe("locked");
      expect(headers["retry-after"]).toBeUndefined();
    }
    await locked.auth.unlockAccount("test");
    expect((await guesser.recoveryCode(code)).status).toBe(303);
  });
});
