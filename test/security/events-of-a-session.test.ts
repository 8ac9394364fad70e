/** The session of an event: one name for all that one sign-in did, of which the database has no trace. */
import { beforeEach, describe, expect, it } from "vitest";
import { sqlOn } from "../support/other-program.js";
import { addAccount, setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

const PASSWORD = "violet otter seven";
const WRONG = "a wrong password";
const STEP = 30_000;

let world: World;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  await addAccount(world, "alice", PASSWORD);
  const visitor = world.visitor();
  secret = await setUp(world, visitor, "alice", PASSWORD);
  await visitor.post("/logout");
  world.events.splice(0);
});

const code = (steps = 0) => world.code(secret, steps);

/** Types and sessions of what was reported since this was last asked. */
const reported = () => world.events.splice(0).map(({ type, session }) => ({ type, session }));

/** A sign-in with a mistake, a step-up with a mistake, and its end. */
async function signInAndOut(visitor: Visitor): Promise<void> {
  world.advance(2 * STEP);
  await visitor.password("alice", PASSWORD);
  await visitor.code(code(9));
  await visitor.code(code());
  world.advance(11 * MINUTE);
  await visitor.confirm(WRONG, code());
  await visitor.confirm(PASSWORD, code());
  await visitor.post("/logout");
}

describe("what one sign-in did", () => {
  it("has one session, from the password to the end, over new session ids", async () => {
    await signInAndOut(world.visitor());
    const events = reported();
    expect(events.map(({ type }) => type)).toEqual([
      "password-accepted",
      "code-refused",
      "signed-in",
      "password-refused",
      "stepped-up",
      "signed-out",
    ]);
    const sessions = new Set(events.map(({ session }) => session));
    expect(sessions.size).toBe(1);
    expect([...sessions]).toEqual([expect.stringMatching(/^[\w-]{22}$/)]);
  });

  it("has another session than any other sign-in, also of the same browser", async () => {
    const visitor = world.visitor();
    await signInAndOut(visitor);
    await signInAndOut(visitor);
    await signInAndOut(world.visitor());
    expect(new Set(reported().map(({ session }) => session)).size).toBe(3);
  });

  it("has a session from its first event on when a trusted browser stands for the code", async () => {
    const visitor = world.visitor();
    world.advance(2 * STEP);
    await visitor.password("alice", PASSWORD);
    await visitor.post("/login/2fa", { otp: code(), trust_device: "on" });
    await visitor.post("/logout");
    reported();
    await visitor.password("alice", PASSWORD);
    await visitor.post("/logout");
    const [signedIn, signedOut] = reported();
    expect([signedIn?.type, signedOut?.type]).toEqual(["signed-in", "signed-out"]);
    expect(signedIn?.session).toMatch(/./);
    expect(signedIn?.session).toBe(signedOut?.session);
  });
});

describe("what no sign-in did", () => {
  it("has no session: a wrong password, a name without an account, an operator's act", async () => {
    await world.visitor().password("alice", WRONG);
    await world.visitor().password("nobody", WRONG);
    await world.auth.disableAccount("alice");
    const events = reported();
    expect(events.map(({ type }) => type)).toEqual([
      "password-refused",
      "password-refused",
      "account-disabled",
    ]);
    for (const event of events) expect(event.session).toBeUndefined();
  });
});

describe("the session of an event", () => {
  it("is in no row, and is no part of one", async () => {
    await signInAndOut(world.visitor());
    const { session = "none" } = reported()[0] ?? {};
    const rows = await sqlOn(world, "select * from sessions");
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) {
      for (const hash of [row.id_hash, row.family].map(String)) {
        expect(hash).not.toContain(session);
        for (let at = 0; at + 8 <= hash.length; at++) expect(session).not.toContain(hash.slice(at, at + 8));
      }
    }
    expect(JSON.stringify(rows)).not.toContain(session);
  });
});
