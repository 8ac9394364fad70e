/** Sessions: the browsers that are signed in, told apart by device, address and times, and ended from the account page. */
import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, setUp, signIn } from "../../support/sign-in.js";
import { HOUR, MINUTE, openWorld, type World } from "../../support/world.js";

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
  world.wait(15 * MINUTE);
  const visitor = browser(SAFARI, "2001:db8::5");
  await signIn(world, visitor, secret, alice.username, alice.password);
  return visitor;
}

/** The rows of the table, as words and with the address of each row's form. */
async function sessionsSeenBy(visitor: typeof laptop) {
  const { text } = await visitor.get("/account");
  const table = /<h2 id="sessions">.*?<tbody>(.*?)<\/tbody>/s.exec(text)?.[1] ?? "";
  return table
    .split("</tr>")
    .slice(0, -1)
    .map((row) => ({
      words: row
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
      end: /action="([^"]+)"/.exec(row)?.[1] ?? "",
    }));
}

describe("the list of sessions", () => {
  it("names device, address, start and last request of each, this one first and marked", async () => {
    const mobile = await phone();
    world.wait(20 * MINUTE);
    expect((await sessionsSeenBy(laptop)).map(({ words }) => words)).toEqual([
      expect.stringMatching(
        /^Firefox on Linux [Tt]his browser 203\.0\.113\.7 24 November 2026 at 12:00 UTC 24 November 2026 at 12:36 UTC End/,
      ),
      expect.stringMatching(
        /^Safari on iPhone 2001:db8::5 24 November 2026 at 12:15 UTC 24 November 2026 at 12:15 UTC End/,
      ),
    ]);
    const [first, second] = await sessionsSeenBy(mobile);
    expect(first?.words).toMatch(/^Safari on iPhone [Tt]his browser/);
    expect(second?.words).toMatch(/^Firefox on Linux 203/);
  });

  it("shows no pending logins, and nobody else's", async () => {
    await browser(SAFARI, "198.51.100.1").password(alice.username, alice.password);
    const bob = await addAccount(world, "bob");
    await setUp(world, browser(SAFARI, "198.51.100.2"), bob.username, bob.password);
    expect(await sessionsSeenBy(laptop)).toHaveLength(1);
  });

  it("forgets those that were signed out, or ended by themselves", async () => {
    const mobile = await phone();
    expect(await sessionsSeenBy(laptop)).toHaveLength(2);
    await mobile.post("/logout");
    expect(await sessionsSeenBy(laptop)).toHaveLength(1);

    await phone();
    await laptop.get("/");
    world.wait(50 * MINUTE);
    expect(await sessionsSeenBy(laptop)).toHaveLength(2);
    world.wait(10 * MINUTE);
    expect(await sessionsSeenBy(laptop)).toHaveLength(1);
  });

  it("forgets those whose day is over, however busy they are", async () => {
    const mobile = await phone();
    for (let half = 0; half < 47; half++) {
      world.wait(30 * MINUTE);
      await Promise.all([laptop.get("/"), mobile.get("/")]);
    }
    world.wait(20 * MINUTE);
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

describe("ending a session", () => {
  it("signs that browser out at once, and no other", async () => {
    const mobile = await phone();
    const [, other] = await sessionsSeenBy(laptop);
    const answer = await laptop.post(other?.end ?? "");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account");
    expect((await laptop.get("/account")).text).toContain(
      "That session has ended: the browser is signed out",
    );
    expect((await mobile.get("/account")).headers.location).toContain("/login?notice=sign-in");
    expect(await sessionsSeenBy(laptop)).toHaveLength(1);
  });

  it("of this browser signs it out", async () => {
    const mobile = await phone();
    const [own] = await sessionsSeenBy(laptop);
    const answer = await laptop.post(own?.end ?? "");
    expect(answer.headers.location).toBe("/login?notice=signed-out");
    expect((await laptop.get("/login?notice=signed-out")).text).toContain("You are signed out");
    expect((await laptop.get("/account")).status).toBe(303);
    expect((await mobile.get("/account")).status).toBe(200);
  });

  it("that has ended, or never existed, gets the same answer", async () => {
    await phone();
    const [, other] = await sessionsSeenBy(laptop);
    await laptop.post(other?.end ?? "");
    await laptop.get("/account");
    for (const end of [other?.end ?? "", "/account/sessions/nobody/end"]) {
      expect((await laptop.post(end)).headers.location).toBe("/account");
      expect((await laptop.get("/account")).text).toContain("That session had already ended.");
    }
    expect((await laptop.get("/account")).status).toBe(200);
  });
});

describe("ending all others", () => {
  it("signs every other browser out, pending logins too, and leaves this one", async () => {
    const others = [await phone(), await phone()];
    const pending = browser(SAFARI, "198.51.100.1");
    await pending.password(alice.username, alice.password);
    const answer = await laptop.post("/account/sessions/end-others");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account");
    expect((await laptop.get("/account")).text).toContain(
      "Every other session has ended: only this browser is signed in",
    );
    for (const other of others) expect((await other.get("/account")).status).toBe(303);
    expect((await pending.code(world.code(secret))).headers.location).toContain("/login?notice=");
  });

  it("is offered only where there is another, and does no harm where there is none", async () => {
    expect((await laptop.get("/account")).text).not.toContain("end-others");
    await phone();
    expect((await laptop.get("/account")).text).toContain('action="/account/sessions/end-others"');
    await laptop.post("/account/sessions/end-others");
    expect((await laptop.get("/account")).text).not.toContain('action="/account/sessions/end-others"');
    await laptop.post("/account/sessions/end-others");
    expect((await laptop.get("/account")).text).toContain("only this browser is signed in");
  });

  it("needs no new proof of both factors: whoever fears a stranger acts at once", async () => {
    const mobile = await phone();
    world.wait(HOUR / 2);
    await laptop.post("/account/sessions/end-others");
    expect((await mobile.get("/account")).status).toBe(303);
  });
});
