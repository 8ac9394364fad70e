/** Sessions on the account page: told apart by device, address and times, and revoked one by one or all at once. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../src/auth/policy.js";
import { rowsUnder } from "../../support/page-text.js";
import { addAccount, setUp, signIn } from "../../support/sign-in.js";
import { messagesOn } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

let world: World;
let alice: { username: string; password: string };
let secret: string;
let laptop: ReturnType<World["visitor"]>;

/** A browser behind the proxy: a device at an address. */
const browser = (device: string, address: string) =>
  world.visitor({ "User-Agent": device, "X-Forwarded-For": address });

beforeEach(async () => {
  world = await openWorld({ TRUST_PROXY: "loopback" });
  alice = await addAccount(world, "alice");
  laptop = browser(FIREFOX, "203.0.113.7");
  secret = await setUp(world, laptop, alice.username, alice.password);
});

/** Signs in on the phone, a quarter of an hour later. */
async function phone() {
  world.advance(15 * MINUTE);
  const visitor = browser(SAFARI, "2001:db8::5");
  await signIn(world, visitor, secret, alice.username, alice.password);
  return visitor;
}

/** The rows of the table: their words, and the address of each row's form. */
const sessionsSeenBy = async (visitor: typeof laptop) =>
  rowsUnder("sessions", (await visitor.get("/account")).text);

describe("the list of sessions", () => {
  it("names device, address, start and last request of each, with this browser first", async () => {
    const mobile = await phone();
    world.advance(20 * MINUTE);
    expect((await sessionsSeenBy(laptop)).map(({ words }) => words)).toEqual([
      expect.stringMatching(
        /^Firefox on Linux This browser 203\.0\.113\.7, since 12:00 UTC Now Sign out this browser, Firefox on Linux$/,
      ),
      expect.stringMatching(
        /^Safari on iPhone 2001:db8::5, since 12:15 UTC 24 Nov 2026, 12:15 UTC Sign out browser 2, Safari on iPhone$/,
      ),
    ]);
    const [first, second] = await sessionsSeenBy(mobile);
    expect(first?.words).toMatch(/^Safari on iPhone This browser/);
    expect(second?.words).toMatch(/^Firefox on Linux 203/);
  });

  it("holds no pending logins, and nobody else's sessions", async () => {
    await browser(SAFARI, "198.51.100.1").password(alice.username, alice.password);
    const bob = await addAccount(world, "bob");
    await setUp(world, browser(SAFARI, "198.51.100.2"), bob.username, bob.password);
    expect(await sessionsSeenBy(laptop)).toHaveLength(1);
  });

  it("drops a session that was signed out, or was idle for too long", async () => {
    const mobile = await phone();
    expect(await sessionsSeenBy(laptop)).toHaveLength(2);
    await mobile.post("/logout");
    expect(await sessionsSeenBy(laptop)).toHaveLength(1);

    await phone();
    await laptop.get("/");
    world.advance(50 * MINUTE);
    expect(await sessionsSeenBy(laptop)).toHaveLength(2);
    world.advance(10 * MINUTE);
    expect(await sessionsSeenBy(laptop)).toHaveLength(1);
  });

  it("drops a session a day after its sign-in, however busy it is", async () => {
    const mobile = await phone();
    for (let half = 0; half < 47; half++) {
      world.advance(30 * MINUTE);
      await Promise.all([laptop.get("/"), mobile.get("/")]);
    }
    world.advance(20 * MINUTE);
    expect((await laptop.get("/account")).status).toBe(303);
    expect(await sessionsSeenBy(mobile)).toHaveLength(1);
  });

  it("escapes what a browser calls itself", async () => {
    await signIn(
      world,
      browser("<script>alert(1)</script>/1.0", "203.0.113.9"),
      secret,
      alice.username,
      alice.password,
    );
    expect((await laptop.get("/account")).text).not.toContain("<script>alert");
    expect(await sessionsSeenBy(laptop)).toHaveLength(2);
  });
});

describe("revoking a session", () => {
  it("signs that browser out at once, and no other", async () => {
    const mobile = await phone();
    const [, other] = await sessionsSeenBy(laptop);
    const answer = await laptop.post(other?.action ?? "");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account");
    expect(messagesOn((await laptop.get("/account")).text)).toContain("account-signed-out-browser");
    expect((await mobile.get("/account")).headers.location).toContain("/login?notice=sign-in");
    expect(await sessionsSeenBy(laptop)).toHaveLength(1);
  });

  it("signs this browser out when the session is its own", async () => {
    const mobile = await phone();
    const [own] = await sessionsSeenBy(laptop);
    const answer = await laptop.post(own?.action ?? "");
    expect(answer.headers.location).toBe("/login?notice=signed-out");
    expect((await laptop.get("/account")).status).toBe(303);
    expect((await mobile.get("/account")).status).toBe(200);
  });

  it("gives the same answer when it has ended and when it never existed", async () => {
    await phone();
    const [, other] = await sessionsSeenBy(laptop);
    await laptop.post(other?.action ?? "");
    await laptop.get("/account");
    for (const end of [other?.action ?? "", "/account/sessions/nobody/end"]) {
      expect((await laptop.post(end)).headers.location).toBe("/account");
      expect(messagesOn((await laptop.get("/account")).text)).toContain("account-browser-gone");
    }
    expect((await laptop.get("/account")).status).toBe(200);
  });
});

describe("revoking all other sessions", () => {
  it("signs out every other browser, pending logins too, and keeps this one", async () => {
    const others = [await phone(), await phone()];
    const pending = browser(SAFARI, "198.51.100.1");
    await pending.password(alice.username, alice.password);
    const answer = await laptop.post("/account/sessions/end-others");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account");
    expect(messagesOn((await laptop.get("/account")).text)).toContain("account-signed-out-others");
    for (const other of others) expect((await other.get("/account")).status).toBe(303);
    expect((await pending.code(world.code(secret))).headers.location).toContain("/login?notice=");
  });

  it("is offered when there is another, and does no harm when there is none", async () => {
    expect((await laptop.get("/account")).text).not.toContain("end-others");
    await phone();
    expect((await laptop.get("/account")).text).toContain('action="/account/sessions/end-others"');
    await laptop.post("/account/sessions/end-others");
    expect((await laptop.get("/account")).text).not.toContain('action="/account/sessions/end-others"');
    await laptop.post("/account/sessions/end-others");
    expect((await laptop.get("/account")).text).toContain("alert-success");
  });

  it("needs no step-up, so that a worried owner can act at once", async () => {
    const mobile = await phone();
    world.advance(3 * DEFAULT_POLICY.stepUp);
    await laptop.post("/account/sessions/end-others");
    expect((await mobile.get("/account")).status).toBe(303);
  });
});
