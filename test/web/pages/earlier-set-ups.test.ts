/** The code of an earlier set-up, or of another authenticator, where a new one is set up: named, so that nobody types it again. */
import { beforeEach, describe, expect, it } from "vitest";
import { ENROLMENT_LIFETIME, ENROLMENT_RETENTION, MAX_EARLIER_ENROLMENTS } from "../../../src/auth/policy.js";
import { NEW_AUTHENTICATOR, replacingFirst } from "../../support/account-page.js";
import { appSecret } from "../../support/app-secret.js";
import { codeLines, expectRefusal, linesFor, refusalEvents, usedUntil } from "../../support/refused-codes.js";
import { CURRENT_CODES, setUp } from "../../support/sign-in.js";
import { reasonOn, secretOn, type Visitor } from "../../support/visitor.js";
import { openWorld, sharedDataDir, type World } from "../../support/world.js";
import { nextWrongCode } from "../../support/wrong-codes.js";

const FIRST = "Set up your authenticator app";

/** The pages of a session that set up an authenticator: where, and under which title. */
const PAGES: Record<string, { address: (visitor: Visitor) => Promise<string>; title: string }> = {
  "one more authenticator": { address: async () => NEW_AUTHENTICATOR, title: "Add another app" },
  "an authenticator in place of another": { address: replacingFirst, title: "Replace your app" },
};

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

/** A browser behind the password, and the secret that it is shown. */
async function begin(): Promise<{ visitor: Visitor; secret: string }> {
  const visitor = world.visitor();
  await visitor.password();
  return { visitor, secret: await visitor.secret() };
}

/** In a session that has an authenticator: its secret, and the browser. */
async function inSession(): Promise<{ visitor: Visitor; secret: string }> {
  const visitor = world.visitor();
  const secret = await setUp(world, visitor);
  return { visitor, secret };
}

describe("the code of an earlier set-up", () => {
  it("is told apart from a wrong one when the set-up was given up", async () => {
    const { visitor, secret: old } = await begin();
    await visitor.post("/logout");
    await visitor.password();
    const secret = await visitor.secret();
    expect(secret).not.toBe(old);
    for (const steps of [-1, 0, 1]) {
      const answer = await visitor.code(world.code(old, steps));
      expectRefusal(world, answer, FIRST, { reason: "earlier-qr", label: "test" });
      expect(secretOn(answer.text)).toBe(secret);
    }
    // Of an old secret no more is told.
    expectRefusal(world, await visitor.code(world.code(old, -5)), FIRST, { reason: "wrong" });
    expect((await visitor.code(world.code(secret))).headers.location).toBe(CURRENT_CODES);
    const ofEarlier: [string, string, number] = ["earlier-qr", "test", 3];
    expect(await codeLines(visitor)).toEqual(linesFor(["wrong"], ofEarlier));
    expect(refusalEvents(world)[0]).toEqual(["earlier-qr", "test"]);
  });

  it("is told apart in either browser when two set up at the same time", async () => {
    const one = await begin();
    const other = await begin();
    const inOne = await one.visitor.code(world.code(other.secret));
    expectRefusal(world, inOne, FIRST, { reason: "earlier-qr", label: "test (2)" });
    const inOther = await other.visitor.code(world.code(one.secret));
    expectRefusal(world, inOther, FIRST, { reason: "earlier-qr", label: "test" });
    expect((await one.visitor.code(world.code(one.secret))).headers.location).toBe(CURRENT_CODES);
  });

  it("is remembered for seven days", async () => {
    const { visitor, secret: old } = await begin();
    await visitor.post("/logout");
    world.advance(ENROLMENT_RETENTION);
    await world.auth.prune();
    const late = await begin();
    await late.visitor.code(nextWrongCode(world, old));
    const known = await late.visitor.code(world.code(old));
    expectRefusal(world, known, FIRST, { reason: "earlier-qr", label: "test" });
    world.advance(1);
    await world.auth.prune();
    await late.visitor.code(nextWrongCode(world, old));
    expectRefusal(world, await late.visitor.code(world.code(old)), FIRST, { reason: "wrong" });
    expect(secretOn((await late.visitor.get("/login/2fa")).text)).toBe(late.secret);
  });

  it("is remembered among the last five", async () => {
    const secrets: string[] = [];
    for (let tries = 0; tries <= MAX_EARLIER_ENROLMENTS; tries++) {
      const { visitor, secret } = await begin();
      secrets.push(secret);
      await visitor.post("/logout");
    }
    const { visitor } = await begin();
    const [sixthLast = "", fifthLast = ""] = secrets;
    const known = await visitor.code(world.code(fifthLast));
    expectRefusal(world, known, FIRST, { reason: "earlier-qr", label: "test (2)" });
    expectRefusal(world, await visitor.code(world.code(sixthLast)), FIRST, { reason: "wrong" });
  });

  it("is nothing but wrong when it is of somebody else's account", async () => {
    const { secret: old } = await begin();
    await world.auth.createAccount({ username: "alice", password: "correct horse battery" });
    const alice = world.visitor();
    await alice.password("alice", "correct horse battery");
    await alice.secret();
    expectRefusal(world, await alice.code(world.code(old)), FIRST, { reason: "wrong" });
  });

  it.each(Object.entries(PAGES))(
    "is told apart when the set-up of %s began an hour ago in this session",
    async (_which, { address: addressFor, title }) => {
      const { visitor, secret } = await inSession();
      const address = await addressFor(visitor);
      const old = secretOn((await visitor.get(address)).text);
      for (let half = 0; half < 2; half++) {
        world.advance(ENROLMENT_LIFETIME / 2);
        await visitor.confirm("password", world.code(secret));
      }
      world.advance(1);
      const shown = secretOn((await visitor.get(address)).text);
      expect(shown).not.toBe(old);
      const answer = await visitor.post(address, { name: "", otp: world.code(old) });
      expectRefusal(world, answer, title, { reason: "earlier-qr", label: "test (2)" });
      expect(secretOn(answer.text)).toBe(shown);
      expect((await visitor.post(address, { name: "", otp: world.code(shown) })).status).toBe(303);
    },
  );

  it("is forgotten when the key that sealed its secret is gone, and the set-up goes on", async () => {
    const DATA_DIR = sharedDataDir();
    const [lost, kept] = [appSecret("for a day"), appSecret("another")];
    await openWorld({ DATA_DIR, APP_SECRETS: kept });
    const before = await openWorld({ DATA_DIR, APP_SECRETS: `${lost},${kept}` });
    const person = before.visitor();
    await person.password();
    const old = await person.secret();
    const after = await openWorld({ DATA_DIR, APP_SECRETS: kept });
    const visitor = after.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    for (const code of ["000000", after.code(old)])
      expectRefusal(after, await visitor.code(code), FIRST, { reason: "wrong" });
    expect((await visitor.code(after.code(secret))).headers.location).toBe(CURRENT_CODES);
  });
});

