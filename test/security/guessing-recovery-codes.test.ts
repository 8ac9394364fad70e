/** Guessing recovery codes: they share the few tries of every other second factor, by whichever door. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  formatRecoveryCode,
  RECOVERY_CODE_BYTES,
  recoveryCodeFrom,
} from "../../src/auth/recovery/recovery-code.js";
import { cookieHeldBy, heldBy } from "../support/cookies.js";
import { randomBytes } from "../support/random.js";
import { ask, form, statuses } from "../support/raw-request.js";
import { pendingCookie, setUpWithSheet } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";
import { mistyped } from "../support/wrong-codes.js";

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

it("counts a wrong check character, and nothing that has not the shape of a code", async () => {
  const [code = ""] = codes;
  const visitor = await newLogin();
  for (const shapeless of ["", "x", "123456", code.slice(0, -1), `${code}0`, code.replace(/.$/, "é"), " "]) {
    const answer = await visitor.recoveryCode(shapeless);
    expect(answer.status, shapeless).toBe(401);
    expect(answer.text).toMatch(/nothing was counted/i);
  }
  expect(refusals()).toEqual([]);
  for (let n = 0; n < 5; n++) expect((await visitor.recoveryCode(mistyped(code, n))).status).toBe(401);
  const right = await visitor.recoveryCode(code);
  expect(right.status).toBe(429);
  expect(right.headers["retry-after"]).toBe("60");
  world.wait(MINUTE);
  expect((await visitor.recoveryCode(code)).status).toBe(303);
});

describe.each(["stranger", "known browser"])("mixed with every other second factor, by a %s", (who) => {
  /** Every door that a second factor opens, as one browser that holds a session and a pending login. */
  async function doors() {
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

  it("is five tries in all, one after the other", async () => {
    const knock = await doors();
    const wrong = knock(world.code(secret, 9), stray());
    for (const [n, guess] of wrong.entries()) expect((await guess()).status).toBe(n < 5 ? 401 : 429);
    for (const right of knock(world.code(secret), codes[0] ?? "")) expect((await right()).status).toBe(429);
    expect(refusals()).toHaveLength(5);
    world.wait(MINUTE);
    // Nothing was spent by those that were not looked at.
    const [login, recovery] = knock(world.code(secret), codes[0] ?? "");
    expect((await recovery?.())?.status).toBe(303);
    expect((await login?.())?.status).toBe(303);
  });

  it("is five tries in all, at once", async () => {
    const knock = await doors();
    // All doors twice; those that cost no password hash, of which few can wait at once, three times more.
    const guesses = Array.from({ length: 5 }, (_, n) =>
      knock(world.code(secret, 9), stray()).filter((_guess, door) => n < 2 || ![2, 3].includes(door)),
    ).flat();
    const answers = await Promise.all(guesses.map((guess) => guess()));
    expect(statuses(answers)).toEqual({ 401: 5, 429: 19 });
    expect(refusals()).toHaveLength(5);
  });
});

it("locks the account in the end, for recovery codes as for all else, until the operator opens it", async () => {
  const forLong = { PENDING_LOGIN: "30d", SESSION_IDLE: "30d", SESSION_MAX: "30d" };
  const locked = await openWorld(forLong);
  const inside = locked.visitor();
  const sheet = await setUpWithSheet(locked, inside);
  const guesser = await newLogin(locked);
  for (let n = 0; n < 100; n++) {
    if (n >= 5) locked.wait(15 * MINUTE);
    expect((await guesser.recoveryCode(stray())).status).toBe(401);
  }
  locked.wait(7 * 24 * 60 * MINUTE);
  const [code = ""] = sheet.codes;
  const refused = [
    await guesser.recoveryCode(code),
    await guesser.code(locked.code(sheet.secret)),
    await inside.post("/confirm", { password: "password", recovery_code: code }),
    await inside.post("/account/recovery-codes/proof", { recovery_code: code }),
  ];
  for (const { status, text, headers } of refused) {
    expect(status).toBe(429);
    expect(text).toContain("can open the account again");
    expect(headers["retry-after"]).toBeUndefined();
  }
  await locked.auth.unlockAccount("test");
  expect((await guesser.recoveryCode(code)).status).toBe(303);
});
