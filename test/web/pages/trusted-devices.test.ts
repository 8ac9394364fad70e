/** Trusted devices: the box on the code page, and browsers that sign in with the password alone for a while. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../src/auth/policy.js";
import { rowsUnder } from "../../support/page-text.js";
import { setUp } from "../../support/sign-in.js";
import { messagesOn, type Visitor } from "../../support/visitor.js";
import { HOUR, openWorld, type World } from "../../support/world.js";

const DAY = 24 * HOUR;

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
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

describe("the box on the code page", () => {
  it("is empty at first, says for how long, and warns of shared computers", async () => {
    await visitor.password();
    const { text } = await visitor.get("/login/2fa");
    expect(text).toMatch(/name="trust_device" type="checkbox"/);
    expect(text).not.toMatch(/name="trust_device"[^>]*checked/);
    expect(text).toContain("30 days");
    expect(text).toContain("Only on a device of your own");
  });

  it("says the time of TRUSTED_DEVICE", async () => {
    const week = await openWorld({ TRUSTED_DEVICE: "7d" });
    const person = week.visitor();
    await setUp(week, person);
    await person.post("/logout");
    await person.password();
    expect((await person.get("/login/2fa")).text).toContain("7 days");
  });

  it("trusts nothing when it is left empty", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    await visitor.post("/logout");
    expect((await visitor.password()).headers.location).toBe("/login/2fa");
  });

  it("is missing, and counts for nothing, when TRUSTED_DEVICE is 0", async () => {
    const strict = await openWorld({ TRUSTED_DEVICE: "0" });
    const person = strict.visitor();
    const theirs = await setUp(strict, person);
    await person.post("/logout");
    await person.password();
    expect((await person.get("/login/2fa")).text).not.toContain("trust_device");
    const answer = await person.code(strict.code(theirs), { trust_device: "on" });
    expect(JSON.stringify(answer.headers["set-cookie"])).not.toContain("latchkey_trusted");
    expect((await person.get("/account")).text).toContain("No browser is trusted here");
    await person.post("/logout");
    expect((await person.password()).headers.location).toBe("/login/2fa");
  });
});

describe("a trusted device", () => {
  it("signs in with the password alone, and leads to the wanted page", async () => {
    await trust();
    const answer = await visitor.password("test", "password", { next: "/account/history" });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account/history");
    const { text } = await visitor.get("/account/history");
    expect(messagesOn(text)).toContain("signed-in-again");
    expect(text).toContain('data-event="signed-in" data-detail="password trusted-device"');
  });

  it("still needs the right password", async () => {
    await trust();
    expect((await visitor.password("test", "wrong")).status).toBe(401);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("is no other browser", async () => {
    await trust();
    expect((await world.visitor().password()).headers.location).toBe("/login/2fa");
  });

  it("asks for a step-up before a sensitive change", async () => {
    await trust();
    await visitor.password();
    expect((await visitor.get("/account/password")).headers.location).toBe(
      "/confirm?next=%2Faccount%2Fpassword",
    );
    await visitor.confirm("password", world.code(secret));
    expect((await visitor.get("/account/password")).status).toBe(200);
  });

  it("is trusted for thirty days, however often it is used", async () => {
    await trust();
    for (let day = 1; day < DEFAULT_POLICY.trustedDevice / DAY; day++) {
      world.advance(DAY);
      expect((await visitor.password()).headers.location).toBe("/");
      await visitor.post("/logout");
    }
    world.advance(DAY);
    expect((await visitor.password()).headers.location).toBe("/login/2fa");
    await visitor.code(world.code(secret));
    expect(await devices()).toHaveLength(0);
  });
});

describe("every trusted device", () => {
  it("is trusted no more after a change of the password", async () => {
    await trust();
    await visitor.password();
    await visitor.confirm("password", world.code(secret));
    await visitor.post("/account/password", {
      current_password: "password",
      new_password: "umbrella drawer",
    });
    expect(await devices()).toHaveLength(0);
    await visitor.post("/logout");
    expect((await visitor.password("test", "umbrella drawer")).headers.location).toBe("/login/2fa");
  });

  it("is trusted no more after a reset of the second factor", async () => {
    await trust();
    await world.auth.resetSecondFactor("test");
    expect((await visitor.password()).headers.location).toBe("/login/2fa");
  });
});
