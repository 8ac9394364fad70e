/** Recovery codes are made as a sheet: none is made by a reload or with a made-up number, and no wrong code proves one. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, RECOVERY_CODES } from "../../src/auth/policy.js";
import { heldBy } from "../support/cookies.js";
import { sqlOn } from "../support/other-program.js";
import { ask, form, statuses } from "../support/raw-request.js";
import {
  addAccount,
  CURRENT_CODES,
  codesOn,
  currentCodes,
  makeCodes,
  setUpWithSheet,
  signIn,
} from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { openTwoWorlds, openWorld, type World } from "../support/world.js";

let world: World;
let owner: Visitor;
let secret: string;
let codes: string[];
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, owner));
});

const makeSheet = (visitor: Visitor, number: string) =>
  visitor.post("/account/recovery-codes", { sheet: number });

const prove = (visitor: Visitor, recovery_code: string, more: Record<string, string> = {}) =>
  visitor.post("/account/recovery-codes/proof", { recovery_code, ...more });

/** The numbers of the sheets, and how many codes still work. */
async function sheets(of = world) {
  const numbers = await sqlOn(of, "select number from recovery_sheets order by number");
  const live = await sqlOn(of, "select 1 from recovery_codes where used_at is null and ended_at is null");
  return { numbers: numbers.map(({ number }) => number), live: live.length };
}

/** The kind of the message that an earlier request left on a page. */
const messageOn = (html: string) => /class="alert alert-(\w+)" role="status"/.exec(html)?.[1];

/** Signs in with a recovery code; answers with the status. */
async function goIn(code = "", username = "test", password = "password"): Promise<number> {
  const visitor = world.visitor();
  await visitor.password(username, password);
  return (await visitor.recoveryCode(code)).status;
}

describe("the form for new recovery codes", () => {
  it("makes one sheet when it is sent again", async () => {
    const number = /name="sheet" value="(\d+)"/.exec((await owner.get("/account/recovery-codes")).text)?.[1];
    expect(number).toBe("2");
    const shown = await makeCodes(owner, 2);
    expect(shown).toHaveLength(RECOVERY_CODES);
    const again = await makeSheet(owner, "2");
    expect([again.status, again.headers.location]).toEqual([303, CURRENT_CODES]);
    expect(await currentCodes(owner)).toEqual(shown);
    expect(await sheets()).toEqual({ numbers: [1, 2], live: RECOVERY_CODES });
    // Also when the step-up has expired.
    world.advance(DEFAULT_POLICY.stepUp);
    expect((await makeSheet(owner, "2")).headers.location).toBe(CURRENT_CODES);
    expect((await owner.get(CURRENT_CODES)).headers.location).toBe("/account");
    expect(messageOn((await owner.get("/account")).text)).toBe("info");
    expect((await makeSheet(owner, "3")).headers.location).toBe("/confirm?next=%2Faccount%2Frecovery-codes");
    expect(await sheets()).toEqual({ numbers: [1, 2], live: RECOVERY_CODES });
    expect(await goIn(shown[0])).toBe(303);
  });

  it("makes one sheet when two sessions send it 20 times at once to two nodes", async () => {
    const [here, there] = await openTwoWorlds();
    const one = here.visitor();
    const { secret } = await setUpWithSheet(here, one);
    there.advance(30_000);
    const other = there.visitor();
    await signIn(there, other, secret);
    const sent = Array.from({ length: 20 }, (_, n) =>
      ask(n % 2 ? here : there, {
        path: "/account/recovery-codes",
        ...form({ sheet: "2" }, { cookie: heldBy(n % 4 < 2 ? one : other) }),
      }),
    );
    const answers = await Promise.all(sent);
    expect(statuses(answers)).toEqual({ 303: 20 });
    expect(answers.filter(({ headers }) => headers.location === CURRENT_CODES)).toHaveLength(20);
    expect(await sheets(here)).toEqual({ numbers: [1, 2], live: RECOVERY_CODES });
    // Only the session whose form came first shows them.
    const both = [await currentCodes(one), await currentCodes(other)];
    expect(both.map(({ length }) => length).sort()).toEqual([0, RECOVERY_CODES]);
    const shown = both.flat();
    expect((await prove(one, shown.at(-1) ?? "")).status).toBe(303);
  });

  it("makes none and keeps the old codes when its number is made up", async () => {
    const madeUp = [
      ...["0", "1", "3", "99", "-1", "+2", "02", "2.0", "2e0", "0x2", " 2", "2 ", "abc", "", "٢", "2\n"],
      ...["2\0", "999999999", "9999999999", "9".repeat(400), "NaN", "Infinity", "__proto__"],
    ];
    for (const number of madeUp) {
      const answer = await makeSheet(owner, number);
      expect([303, 400], JSON.stringify(number)).toContain(answer.status);
      expect(await sheets(), JSON.stringify(number)).toEqual({ numbers: [1], live: RECOVERY_CODES });
    }
    expect(await goIn(codes[0])).toBe(303);
  });

  it("makes none when its number is missing or sent twice", async () => {
    expect((await owner.post("/account/recovery-codes")).headers.location).toBe("/account/recovery-codes");
    for (const body of [
      [
        ["sheet", "2"],
        ["sheet", "2"],
      ],
      [["sheet[]", "2"]],
      [["sheet[number]", "2"]],
    ] as [string, string][][]) {
      const sent = form(body, { cookie: heldBy(owner) });
      expect([303, 400]).toContain((await ask(world, { path: "/account/recovery-codes", ...sent })).status);
    }
    expect(await sheets()).toEqual({ numbers: [1], live: RECOVERY_CODES });
  });

  it("ends the old codes, and no session, pending login or trusted browser", async () => {
    const trusting = world.visitor();
    await trusting.password();
    await trusting.code(world.code(secret), { trust_device: "on" });
    const pending = world.visitor();
    await pending.password();
    const shown = await makeCodes(owner, 2);
    for (const old of codes.slice(0, 4)) expect(await goIn(old)).toBe(401);
    expect((await trusting.get("/account")).status).toBe(200);
    expect((await pending.recoveryCode(shown[0] ?? "")).status).toBe(303);
    await trusting.post("/logout");
    expect((await trusting.password()).headers.location).toBe("/");
  });
});

