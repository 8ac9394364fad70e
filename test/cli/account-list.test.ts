/** `latchkey account list`: every state of an account, as a table and as JSON. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOCKOUT_AFTER, PASSWORD_RULE, RECOVERY_CODES, SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { asText } from "../../src/cli/account-list.js";
import { countWrongCodes, idOf, succeed } from "../support/operator.js";
import { newOwner, pending } from "../support/owner.js";
import { addAccount } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("latchkey account list", () => {
  it("says how to add an account when there is none", async () => {
    expect(await succeed(world, ["list"])).toBe(
      "There are no accounts yet: `latchkey account add NAME` adds one.\n",
    );
    expect(await succeed(world, ["list", "--json"])).toBe("[]\n");
  });

  it("shows the state of each account, sorted by name", async () => {
    await newOwner(world, "alice");
    await addAccount(world, "bob");
    const carol = await newOwner(world, "carol");
    await (await pending(world, "carol")).recoveryCode(carol.codes[0] ?? "");
    await succeed(world, ["disable", "carol"]);
    await addAccount(world, "dave@example.org");
    await countWrongCodes(world, await idOf(world, "dave@example.org"), LOCKOUT_AFTER);
    await addAccount(world, "erin");
    await countWrongCodes(world, await idOf(world, "erin"), SECOND_FACTOR_RULE.free);
    await addAccount(world, "frank");
    for (let n = 0; n < PASSWORD_RULE.free; n++) await world.visitor().password("frank", "a wrong password");
    await world.auth.ensureDemoAccount();
    world.advance(5_000);

    // Both set-ups took half a minute each from 12:00:10, and delays are a minute.
    expect((await succeed(world, ["list"])).split("\n")).toEqual([
      "NAME              SECOND FACTOR                       LAST SIGN-IN       STATE",
      "alice             1 authenticator, 10 recovery codes  2026-11-24T12:00Z  open",
      "bob               none yet                            never              open",
      "carol             1 authenticator, 9 recovery codes   2026-11-24T12:01Z  disabled",
      "dave@example.org  none yet                            never              locked until unlock",
      "erin              none yet                            never              codes delayed until 12:03 UTC",
      "frank             none yet                            never              passwords delayed until 12:03 UTC",
      "test              none yet                            never              open, demo account",
      "",
    ]);
  });

  it("names everything that keeps an owner out", async () => {
    const { id } = await newOwner(world);
    await countWrongCodes(world, id, SECOND_FACTOR_RULE.free);
    for (let n = 0; n < PASSWORD_RULE.free; n++) await world.visitor().password("alice", "a wrong password");
    await succeed(world, ["disable", "alice"]);
    const state = async () => (await succeed(world, ["list"])).split("\n")[1]?.split(/ {2,}/).at(-1);
    expect(await state()).toBe("disabled, codes delayed until 12:02 UTC, passwords delayed until 12:02 UTC");
    world.advance(60_000);
    expect(await state()).toBe("disabled");
  });

  it("prints every field of each account with --json", async () => {
    const at = new Date(world.now()).toISOString();
    await newOwner(world, "alice");
    await addAccount(world, "bob");
    await countWrongCodes(world, await idOf(world, "bob"), SECOND_FACTOR_RULE.free);
    await succeed(world, ["disable", "bob"]);
    const now = world.now();
    const out = await succeed(world, ["list", "--json"]);
    expect(out).toMatch(/^\[.*\]\n$/);
    expect(JSON.parse(out)).toEqual([
      {
        ...NO_ATTRIBUTES,
        id: await idOf(world, "alice"),
        hasPassword: true,
        hasSecondFactor: true,
        username: "alice",
        isDemo: false,
        isDisabled: false,
        createdAt: at,
        lastSignInAt: at,
        authenticators: 1,
        recoveryCodesLeft: RECOVERY_CODES,
        isLocked: false,
        codesDelayedUntil: null,
        passwordsDelayedUntil: null,
      },
      {
        ...NO_ATTRIBUTES,
        id: await idOf(world, "bob"),
        hasPassword: true,
        hasSecondFactor: false,
        username: "bob",
        isDemo: false,
        isDisabled: true,
        createdAt: new Date(now).toISOString(),
        lastSignInAt: null,
        authenticators: 0,
        recoveryCodesLeft: 0,
        isLocked: false,
        codesDelayedUntil: new Date(now + 60_000).toISOString(),
        passwordsDelayedUntil: null,
      },
    ]);
  });
});

const NO_ATTRIBUTES = {
  email: null,
  emailConfirmed: false,
  name: null,
  groups: [],
  externalId: null,
  invitationExpiresAt: null,
};

describe("the table of accounts", () => {
  it("aligns its columns for two hundred thousand accounts", () => {
    const account = {
      isDemo: false,
      isDisabled: false,
      createdAt: new Date(0),
      lastSignInAt: undefined,
      authenticators: 1,
      recoveryCodesLeft: RECOVERY_CODES,
      isLocked: false,
      codesDelayedUntil: undefined,
      passwordsDelayedUntil: undefined,
    };
    const accounts = Array.from({ length: 200_000 }, (_, n) => ({ ...account, username: `person-${n}` }));
    const lines = asText(accounts, new Date(0)).split("\n");
    expect(lines).toHaveLength(200_001);
    expect(lines[1]).toMatch(/^person-0 {7}1 authenticator, 10 recovery codes {2}never/);
  });
});