describe("the code of another authenticator", () => {
  it.each(Object.entries(PAGES))(
    "is named and spent when it is typed for %s",
    async (_which, { address: addressFor, title }) => {
      const { visitor, secret } = await inSession();
      const id = (await replacingFirst(visitor)).split("=")[1];
      await visitor.post(`/account/authenticators/${id}/rename`, { name: "Tom & Jerry's" });
      const address = await addressFor(visitor);
      const shown = secretOn((await visitor.get(address)).text);
      const answer = await visitor.post(address, { name: "Pixel 9", otp: world.code(secret) });
      expectRefusal(world, answer, title, { reason: "other-authenticator", name: "Tom & Jerry's" });
      expect(answer.text).toContain("<b>Tom &amp; Jerry&#39;s</b>,");
      expect(secretOn(answer.text)).toBe(shown);
      expect(refusalEvents(world)).toEqual([["other-authenticator", "Tom & Jerry's"]]);

      const other = world.visitor();
      await other.password();
      const again = await other.code(world.code(secret));
      expectRefusal(world, again, "Enter your code", usedUntil(world, 20_000));
      expect((await visitor.post(address, { name: "Pixel 9", otp: world.code(shown) })).status).toBe(303);
      expect(await codeLines(visitor)).toEqual(linesFor(["used"], ["other-authenticator", "Tom & Jerry's"]));
    },
  );

  it("is named also when it was used", async () => {
    const { visitor, secret } = await inSession();
    const code = world.code(secret);
    await visitor.confirm("password", code);
    await visitor.get(NEW_AUTHENTICATOR);
    const answer = await visitor.post(NEW_AUTHENTICATOR, { name: "", otp: code });
    expect(reasonOn(answer.text)).toBe("other-authenticator");
    expect(refusalEvents(world).at(-1)).toEqual(["other-authenticator", "Authenticator app"]);
  });
});