describe("the form of the set-up page", () => {
  it("makes one sheet when it is sent again", async () => {
    const { username, password } = await addAccount(world, "victim");
    const visitor = world.visitor();
    await visitor.password(username, password);
    const code = world.code(await visitor.secret());
    const before = heldBy(visitor);
    await visitor.code(code);
    const shown = await currentCodes(visitor);
    expect(shown).toHaveLength(RECOVERY_CODES);
    const again = await visitor.code(code);
    expect([again.status, again.headers.location]).toEqual([303, CURRENT_CODES]);
    expect(await currentCodes(visitor)).toEqual(shown);
    const late = await ask(world, { path: "/login/2fa", ...form({ otp: code }, { cookie: before }) });
    expect(codesOn(late.text)).toEqual([]);
    expect(await sheets()).toEqual({ numbers: [1, 1], live: 2 * RECOVERY_CODES });
    expect(await goIn(shown[0], username, password)).toBe(303);
  });
});

describe("the proof of a sheet", () => {
  const isProved = async () => !(await owner.get("/account")).text.includes("Not checked yet");

  it("spends nothing, however often", async () => {
    for (let n = 0; n < 8; n++)
      expect((await prove(owner, codes[0] ?? "")).headers.location).toBe("/account");
    expect(await isProved()).toBe(true);
    expect((await sheets()).live).toBe(RECOVERY_CODES);
    expect(await goIn(codes[0])).toBe(303);
  });

  it("takes no code of another account, no used one and no replaced one", async () => {
    const { username, password } = await addAccount(world, "victim");
    const victim = world.visitor();
    const theirs = await setUpWithSheet(world, victim, username, password);
    expect(reasonOn((await prove(owner, theirs.codes[0] ?? "")).text)).toBe("unknown");
    await goIn(codes[0]);
    expect(reasonOn((await prove(owner, codes[0] ?? "")).text)).toBe("used");
    await makeSheet(owner, "2");
    expect(reasonOn((await prove(owner, codes[1] ?? "")).text)).toBe("replaced");
    expect(await isProved()).toBe(false);
    expect((await victim.get("/account")).text).toContain("Not checked yet");
    expect(await goIn(theirs.codes[0], username, password)).toBe(303);
  });

  it("leads to no other site", async () => {
    const elsewhere = ["//evil.example", "https://evil.example", "/\\evil.example", "/.//evil.example", "x"];
    for (const next of elsewhere) {
      const refused = await prove(owner, "x", { next });
      expect(refused.text).not.toContain("evil.example");
      expect((await prove(owner, codes[0] ?? "", { next })).headers.location).toBe("/account");
    }
    expect((await prove(owner, codes[0] ?? "", { next: "/?a=b" })).headers.location).toBe("/?a=b");
  });

  it("leads a pending login back to the second step", async () => {
    const pending = world.visitor();
    await pending.password();
    expect((await prove(pending, codes[0] ?? "")).headers.location).toBe("/login/2fa");
    expect(await isProved()).toBe(false);
  });
});
