/** Recovery codes: used twice, by the wrong account, after their end; and what a refusal tells. */
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_PENDING_LOGINS } from "../../src/auth/policy.js";
import {
  formatRecoveryCode,
  RECOVERY_CODE_BYTES,
  recoveryCodeFrom,
} from "../../src/auth/recovery/recovery-code.js";
import { heldBy } from "../support/cookies.js";
import { heldAtTransaction } from "../support/hold-back.js";
import { randomBytes } from "../support/random.js";
import { ask, form, opensAccount, statuses } from "../support/raw-request.js";
import { addAccount, pendingCookie, pendingVisitors, setUpWithSheet } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld, type World } from "../support/world.js";

let world: World;
/** Signed in. */
let owner: Visitor;
let codes: string[];
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  ({ codes } = await setUpWithSheet(world, owner));
});

/** Well typed, and of no account. */
const stray = () => formatRecoveryCode(recoveryCodeFrom(randomBytes(RECOVERY_CODE_BYTES)));

/** The same but for its check character. */
const mistyped = (code = "") => `${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}`;

/** A browser behind the password. */
async function newLogin(username = "test", password = "password"): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password(username, password)).headers.location).toBe("/login/2fa");
  return visitor;
}

const refusals = () => world.events.filter(({ type }) => /^(recovery-)?code-refused$/.test(type));

describe("a recovery code that was used", () => {
  it("is refused from then on, and the refusal says when it was used", async () => {
    const [code = "", another = ""] = codes;
    expect((await (await newLogin()).recoveryCode(code)).status).toBe(303);
    world.wait(3 * MINUTE);
    const second = await newLogin();
    for (const spelt of [code, code.toLowerCase().replaceAll("-", " ")]) {
      const refused = await second.recoveryCode(spelt);
      expect(refused.status).toBe(401);
      expect(refused.text).toContain("was used on 24 November 2026 at 12:00 UTC");
    }
    expect(await opensAccount(world, heldBy(second))).toBe(false);
    expect((await second.recoveryCode(another)).status).toBe(303);
  });

  it("lets one of twenty browsers in that send it fifty times at once", async () => {
    const visitors = await pendingVisitors(world, MAX_PENDING_LOGINS);
    const sent = Array.from({ length: 50 }, (_, n) =>
      visitors[n % visitors.length]?.recoveryCode(codes[0] ?? ""),
    );
    const answers = (await Promise.all(sent)).filter((answer) => answer?.headers.location === "/");
    expect(answers).toHaveLength(1);
    const open = await Promise.all(visitors.map((visitor) => opensAccount(world, heldBy(visitor))));
    expect(open.filter(Boolean)).toHaveLength(1);
    // Not by the throttle alone: some of the others were looked at, and found used.
    expect(refusals().map((event) => "reason" in event && event.reason)).toContain("used");
  });

  it("lets one in over two Latchkeys on one database", async () => {
    const [here, there] = await openTwoWorlds();
    const sheet = await setUpWithSheet(here, here.visitor());
    there.wait(30_000);
    const visitors = [...(await pendingVisitors(here, 10)), ...(await pendingVisitors(there, 10))];
    const answers = await Promise.all(visitors.map((visitor) => visitor.recoveryCode(sheet.codes[0] ?? "")));
    expect(statuses(answers)[303]).toBe(1);
    expect(
      Object.keys(statuses(answers))
        .map(Number)
        .filter((status) => status >= 500),
    ).toEqual([]);
  });

  it("is spent for step-up and sign-in alike", async () => {
    const [atLogin = "", atStepUp = ""] = codes;
    const visitor = await newLogin();
    await visitor.recoveryCode(atLogin);
    const again = await visitor.post("/confirm", { password: "password", recovery_code: atLogin });
    expect(again.status).toBe(401);
    const confirmed = await visitor.post("/confirm", { password: "password", recovery_code: atStepUp });
    expect(confirmed.status).toBe(303);
    expect((await (await newLogin()).recoveryCode(atStepUp)).status).toBe(401);
  });

  it("signed in with both factors: that counts as a step-up", async () => {
    const visitor = await newLogin();
    await visitor.recoveryCode(codes[0] ?? "");
    expect((await visitor.get("/account/password")).status).toBe(200);
  });
});

it.each([1, 2])(
  "a login that was ended while it was at transaction %i spends no recovery code",
  async (n) => {
    const [code = ""] = codes;
    const cookie = await pendingCookie(world);
    const sent = { path: "/login/recovery-code", ...form({ recovery_code: code }, { cookie }) };
    const slow = await heldAtTransaction(world, n, sent);
    await ask(world, { path: "/logout", ...form({}, { cookie }) });
    const answer = await slow.letGo();
    expect(answer.headers.location).toBe("/login?notice=expired");
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await (await newLogin()).recoveryCode(code)).status).toBe(303);
  },
);

describe("what is refused", () => {
  it("reads differently for a typing mistake, a code of nobody, a used one and one from an old sheet", async () => {
    const [used = "", replaced = ""] = codes;
    await (await newLogin()).recoveryCode(used);
    world.wait(MINUTE);
    expect((await owner.post("/account/recovery-codes", { sheet: "2" })).status).toBe(200);
    const visitor = await newLogin();
    const expected = {
      [mistyped(used)]: "There is a typing mistake in that code",
      [stray()]: "That code is well typed, but it is not one of this account",
      [used]: "That code was used on 24 November 2026 at 12:00 UTC",
      [replaced]:
        "That code is from an old sheet, which a newer one replaced on 24 November 2026 at 12:01 UTC",
    };
    for (const [code, text] of Object.entries(expected)) {
      const refused = await visitor.recoveryCode(code);
      expect(refused.status).toBe(401);
      expect(refused.text).toContain(text);
      expect(refused.text).not.toContain(code);
    }
    expect(refusals().map((event) => "reason" in event && event.reason)).toEqual([
      "typo",
      "unknown",
      "used",
      "replaced",
    ]);
  });

  it("is another account's code, which its owner can still use", async () => {
    const { username, password } = await addAccount(world, "victim");
    const theirs = await setUpWithSheet(world, world.visitor(), username, password);
    const [code = ""] = theirs.codes;
    const refused = await (await newLogin()).recoveryCode(code);
    expect(refused.status).toBe(401);
    expect(refused.text).toContain("it is not one of this account");
    expect((await (await newLogin(username, password)).recoveryCode(code)).status).toBe(303);
  });

  it("is every code from before the operator's reset, now and once another app is set up", async () => {
    const [code = ""] = codes;
    await world.auth.resetSecondFactor("test");
    const visitor = await newLogin();
    expect((await visitor.recoveryCode(code)).headers.location).toBe("/login/2fa");
    expect(await opensAccount(world, heldBy(visitor))).toBe(false);
    await setUpWithSheet(world, visitor);
    const refused = await (await newLogin()).recoveryCode(code);
    expect(refused.status).toBe(401);
    expect(refused.text).toContain("from an old sheet");
  });
});

it("an account without an authenticator has no recovery code to guess", async () => {
  const { username, password } = await addAccount(world, "newcomer");
  const visitor = await newLogin(username, password);
  expect((await visitor.get("/login/recovery-code")).headers.location).toBe("/login/2fa");
  await visitor.recoveryCode(stray());
  expect(await opensAccount(world, heldBy(visitor))).toBe(false);
});
