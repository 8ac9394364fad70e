/** The message after signing in: when the last sign-in was, and how many attempts failed since. */
import { beforeEach, describe, expect, it } from "vitest";
import { proseOf } from "../../support/page-text.js";
import { addAccount, setUp, signIn } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { HOUR, openWorld, type World } from "../../support/world.js";

const DAY = 24 * HOUR;

let world: World;
let alice: { username: string; password: string };
let secret: string;
let laptop: Visitor;
beforeEach(async () => {
  world = await openWorld();
  alice = await addAccount(world, "alice");
  laptop = world.visitor();
  secret = await setUp(world, laptop, alice.username, alice.password);
});

/** Which message a page has, and how many failed attempts it tells of. */
function told(html: string) {
  const [, id, text = ""] = /data-message="(signed-in[^"]*)">(.*?)<\/div>/s.exec(html) ?? [];
  const failed = / (\d+) (?:failed attempt|attempt)/.exec(text.replace(/<time.*?<\/time>/s, ""))?.[1];
  return { id, failed: Number(failed ?? 0) };
}

/** Signs in with a code, and reads the page that this leads to. */
async function arrive(): Promise<string> {
  await signIn(world, laptop, secret, alice.username, alice.password);
  return (await laptop.get("/")).text;
}

/** Sets an authenticator up, and reads the sheet and the page after it. */
async function arriveAnew({ username, password }: typeof alice): Promise<string> {
  const browser = world.visitor();
  await browser.password(username, password);
  const sheet = await browser.code(world.code(await browser.secret()));
  return sheet.text + (await browser.get("/")).text;
}

describe("the message after signing in", () => {
  /** Refusals from elsewhere: a wrong password each. */
  async function refuse(times: number, username = "alice") {
    for (let n = 0; n < times; n++) await world.visitor().password(username, "wrong");
  }

  it("says when the last one was, and that none failed since", async () => {
    await laptop.post("/logout");
    world.advance(2 * DAY);
    const home = await arrive();
    expect(proseOf(home)).toContain("Last sign-in: 24 Nov 2026, 12:00 UTC. No failed attempts since then.");
    world.advance(HOUR);
    await laptop.post("/logout");
    expect(proseOf(await arrive())).toContain("Last sign-in: 26 Nov 2026, 12:00 UTC.");
  });

  it.each([
    [1, "1 failed attempt since then."],
    [4, "4 failed attempts since then."],
  ])("says so when %i failed since, with a link to them", async (times, words) => {
    await laptop.post("/logout");
    await refuse(times);
    const home = await arrive();
    expect(proseOf(home)).toContain(
      `Last sign-in: 24 Nov 2026, 12:00 UTC. ${words} Was it you? See the history.`,
    );
    expect(home).toContain('href="/account/history?show=problems"');
  });

  it("counts each refusal once", async () => {
    await laptop.post("/logout");
    await refuse(2);
    expect(told(await arrive())).toEqual({ id: "signed-in-failed", failed: 2 });
    await laptop.post("/logout");
    expect(told(await arrive())).toEqual({ id: "signed-in-again", failed: 0 });
  });

  /** A pending login of this browser, with wrong codes. */
  async function slip(browser: Visitor, codes = ["000000", "000001"], { username, password } = alice) {
    await browser.password(username, password);
    await browser.get("/login/2fa");
    for (const otp of codes) expect((await browser.code(otp)).status).toBe(401);
  }

  const finish = async (browser: Visitor) => {
    expect((await browser.code(world.code(secret))).status).toBe(303);
    world.advance(30_000);
    return (await browser.get("/")).text;
  };

  it("leaves out the codes that were refused in this very sign-in, and counts all others", async () => {
    await laptop.post("/logout");
    await refuse(1);
    await slip(laptop, ["000000", "000001", "000001", "none", "000002"]);
    await slip(world.visitor(), ["000003"]);
    expect(told(await finish(laptop))).toEqual({ id: "signed-in-failed", failed: 2 });
  });

  it("leaves out the codes that were refused at the first set-up", async () => {
    const bob = await addAccount(world, "bob");
    const browser = world.visitor();
    await slip(browser, ["000000", "000001"], bob);
    const codes = await browser.code(world.code(await browser.secret()));
    expect(told(codes.text + (await browser.get("/")).text).failed).toBe(0);
  });

  it("leaves out recovery codes that were refused in this very sign-in", async () => {
    await laptop.post("/logout");
    await slip(laptop, []);
    expect((await laptop.recoveryCode("0000-0000-0000-00001")).status).toBe(401);
    expect(told(await finish(laptop))).toEqual({ id: "signed-in-again", failed: 0 });
  });

  it("counts the wrong codes of a sign-in that was given up", async () => {
    await laptop.post("/logout");
    await slip(laptop);
    await laptop.post("/logout");
    expect(told(await arrive())).toEqual({ id: "signed-in-failed", failed: 2 });
  });

  it("hides no stranger's refusals behind slips from before the last sign-in", async () => {
    const other = world.visitor();
    await slip(other);
    await signIn(world, world.visitor(), secret, "alice", alice.password);
    await refuse(3);
    expect(told(await finish(other))).toEqual({ id: "signed-in-failed", failed: 3 });
  });

  it("says what was refused before the first sign-in", async () => {
    const bob = await addAccount(world, "bob");
    await refuse(2, "bob");
    expect(told(await arriveAnew(bob))).toEqual({ id: "signed-in-first-failed", failed: 2 });
  });

  it("says nothing of attempts at the first sign-in when none was refused", async () => {
    const met = await arriveAnew(await addAccount(world, "bob"));
    expect(told(met)).toEqual({ id: undefined, failed: 0 });
  });

  it("says what was refused since when the operator has reset the second factor", async () => {
    await refuse(2);
    await world.auth.resetSecondFactor("alice", { withoutLink: true });
    const met = await arriveAnew(alice);
    expect(told(met)).toEqual({ id: "signed-in-failed", failed: 2 });
  });
});
