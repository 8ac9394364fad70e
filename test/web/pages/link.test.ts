/** The page of a one-time link: for whom and what, one password, and straight on to the second step. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  addWithoutPassword,
  CHOSEN,
  ENDED,
  invited,
  newLink,
  OPEN,
  stateOf,
  use,
} from "../../support/links.js";
import { newestLine } from "../../support/operator.js";
import { isSignedIn, newOwner, PASSWORD } from "../../support/owner.js";
import { setUpWithSheet, signIn } from "../../support/sign-in.js";
import { messagesOn, reasonOn } from "../../support/visitor.js";
import { openWorld, type World } from "../../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off", CONTACT: "help@example.org" });
});

const purposeOn = (html: string) => /data-purpose="([^"]*)"/.exec(html)?.[1];

describe("an invitation", () => {
  it("says for whom it is and asks for a new password", async () => {
    const { status, text } = await world.visitor().get(await invited(world));
    expect(status).toBe(200);
    expect(purposeOn(text)).toBe("invitation");
    expect(text).toContain("<b>anna</b>");
    expect(text).toMatch(/<input[^>]* name="username" autocomplete="username" value="anna"/);
    expect(text).toMatch(/id="new_password" name="new_password" type="password" autocomplete="new-password"/);
  });

  it("leads to the set-up and, after a code, to a session", async () => {
    const path = await invited(world);
    const visitor = world.visitor();
    await use(visitor, path);
    expect(await isSignedIn(visitor)).toBe(false);
    await visitor.code(world.code(await visitor.secret()));
    expect(await isSignedIn(visitor)).toBe(true);
    world.advance(30_000);
    const { secret } = await setUpAgain();
    expect(secret).toBeDefined();
  });

  /** The password that was chosen opens the account in another browser. */
  async function setUpAgain() {
    const other = world.visitor();
    const answer = await other.password("anna", CHOSEN);
    expect(answer.headers.location).toBe("/login/2fa");
    return { secret: (await other.get("/login/2fa")).text };
  }

  it("refuses a weak password by the rules for owners, and stays open", async () => {
    const path = await invited(world);
    const visitor = world.visitor();
    for (const [password, reason] of [
      ["short", "too-short"],
      ["password", "common"],
      ["latchkey1", "name"],
      ["x".repeat(1_025), "too-long"],
    ] as const) {
      const answer = await visitor.post(path, { new_password: password });
      expect({ status: answer.status, reason: reasonOn(answer.text) }).toEqual({ status: 422, reason });
    }
    expect(await stateOf(world, path)).toEqual(OPEN);
    await use(visitor, path);
  });

  it("is written into the owner's history: who made it, that it was used, and the password by a link", async () => {
    const id = await addWithoutPassword(world);
    await use(world.visitor(), await newLink(world, "anna"));
    const lines = await world.store.history.of(id, 10, 0);
    expect(lines.map(({ type, reason, byKind }) => [type, reason, byKind])).toEqual([
      ["password-changed", "link", null],
      ["link-used", "invitation", null],
      ["link-made", "invitation", "host"],
    ]);
    expect(JSON.stringify(world.events)).not.toContain("/link/");
  });

  it("is in the events, with who made it", async () => {
    await use(world.visitor(), await invited(world));
    expect(world.events.map(({ type, by }) => [type, by?.kind])).toEqual([
      ["link-made", "host"],
      ["link-used", undefined],
      ["password-changed", undefined],
    ]);
  });
});

describe("a link for a new password", () => {
  it("keeps the old password until it is used, then asks for a code", async () => {
    const { secret } = await newOwner(world);
    const path = await newLink(world, "alice", "passwordLink");
    await signIn(world, world.visitor(), secret, "alice", PASSWORD);
    const visitor = world.visitor();
    expect(purposeOn((await visitor.get(path)).text)).toBe("password");
    await use(visitor, path, { new_password: "another horse battery" });
    expect(await isSignedIn(visitor)).toBe(false);
    await visitor.code(world.code(secret));
    expect(await isSignedIn(visitor)).toBe(true);
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
  });

  it("signs out everywhere else, and forgets trusted and known browsers", async () => {
    const { visitor: before, secret } = await newOwner(world);
    const trusted = world.visitor();
    await trusted.password("alice", PASSWORD);
    await trusted.code(world.code(secret), { trust_device: "on" });
    await use(world.visitor(), await newLink(world, "alice", "passwordLink"));
    expect(await isSignedIn(before)).toBe(false);
    await trusted.post("/logout");
    const answer = await trusted.password("alice", CHOSEN);
    expect(answer.headers.location).toBe("/login/2fa");
  });

  it("clears failed passwords", async () => {
    await newOwner(world);
    const guesser = world.visitor();
    for (let n = 0; n < 6; n++) await guesser.password("alice", "wrong");
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(429);
    await use(world.visitor(), await newLink(world, "alice", "passwordLink"));
    expect((await world.visitor().password("alice", CHOSEN)).status).toBe(303);
  });

  it("is an invitation for an account that has no password", async () => {
    await addWithoutPassword(world);
    const { text } = await world.visitor().get(await newLink(world, "anna", "passwordLink"));
    expect(purposeOn(text)).toBe("invitation");
  });
});

