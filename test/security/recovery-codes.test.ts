/** Recovery codes: used twice, by another account, after they ended; and what a refusal tells. */
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_PENDING_LOGINS } from "../../src/auth/policy.js";
import {
  formatRecoveryCode,
  RECOVERY_CODE_BYTES,
  recoveryCodeFrom,
} from "../../src/auth/recovery/recovery-code.js";
import { heldBy } from "../support/cookies.js";
import { heldAtTransaction } from "../support/hold-back.js";
import { newLogin } from "../support/new-login.js";
import { randomBytes } from "../support/random.js";
import { ask, form, opensAccount, statuses } from "../support/raw-request.js";
import {
  addAccount,
  CURRENT_CODES,
  pendingCookie,
  pendingVisitors,
  setUpWithSheet,
} from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
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

/** A browser behind the password of another account. */
async function loginOf(username: string, password: string): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password(username, password)).headers.location).toBe("/login/2fa");
  return visitor;
}

const refusals = () => world.events.filter(({ type }) => /^(recovery-)?code-refused$/.test(type));

describe("a recovery code", () => {
  it("is refused after it was used, however it is typed", async () => {
    const [code = "", another = ""] = codes;
    expect((await (await newLogin(world)).recoveryCode(code)).status).toBe(303);
    world.advance(3 * MINUTE);
    const second = await newLogin(world);
    for (const spelt of [code, code.toLowerCase().replaceAll("-", " ")]) {
      const refused = await second.recoveryCode(spelt);
      expect([refused.status, reasonOn(refused.text)]).toEqual([401, "used"]);
    }
    expect(await opensAccount(world, heldBy(second))).toBe(false);
    expect((await second.recoveryCode(another)).status).toBe(303);
  });

  it("signs in one of twenty browsers when they send it fifty times at once", async () => {
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

  it("signs in one browser when two nodes get it at once", async () => {
    const [here, there] = await openTwoWorlds();
    const EACH = MAX_PENDING_LOGINS / 2;
    const sheet = await setUpWithSheet(here, here.visitor());
    there.advance(30_000);
    const visitors = [...(await pendingVisitors(here, EACH)), ...(await pendingVisitors(there, EACH))];
    const answers = await Promise.all(visitors.map((visitor) => visitor.recoveryCode(sheet.codes[0] ?? "")));
    expect(statuses(answers)[303]).toBe(1);
    expect(
      Object.keys(statuses(answers))
        .map(Number)
        .filter((status) => status >= 500),
    ).toEqual([]);
  });

  it("is refused at step-up after sign-in, and at sign-in after step-up", async () => {
    const [atLogin = "", atStepUp = ""] = codes;
    const visitor = await newLogin(world);
    await visitor.recoveryCode(atLogin);
    const again = await visitor.post("/confirm", { password: "password", recovery_code: atLogin });
    expect(again.status).toBe(401);
    const confirmed = await visitor.post("/confirm", { password: "password", recovery_code: atStepUp });
    expect(confirmed.status).toBe(303);
    expect((await (await newLogin(world)).recoveryCode(atStepUp)).status).toBe(401);
  });

  it("counts as a step-up when it signed in", async () => {
    const visitor = await newLogin(world);
    await visitor.recoveryCode(codes[0] ?? "");
    expect((await visitor.get("/account/password")).status).toBe(200);
  });
});

describe("a pending login that ends while its recovery code is checked", () => {
  it.each([1, 2])("spends no code when it ends before transaction %i", async (n) => {
    const [code = ""] = codes;
    const cookie = await pendingCookie(world);
    const sent = { path: "/login/recovery-code", ...form({ recovery_code: code }, { cookie }) };
    const slow = await heldAtTransaction(world, n, sent);
    await ask(world, { path: "/logout", ...form({}, { cookie }) });
    const answer = await slow.letGo();
    expect(answer.headers.location).toBe("/login?notice=expired");
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await (await newLogin(world)).recoveryCode(code)).status).toBe(303);
  });
});

describe("the refusal of a recovery code", () => {
  it("tells a typing mistake, an unknown code, a used one and a replaced one apart, and repeats none", async () => {
    const [used = "", replaced = ""] = codes;
    await (await newLogin(world)).recoveryCode(used);
    world.advance(MINUTE);
    expect((await owner.post("/account/recovery-codes", { sheet: "2" })).headers.location).toBe(
      CURRENT_CODES,
    );
    const visitor = await newLogin(world);
    const expected = {
      [mistyped(used)]: "typo",
      [stray()]: "unknown",
      [used]: "used",
      [replaced]: "replaced",
    };
    for (const [code, reason] of Object.entries(expected)) {
      const refused = await visitor.recoveryCode(code);
      expect([refused.status, reasonOn(refused.text)]).toEqual([401, reason]);
      expect(refused.text).not.toContain(code);
    }
    expect(refusals().map((event) => "reason" in event && event.reason)).toEqual([
      "typo",
      "unknown",
      "used",
      "replaced",
    ]);
  });

  it("spends no code of another account", async () => {
    const { username, password } = await addAccount(world, "victim");
    const theirs = await setUpWithSheet(world, world.visitor(), username, password);
    const [code = ""] = theirs.codes;
    const refused = await (await newLogin(world)).recoveryCode(code);
    expect([refused.status, reasonOn(refused.text)]).toEqual([401, "unknown"]);
    expect((await (await loginOf(username, password)).recoveryCode(code)).status).toBe(303);
  });

  it("comes for every code from before the operator's reset, also when another app is set up", async () => {
    const [code = ""] = codes;
    await world.auth.resetSecondFactor("test");
    const visitor = await newLogin(world);
    expect((await visitor.recoveryCode(code)).headers.location).toBe("/login/2fa");
    expect(await opensAccount(world, heldBy(visitor))).toBe(false);
    await setUpWithSheet(world, visitor);
    const refused = await (await newLogin(world)).recoveryCode(code);
    expect([refused.status, reasonOn(refused.text)]).toEqual([401, "replaced"]);
  });
});

describe("an account without an authenticator", () => {
  it("accepts no recovery code", async () => {
    const { username, password } = await addAccount(world, "newcomer");
    const visitor = await loginOf(username, password);
    expect((await visitor.get("/login/recovery-code")).headers.location).toBe("/login/2fa");
    await visitor.recoveryCode(stray());
    expect(await opensAccount(world, heldBy(visitor))).toBe(false);
  });
});
