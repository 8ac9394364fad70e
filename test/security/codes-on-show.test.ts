/** Recovery codes on show: nobody but the browser that made them sees them, not for long, and a stolen database has none in clear. */
import { beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_CODES, RECOVERY_CODES_SHOWN_MS } from "../../src/auth/policy.js";
import { heldBy } from "../support/cookies.js";
import { databaseBytes, sqlOn } from "../support/other-program.js";
import { ask, form } from "../support/raw-request.js";
import {
  addAccount,
  CURRENT_CODES,
  codesOn,
  currentCodes,
  makeCodes,
  setUpWithSheet,
  signIn,
} from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openTwoWorlds, openWorld, sharedDataDir, type World } from "../support/world.js";

let world: World;
let owner: Visitor;
let secret: string;
let codes: string[];
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  ({ secret, codes } = await setUpWithSheet(world, owner));
});

/** How many sessions hold sealed codes. */
const kept = async (of = world) =>
  (await sqlOn(of, "select 1 from sessions where sealed_codes is not null or codes_until is not null"))
    .length;

describe("another browser", () => {
  it("sees no codes of the same account's session, nor of another account's", async () => {
    const same = world.visitor();
    await signIn(world, same, secret);
    const { username, password } = await addAccount(world, "victim");
    const other = world.visitor();
    await setUpWithSheet(world, other, username, password);
    await makeCodes(other, 2);
    for (const visitor of [same, other]) {
      const answer = await visitor.get(CURRENT_CODES);
      expect(codesOn(answer.text).filter((code) => codes.includes(code))).toEqual([]);
    }
    expect((await same.get(CURRENT_CODES)).headers.location).toBe("/account");
  });

  it("hides no codes of the same account's session when it puts its own off", async () => {
    const same = world.visitor();
    await signIn(world, same, secret);
    await same.post("/account/recovery-codes/later");
    expect(await currentCodes(owner)).toEqual(codes);
  });

  it("sees none behind the password alone, or anonymous", async () => {
    const pending = world.visitor();
    await pending.password();
    for (const visitor of [pending, world.visitor()]) {
      expect((await visitor.get(CURRENT_CODES)).headers.location).toMatch(/^\/login/);
      const later = await visitor.post("/account/recovery-codes/later", { next: "/account" });
      expect(later.headers.location).toMatch(/^\/login/);
    }
    expect(await kept()).toBe(1);
  });
});

describe("codes whose session has ended", () => {
  it.each([
    ["signed out", () => owner.post("/logout")],
    ["revoked by another browser", () => revokedByAnother()],
    ["revoked by the operator", () => world.auth.resetSecondFactor("test")],
  ])("are gone from the database: %s", async (_how, end) => {
    const cookie = heldBy(owner);
    expect(await kept()).toBe(1);
    await end();
    expect(await kept()).toBe(0);
    const answer = await ask(world, { path: CURRENT_CODES, headers: { cookie } });
    expect(answer.status).toBe(303);
    expect(codesOn(answer.text)).toEqual([]);
  });

  async function revokedByAnother() {
    const other = world.visitor();
    await signIn(world, other, secret);
    await other.post("/account/sessions/end-others");
  }

  it("are not shown by the id that a step-up has replaced", async () => {
    const cookie = heldBy(owner);
    await owner.confirm("password", world.code(secret));
    expect(codesOn((await ask(world, { path: CURRENT_CODES, headers: { cookie } })).text)).toEqual([]);
    expect(await kept()).toBe(1);
    expect(await currentCodes(owner)).toEqual(codes);
  });
});

describe("codes whose time is over", () => {
  it("are not shown, and pruned from the database, while the session goes on", async () => {
    world.advance(RECOVERY_CODES_SHOWN_MS - 30_001);
    await world.auth.prune();
    expect(await kept()).toBe(1);
    world.advance(1);
    expect((await owner.get(CURRENT_CODES)).headers.location).toBe("/account");
    await world.auth.prune();
    expect(await kept()).toBe(0);
    expect((await owner.get("/account")).status).toBe(200);
  });
});

