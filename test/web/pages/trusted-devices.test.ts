/** Trusted devices: browsers that sign in with the password alone for a while, listed, and forgotten. */
import { beforeEach, describe, expect, it } from "vitest";
import { setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
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
  world.wait(30_000);
}

/** The rows of the table, as words and with the address of each row's form. */
async function devices(person = visitor) {
  const { text } = await person.get("/account");
  const section = text.split('<h2 id="trusted-devices">')[1]?.split("</section>")[0] ?? "";
  const table = /<tbody>(.*?)<\/tbody>/s.exec(section)?.[1] ?? "";
  return table
    .split("</tr>")
    .slice(0, -1)
    .map((row) => ({
      words: row
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
      forget: /action="([^"]+)"/.exec(row)?.[1] ?? "",
    }));
}

describe("the box on the code page", () => {
  it("says for how long, and warns of shared computers", async () => {
    await visitor.password();
    const { text } = await visitor.get("/login/2fa");
    expect(text).toMatch(/name="trust_device" type="checkbox"/);
    expect(text).not.toMatch(/name="trust_device"[^>]*checked/);
    expect(text).toContain("30 days");
    expect(text).toContain("shared computer");
  });

  it("says what TRUSTED_DEVICE says", async () => {
    const week = await openWorld({ TRUSTED_DEVICE: "7d" });
    const person = week.visitor();
    await setUp(week, person);
    await person.post("/logout");
    await person.password();
    expect((await person.get("/login/2fa")).text).toContain("7 days");
    await week.close();
  });

  it("left alone trusts nothing", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    await visitor.post("/logout");
    expect((await visitor.password()).headers.location).toBe("/login/2fa");
  });

  it("is not there where TRUSTED_DEVICE is 0, and counts for nothing", async () => {
    const strict = await openWorld({ TRUSTED_DEVICE: "0" });
    const person = strict.visitor();
    const theirs = await setUp(strict, person);
    await person.post("/logout");
    await person.password();
    expect((await person.get("/login/2fa")).text).not.toContain("trust_device");
    const answer = await person.code(strict.code(theirs), { trust_device: "on" });
    expect(JSON.stringify(answer.headers["set-cookie"])).not.toContain("latchkey_trusted");
    expect((await person.get("/account")).text).toContain("no device is trusted");
    await person.post("/logout");
    expect((await person.password()).headers.location).toBe("/login/2fa");
    await strict.close();
  });
});

describe("a trusted device", () => {
  it("signs in with the password alone, and leads to where one was going", async () => {
    await trust();
    const answer = await visitor.password("test", "password", { next: "/account/history" });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account/history");
    expect((await visitor.get("/account/history")).text).toContain(
      "Your last sign-in was on 24 November 2026",
    );
    expect((await visitor.get("/account")).text).toContain("your password and a trusted device");
  });

  it("still takes the right password", async () => {
    await trust();
    expect((await visitor.password("test", "wrong")).status).toBe(401);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("is this browser alone", async () => {
    await trust();
    expect((await world.visitor().password()).headers.location).toBe("/login/2fa");
  });

  it("asks to confirm before a sensitive change: nothing was proved anew", async () => {
    await trust();
    await visitor.password();
    expect((await visitor.get("/account/password")).headers.location).toBe(
      "/confirm?next=%2Faccount%2Fpassword",
    );
    await visitor.confirm("password", world.code(secret));
    expect((await visitor.get("/account/password")).status).toBe(200);
  });

  it("is one for thirty days, however often it is used", async () => {
    await trust();
    for (let day = 1; day <= 29; day++) {
      world.wait(DAY);
      expect((await visitor.password()).headers.location).toBe("/");
      await visitor.post("/logout");
    }
    world.wait(DAY);
    expect((await visitor.password()).headers.location).toBe("/login/2fa");
    await visitor.code(world.code(secret));
    expect(await devices()).toHaveLength(0);
  });
});

describe("the list of trusted devices", () => {
  it("names device, address, times and last use", async () => {
    await trust();
    world.wait(2 * DAY + HOUR);
    await visitor.password();
    const [device, ...others] = await devices();
    expect(others).toEqual([]);
    expect(device?.words).toMatch(/^Firefox on Linux /);
    expect(device?.words).toMatch(/127\.0\.0\.1|::1/);
    expect(device?.words).toContain("24 November 2026 until 24 December 2026");
    expect(device?.words).toContain("26 November 2026 at 13:01 UTC");
  });

  it("has a text of its own while there is none", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    expect(await devices()).toEqual([]);
    expect((await visitor.get("/account")).text).toContain("Each sign-in asks for a code");
  });

  it("has a browser once, however often the box was ticked there", async () => {
    await trust();
    await visitor.post("/logout");
    world.wait(30 * DAY);
    await trust();
    await visitor.password();
    expect(await devices()).toHaveLength(1);
  });

  it("forgets one: it asks for a code at the next sign-in, and others do not", async () => {
    const tablet = world.visitor({ "User-Agent": "Tablet/1.0" });
    await trust();
    await trust(tablet);
    await visitor.password();
    const listed = await devices();
    expect(listed.map(({ words }) => words)).toEqual([
      expect.stringMatching(/^Tablet/),
      expect.stringMatching(/^Firefox/),
    ]);
    const answer = await visitor.post(listed[0]?.forget ?? "");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("That device is not trusted any more");
    expect(await devices()).toHaveLength(1);
    expect((await tablet.password()).headers.location).toBe("/login/2fa");
    await visitor.post("/logout");
    expect((await visitor.password()).headers.location).toBe("/");
  });

  it("gives the same answer for one that never existed and one already forgotten", async () => {
    await trust();
    await visitor.password();
    expect((await visitor.post("/account/trusted-devices/nobody/forget")).headers.location).toBe("/account");
    expect((await visitor.get("/account")).text).toContain("That device was no longer trusted.");
  });
});

describe("no device is trusted any more", () => {
  it("after a change of the password", async () => {
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

  it("after a reset by the operator", async () => {
    await trust();
    await world.auth.resetSecondFactor("test");
    expect((await visitor.password()).headers.location).toBe("/login/2fa");
  });
});
