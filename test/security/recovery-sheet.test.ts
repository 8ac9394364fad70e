/** Recovery sheets: made twice by a reload or by a made-up number, leaving codes behind; and proofs that prove nothing. */
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { sqlOn } from "../support/other-program.js";
import { ask, form, statuses } from "../support/raw-request.js";
import { addAccount, codesOn, setUpWithSheet, signIn } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openTwoWorlds, openWorld, type World } from "../support/world.js";

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

/** Signs in with a recovery code; answers with the status. */
async function goIn(code = "", username = "test", password = "password"): Promise<number> {
  const visitor = world.visitor();
  await visitor.password(username, password);
  return (await visitor.recoveryCode(code)).status;
}

describe("the form for a new sheet", () => {
  it("makes one; sent again, it makes no other and says that the one shown is valid", async () => {
    const number = /name="sheet" value="(\d+)"/.exec((await owner.get("/account/recovery-codes")).text)?.[1];
    expect(number).toBe("2");
    const shown = codesOn((await makeSheet(owner, "2")).text);
    expect(shown).toHaveLength(10);
    const again = await makeSheet(owner, "2");
    expect([again.status, again.headers.location]).toEqual([303, "/account"]);
    const page = await owner.get("/account");
    expect(page.text).toMatch(/set 2 of 24 November 2026 is valid, and no other was made/i);
    expect(codesOn(page.text).filter((code) => shown.includes(code))).toEqual([]);
    expect(await sheets()).toEqual({ numbers: [1, 2], live: 10 });
    // The same when both factors would have to be proved again.
    world.wait(10 * MINUTE);
    expect((await makeSheet(owner, "2")).headers.location).toBe("/account");
    expect((await makeSheet(owner, "3")).headers.location).toBe("/confirm?next=%2Faccount%2Frecovery-codes");
    expect(await sheets()).toEqual({ numbers: [1, 2], live: 10 });
    expect(await goIn(shown[0])).toBe(303);
  });

  it("makes one though it is sent 20 times at once, from two sessions and over two Latchkeys", async () => {
    const [here, there] = await openTwoWorlds();
    const one = here.visitor();
    const { secret } = await setUpWithSheet(here, one);
    there.wait(30_000);
    const other = there.visitor();
    await signIn(there, other, secret);
    const sent = Array.from({ length: 20 }, (_, n) =>
      ask(n % 2 ? here : there, {
        path: "/account/recovery-codes",
        ...form({ sheet: "2" }, { cookie: heldBy(n % 4 < 2 ? one : other) }),
      }),
    );
    const answers = await Promise.all(sent);
    expect(statuses(answers)).toEqual({ 200: 1, 303: 19 });
    expect(answers.filter(({ headers }) => headers.location === "/account")).toHaveLength(19);
    expect(await sheets(here)).toEqual({ numbers: [1, 2], live: 10 });
    const shown = codesOn(answers.find(({ status }) => status === 200)?.text ?? "");
    expect((await prove(one, shown[9] ?? "")).status).toBe(303);
  });

  it("makes none with a made-up number, and leaves the old codes good", async () => {
    const madeUp = [
      ...["0", "1", "3", "99", "-1", "+2", "02", "2.0", "2e0", "0x2", " 2", "2 ", "abc", "", "٢", "2\n"],
      ...["2\0", "999999999", "9999999999", "9".repeat(400), "NaN", "Infinity", "__proto__"],
    ];
    for (const number of madeUp) {
      const answer = await makeSheet(owner, number);
      expect([303, 400], JSON.stringify(number)).toContain(answer.status);
      expect(await sheets(), JSON.stringify(number)).toEqual({ numbers: [1], live: 10 });
    }
    expect(await goIn(codes[0])).toBe(303);
  });

  it("makes none without its number, or with two", async () => {
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
    expect(await sheets()).toEqual({ numbers: [1], live: 10 });
  });

  it("ends the old codes, and no session, pending login or trusted device", async () => {
    const trusting = world.visitor();
    await trusting.password();
    await trusting.code(world.code(secret), { trust_device: "on" });
    const pending = world.visitor();
    await pending.password();
    const shown = codesOn((await makeSheet(owner, "2")).text);
    for (const old of codes.slice(0, 4)) expect(await goIn(old)).toBe(401);
    expect((await trusting.get("/account")).status).toBe(200);
    expect((await pending.recoveryCode(shown[0] ?? "")).status).toBe(303);
    await trusting.post("/logout");
    expect((await trusting.password()).headers.location).toBe("/");
  });
});

describe("the set-up's own form", () => {
  it("makes one sheet, though it is sent again", async () => {
    const { username, password } = await addAccount(world, "victim");
    const visitor = world.visitor();
    await visitor.password(username, password);
    const code = world.code(await visitor.secret());
    const before = heldBy(visitor);
    const shown = codesOn((await visitor.code(code)).text);
    expect(shown).toHaveLength(10);
    const again = await visitor.code(code);
    expect([again.status, again.headers.location]).toEqual([303, "/account"]);
    expect((await visitor.get("/account")).text).toMatch(/set 1 is valid, and no other was made/i);
    const late = await ask(world, { path: "/login/2fa", ...form({ otp: code }, { cookie: before }) });
    expect(codesOn(late.text)).toEqual([]);
    expect(await sheets()).toEqual({ numbers: [1, 1], live: 20 });
    expect(await goIn(shown[0], username, password)).toBe(303);
  });
});

describe("the proof of a sheet", () => {
  const isProved = async () => !(await owner.get("/account")).text.includes("not yet");

  it("spends nothing, however often", async () => {
    for (let n = 0; n < 8; n++)
      expect((await prove(owner, codes[0] ?? "")).headers.location).toBe("/account");
    expect(await isProved()).toBe(true);
    expect((await sheets()).live).toBe(10);
    expect(await goIn(codes[0])).toBe(303);
  });

  it("is not given by another account's code, a used one or one from an old sheet", async () => {
    const { username, password } = await addAccount(world, "victim");
    const victim = world.visitor();
    const theirs = await setUpWithSheet(world, victim, username, password);
    expect((await prove(owner, theirs.codes[0] ?? "")).text).toContain("it is not one of this account");
    await goIn(codes[0]);
    expect((await prove(owner, codes[0] ?? "")).text).toContain("was used on");
    await makeSheet(owner, "2");
    expect((await prove(owner, codes[1] ?? "")).text).toContain("from an old sheet");
    expect(await isProved()).toBe(false);
    expect((await victim.get("/account")).text).toContain("not yet");
    expect(await goIn(theirs.codes[0], username, password)).toBe(303);
  });

  it("leads nowhere but to this site", async () => {
    const elsewhere = ["//evil.example", "https://evil.example", "/\\evil.example", "/.//evil.example", "x"];
    for (const next of elsewhere) {
      const refused = await prove(owner, "x", { next });
      expect(refused.text).not.toContain("evil.example");
      expect((await prove(owner, codes[0] ?? "", { next })).headers.location).toBe("/account");
    }
    expect((await prove(owner, codes[0] ?? "", { next: "/?a=b" })).headers.location).toBe("/?a=b");
  });

  it("is nobody's to give from a pending login", async () => {
    const pending = world.visitor();
    await pending.password();
    expect((await prove(pending, codes[0] ?? "")).headers.location).toBe("/login/2fa");
    expect(await isProved()).toBe(false);
  });
});