describe("a stolen database", () => {
  it("has no codes on show in clear", async () => {
    const bytes = databaseBytes(world).toString("latin1");
    for (const code of codes) {
      expect(bytes.includes(code)).toBe(false);
      expect(bytes.includes(code.replaceAll("-", ""))).toBe(false);
    }
  });

  it("shows none in another row, of the same account or of another's", async () => {
    const same = world.visitor();
    await signIn(world, same, secret);
    const { username, password } = await addAccount(world, "victim");
    const other = world.visitor();
    await setUpWithSheet(world, other, username, password);
    const mine = `(select sealed_codes from sessions
      where codes_until is not null and account_id = (select id from accounts where username = 'test'))`;
    await sqlOn(
      world,
      `update sessions set codes_until = 9999999999999, sealed_codes = ${mine} where kind = 'session'`,
    );
    for (const visitor of [same, other])
      expect((await visitor.get(CURRENT_CODES)).headers.location).toBe("/account");
    expect(await currentCodes(owner)).toEqual(codes);
  });

  it.each(["", "x", "keyname1.", "keyname1.AAAA", "no dot at all"])(
    "makes no 5xx with %j in place of the codes",
    async (sealed) => {
      await sqlOn(world, `update sessions set sealed_codes = '${sealed}' where codes_until is not null`);
      expect((await owner.get(CURRENT_CODES)).headers.location).toBe("/account");
      const refused = await owner.post("/account/recovery-codes/proof", { recovery_code: "x" });
      expect(refused.status).toBe(401);
      expect((await owner.confirm("password", world.code(secret))).headers.location).toBe("/account");
    },
  );
});

describe("a key dropped from APP_SECRETS", () => {
  const OLD = "4f1c0c7a9b6e5d2387a1f0e9c8b7d6a5948372615049382716051423f0e1d2c3";
  const NEW = "b7e2a94d10c5f8637e9d2a4b6c8f0e1d3a5c7e9f1b2d4f608193a5b7c9dbedf0";

  /** Moves the codes of a session that goes on under both keys to the given keys. */
  async function reopened(rotate: boolean) {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR, APP_SECRETS: OLD });
    const made = await setUpWithSheet(before, before.visitor());
    const [sealed] = await sqlOn<{ text: string }>(
      before,
      "select sealed_codes as text from sessions where sealed_codes is not null",
    );
    const both = await openWorld({ DATA_DIR, APP_SECRETS: `${NEW},${OLD}` });
    await both.auth.rotateKeys();
    if (!rotate)
      await sqlOn(both, `update sessions set sealed_codes = '${sealed?.text}' where codes_until is not null`);
    const world = await openWorld({ DATA_DIR, APP_SECRETS: NEW });
    const [row] = await sqlOn<{ hash: string }>(
      world,
      "select id_hash as hash from sessions where codes_until is not null",
    );
    const session = await world.store.sessions.find(row?.hash ?? "");
    if (!session?.codes) throw new Error("No session has codes.");
    return { shown: world.auth.codesOnShow({ ...session, codes: session.codes }), codes: made.codes };
  }

  it("shows the codes that were re-encrypted, and no others", async () => {
    const rotated = await reopened(true);
    expect(rotated.shown?.sheet.codes).toEqual(rotated.codes);
    expect((await reopened(false)).shown).toBeUndefined();
  });
});

describe("codes that are checked in one tab and read in another", () => {
  it("are shown no more by any request after the check", async () => {
    const [here, there] = await openTwoWorlds();
    const visitor = here.visitor();
    const made = await setUpWithSheet(here, visitor);
    const headers = { cookie: heldBy(visitor) };
    for (const recovery_code of [made.codes[3] ?? "", made.codes[4] ?? ""]) {
      const proof = ask(here, { path: "/account/recovery-codes/proof", ...form({ recovery_code }, headers) });
      const reads = Array.from({ length: 10 }, (_, n) =>
        ask(n % 2 ? here : there, { path: CURRENT_CODES, headers }),
      );
      expect((await proof).status).toBe(303);
      for (const { status } of await Promise.all(reads)) expect([200, 303]).toContain(status);
      for (const world of [here, there]) {
        const late = await ask(world, { path: CURRENT_CODES, headers });
        expect([late.status, late.headers.location]).toEqual([303, "/account"]);
      }
    }
    expect(await kept(here)).toBe(0);
  });

  it("show one set when two tabs make one at the same time", async () => {
    const headers = { cookie: heldBy(owner) };
    const make = () => ask(world, { path: "/account/recovery-codes", ...form({ sheet: "2" }, headers) });
    const answers = await Promise.all(Array.from({ length: 8 }, make));
    expect(answers.map(({ headers }) => headers.location)).toEqual(Array(8).fill(CURRENT_CODES));
    const shown = await currentCodes(owner);
    expect(shown).toHaveLength(RECOVERY_CODES);
    const proof = await owner.post("/account/recovery-codes/proof", { recovery_code: shown[0] ?? "" });
    expect(proof.status).toBe(303);
  });
});
