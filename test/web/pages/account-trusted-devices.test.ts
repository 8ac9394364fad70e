/** Trusted browsers on the account page: told apart, and trusted no more when their owner says so. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../src/auth/policy.js";
import { rowsUnder } from "../../support/page-text.js";
import { setUp } from "../../support/sign-in.js";
import { messagesOn, type Visitor } from "../../support/visitor.js";
import { HOUR, openWorld, type World } from "../../support/world.js";

const DAY = 24 * HOUR;
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor({ "User-Agent": FIREFOX });
  secret = await setUp(world, visitor);
  await visitor.post("/logout");
});

/** Signs in with the box ticked, and out again. */
async function trust(person = visitor) {
  await person.password();
  const answer = await person.code(world.code(secret), { trust_device: "on" });
  if (answer.status !== 303) throw new Error(`Signing in failed with ${answer.status}.`);
  await person.post("/logout");
  world.advance(30_000);
}

/** The rows of the table: their words, and the address of each row's form. */
const devices = async () => rowsUnder("trusted-devices", (await visitor.get("/account")).text);

describe("the list of trusted browsers", () => {
  it("names device, address, times and last use of each", async () => {
    await trust();
    world.advance(2 * DAY + HOUR);
    await visitor.password();
    const [device, ...others] = await devices();
    expect(others).toEqual([]);
    expect(device?.words).toMatch(/^Firefox on Linux /);
    expect(device?.words).toMatch(/127\.0\.0\.1|::1/);
    expect(device?.words).toMatch(
      /, used 26 Nov 2026 Until 24 Dec 2026 Stop trusting browser 1, Firefox on Linux$/,
    );
  });

  it("says that each sign-in asks for a code when it is empty", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await devices()).toEqual([]);
    expect((await visitor.get("/account")).text).toContain("No browser skips the code.");
  });

  it("holds a browser once, however often its box was ticked", async () => {
    await trust();
    await visitor.post("/logout");
    world.advance(DEFAULT_POLICY.trustedDevice);
    await trust();
    await visitor.password();
    expect(await devices()).toHaveLength(1);
  });

  it("stops trusting one browser, which is asked for a code at its next sign-in, and no other", async () => {
    const tablet = world.visitor({ "User-Agent": "Tablet/1.0" });
    await trust();
    await trust(tablet);
    await visitor.password();
    const listed = await devices();
    expect(listed.map(({ words }) => words)).toEqual([
      expect.stringMatching(/^Tablet/),
      expect.stringMatching(/^Firefox/),
    ]);
    const answer = await visitor.post(listed[0]?.action ?? "");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account");
    expect(messagesOn((await visitor.get("/account")).text)).toContain("account-not-trusted");
    expect(await devices()).toHaveLength(1);
    expect((await tablet.password()).headers.location).toBe("/login/2fa");
    await visitor.post("/logout");
    expect((await visitor.password()).headers.location).toBe("/");
  });

  it("gives the same answer for a device that never existed and one that is trusted no more", async () => {
    await trust();
    await visitor.password();
    await visitor.get("/account");
    expect((await visitor.post("/account/trusted-devices/nobody/forget")).headers.location).toBe("/account");
    expect(messagesOn((await visitor.get("/account")).text)).toContain("account-not-trusted-already");
  });
});