describe("the link of a reset", () => {
  it("asks for the account's own password and leads to a new set-up", async () => {
    const { secret, id } = await newOwner(world);
    const path = await newLink(world, "alice", "resetSecondFactor");
    const visitor = world.visitor();
    const { text } = await visitor.get(path);
    expect(purposeOn(text)).toBe("reset");
    expect(text).toMatch(/id="password" name="password" type="password" autocomplete="current-password"/);
    await use(visitor, path, { password: PASSWORD });
    expect(await visitor.secret()).not.toBe(secret);
    await visitor.code(world.code(await visitor.secret()));
    expect(await isSignedIn(visitor)).toBe(true);
    expect((await newestLine(world, id)).line).toMatchObject({ type: "signed-in" });
  });

  it("refuses a wrong password and stays open", async () => {
    await newOwner(world);
    const path = await newLink(world, "alice", "resetSecondFactor");
    for (const password of ["wrong", "", "x".repeat(5_000)]) {
      const answer = await world.visitor().post(path, { password, new_password: CHOSEN });
      expect({ status: answer.status, reason: reasonOn(answer.text) }).toEqual({
        status: 401,
        reason: "refused",
      });
    }
    expect(await stateOf(world, path)).toEqual(OPEN);
  });

  it("is an invitation for an account that has no password, and none for the demo account", async () => {
    await addWithoutPassword(world);
    const { text } = await world.visitor().get(await newLink(world, "anna", "resetSecondFactor"));
    expect(purposeOn(text)).toBe("invitation");
    const demo = await openWorld();
    const account = await demo.store.accounts.byUsername("test");
    expect(await demo.auth.resetSecondFactor(account?.id ?? "")).toMatchObject({ outcome: "done" });
    await setUpWithSheet(demo, demo.visitor());
  });

  it("lets anyone who closes the browser before the set-up go on by signing in", async () => {
    await newOwner(world);
    await use(world.visitor(), await newLink(world, "alice", "resetSecondFactor"), { password: PASSWORD });
    await setUpWithSheet(world, world.visitor(), "alice", PASSWORD);
  });

  it("gives way to a link for a new password, which lifts the need too", async () => {
    await newOwner(world);
    const reset = await newLink(world, "alice", "resetSecondFactor");
    const visitor = world.visitor();
    await use(visitor, await newLink(world, "alice", "passwordLink"));
    expect(await stateOf(world, reset)).toEqual(ENDED);
    await visitor.code(world.code(await visitor.secret()));
    expect(await isSignedIn(visitor)).toBe(true);
  });
});

describe("the second step after a reset, without the link", () => {
  it("says that the link is needed, whom to ask, and does nothing with a code", async () => {
    const { secret } = await newOwner(world);
    await newLink(world, "alice", "resetSecondFactor");
    const visitor = world.visitor();
    await visitor.password("alice", PASSWORD);
    const { status, text } = await visitor.get("/login/2fa");
    expect({ status, reason: reasonOn(text) }).toEqual({ status: 200, reason: "link-needed" });
    expect(text).toContain("help@example.org");
    expect(text).not.toContain('id="key"');
    for (const path of ["/login/2fa", "/login/recovery-code"]) {
      const answer = await visitor.post(path, { otp: world.code(secret), recovery_code: "0".repeat(17) });
      expect(answer.headers.location).toBe("/login/2fa");
    }
    expect((await visitor.get("/login/recovery-code")).headers.location).toBe("/login/2fa");
    expect(await isSignedIn(visitor)).toBe(false);
  });
});

describe("a link that is closed", () => {
  it("leads on where the browser has used it, and others to the sign-in", async () => {
    const path = await invited(world);
    const visitor = world.visitor();
    await use(visitor, path);
    const onward = async (who: typeof visitor) =>
      /class="btn btn-primary" href="([^"]*)"/.exec((await who.get(path)).text)?.[1];
    expect(await onward(visitor)).toBe("/login/2fa");
    await visitor.code(world.code(await visitor.secret()));
    expect(await onward(visitor)).toBe("/");
    expect(await onward(world.visitor())).toBe("/login");
  });

  it("answers a form that was sent twice like a look at it", async () => {
    const path = await invited(world);
    await use(world.visitor(), path);
    const again = await world.visitor().post(path, { new_password: CHOSEN });
    expect({ status: again.status, reason: reasonOn(again.text) }).toEqual({ status: 410, reason: "used" });
  });
});

describe("a browser that is signed in as somebody else", () => {
  it("says so, and goes on only by the form, under a new session id", async () => {
    const { visitor } = await newOwner(world, "bob");
    const path = await invited(world);
    const { text } = await visitor.get(path);
    expect(text).toMatch(/signed in as <b>bob<\/b>/);
    expect(await isSignedIn(visitor)).toBe(true);
    const before = cookieOf(visitor);
    await use(visitor, path);
    expect(cookieOf(visitor)).not.toBe(before);
    expect(await isSignedIn(visitor)).toBe(false);
    await visitor.code(world.code(await visitor.secret()));
    const account = await visitor.get("/account");
    expect(account.text).toContain("anna");
    expect(account.text).not.toContain("bob");
    const old = world.visitor({ Cookie: `latchkey=${before}` });
    expect((await old.get("/account")).status).toBe(303);
    expect(messagesOn(account.text)).toEqual([]);
  });

  const cookieOf = (visitor: ReturnType<World["visitor"]>) =>
    visitor.agent.jar.getCookie("latchkey", { domain: "127.0.0.1", path: "/", secure: false, script: false })
      ?.value;
});
