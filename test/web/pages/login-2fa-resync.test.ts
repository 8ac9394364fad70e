/** Two codes in a row, as a person meets them whose phone's clock is off. */
import { beforeEach, describe, expect, it } from "vitest";
import { setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { MINUTE, openWorld, type World } from "../../support/world.js";
import { nextWrongCode } from "../../support/wrong-codes.js";

const PATH = "/login/2fa/resync";
const LINK = 'href="/login/2fa/resync"';

let world: World;
let visitor: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld({ RESYNC: "on", CONTACT: "help@example.org", PENDING_LOGIN: "30d" });
  visitor = world.visitor();
  secret = await setUp(world, visitor);
  await visitor.post("/logout");
  world.wait(20 * MINUTE);
});

/** What the app shows at a time, ten steps behind: five minutes. */
const behind = (steps = 0) => world.code(secret, -11 + steps);
const typePair = (otp: string, otp_next: string) => visitor.post(PATH, { otp, otp_next });

describe("the way to it", () => {
  it("is the same link on the code page after each kind of refusal", async () => {
    await visitor.password();
    expect((await visitor.get("/login/2fa")).text).not.toContain(LINK);
    await visitor.code(world.code(secret));
    await visitor.post("/logout");
    world.wait(5 * MINUTE);
    await visitor.password();
    const refusals = {
      "A code is six digits": "12345",
      "used already": world.code(secret, -10),
      "for 2 minutes ago": world.code(secret, -4),
      "was not accepted": world.code(secret, 9),
      "not accepted": nextWrongCode(world, secret),
    };
    const around: string[] = [];
    for (const [words, otp] of Object.entries(refusals)) {
      const { status, text } = await visitor.code(otp);
      expect(status).toBe(401);
      expect(text).toContain(words);
      around.push(/<p [^>]*><a href="\/login\/2fa\/resync">.*<\/p>/.exec(text)?.[0] ?? "none");
      await world.auth.unlockAccount("test");
    }
    expect(around[0]).toContain("Enter two codes in a row");
    expect(new Set(around)).toHaveLength(1);
  });

  it("stands beside what the refusal says, for a clock that is behind", async () => {
    await visitor.password();
    const { text } = await visitor.code(behind());
    expect(text).toContain("That code was for 5 minutes 30 seconds ago");
    expect(text).toContain(LINK);
  });

  it("is not there without the setting", async () => {
    const without = await openWorld();
    const other = without.visitor();
    await setUp(without, other);
    await other.post("/logout");
    await other.password();
    expect((await other.code("12345")).text).not.toContain("resync");
    await without.close();
  });
});

describe("the page", () => {
  it("asks for two codes, each with a label of its own, says which entry, and leads back", async () => {
    await visitor.password();
    const page = await visitor.get(PATH);
    expect(page.status).toBe(200);
    expect(page.text).toContain("<title>Enter two codes in a row");
    expect(page.text).toContain("<h1>Enter two codes in a row</h1>");
    expect(page.text).toMatch(/<label [^>]*for="otp">The code that your app shows now<\/label>/);
    expect(page.text).toMatch(/<label [^>]*for="otp_next">The code that comes next<\/label>/);
    for (const id of ["otp", "otp_next"]) {
      const [input = ""] = new RegExp(`<input [^>]*id="${id}"[^>]*>`).exec(page.text) ?? [];
      expect(input).toContain(`name="${id}"`);
      expect(input).toContain('inputmode="numeric"');
      expect(input).toContain("required");
      expect(input).not.toContain("aria-invalid");
      const [, described = ""] = /aria-describedby="([^"]+)"/.exec(input) ?? [];
      for (const hint of described.split(" ")) expect(page.text).toContain(`id="${hint}"`);
    }
    expect(page.text).toContain("<b>Latchkey: test</b> in <b>Authenticator app</b>");
    expect(page.text).toContain('href="/login/2fa"');
  });

  it("leads to the set-up before there is an authenticator, and to the password before a sign-in", async () => {
    await world.auth.addAccount("alice", "correct horse battery");
    const alice = world.visitor();
    expect((await alice.get(PATH)).headers.location).toMatch(/^\/login\?/);
    await alice.password("alice", "correct horse battery");
    const page = await alice.get(PATH);
    expect([page.status, page.headers.location]).toEqual([303, "/login/2fa"]);
  });

  it("is no place to be for someone who is signed in", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    expect((await visitor.get(PATH)).status).toBe(303);
  });

  it("shows each of several authenticators by the name that it has", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    const page = await visitor.get("/account/authenticators/new");
    const second = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
    await visitor.post("/account/authenticators/new", { name: "Pixel 9", otp: world.code(second) });
    await visitor.post("/logout");
    await visitor.password();
    const { text } = await visitor.get(PATH);
    expect(text).toContain("<b>Latchkey: test (2)</b> in <b>Pixel 9</b>");
    // Either will do.
    expect((await typePair(world.code(second, 4), world.code(second, 5))).headers.location).toBe("/");
    expect((await visitor.get("/account")).text.match(/Its clock /g)).toHaveLength(1);
  });
});

describe("two codes that are refused", () => {
  it("are told so at the first field, with our clock beside it, and typed anew", async () => {
    await visitor.password();
    const answer = await typePair(world.code(secret), world.code(secret));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: Enter two codes in a row");
    expect(answer.text).toContain("Those two codes were not accepted");
    const [input = ""] = /<input [^>]*id="otp"[^>]*>/.exec(answer.text) ?? [];
    expect(input).toContain('aria-invalid="true"');
    expect(input).toContain("otp-problem");
    expect(input).not.toContain("value=");
    expect(answer.text).toContain("Our clock says <b>");
    expect(answer.text).toContain("12:20:40 UTC");
    expect(answer.text).not.toContain(world.code(secret));
  });

  it.each([
    ["12345", "123456"],
    ["123456", ""],
    ["", ""],
    ["123456", "letters"],
  ])("because they are not six digits are told so, and not counted: %j and %j", async (otp, next) => {
    await visitor.password();
    for (let n = 0; n < 8; n++) {
      const answer = await typePair(otp, next);
      expect(answer.status).toBe(401);
      expect(answer.text).toContain("Both codes are six digits");
      expect(answer.text).toContain("nothing was counted against you");
    }
    expect((await typePair(behind(), behind(1))).headers.location).toBe("/");
  });

  it("five times are followed by a pause, with its length and a way back to this page", async () => {
    await visitor.password();
    for (let n = 0; n < 5; n++)
      expect((await typePair(nextWrongCode(world, secret), nextWrongCode(world, secret))).status).toBe(401);
    const answer = await typePair(behind(), behind(1));
    expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "60"]);
    expect(answer.text).toContain("Wait before the next code</h1>");
    expect(answer.text).toMatch(/<strong[^>]*>1 minute</);
    expect(answer.text).toContain('<a class="btn btn-primary" href="/login/2fa/resync">Enter two codes</a>');
    expect(answer.text).not.toContain('name="otp"');
    const shown = await visitor.get(PATH);
    expect([shown.status, shown.headers["retry-after"]]).toEqual([200, "60"]);
    world.wait(MINUTE);
    expect((await typePair(behind(), behind(1))).headers.location).toBe("/");
  });

  it("a hundred times leave it to the operator, whom the page names", async () => {
    await visitor.password();
    for (let n = 0; n < 100; n++) {
      if (n >= 5) world.wait(15 * MINUTE);
      await typePair(nextWrongCode(world, secret), nextWrongCode(world, secret));
    }
    world.wait(60 * MINUTE);
    const page = await visitor.get(PATH);
    expect(page.text).toContain("This account is locked</h1>");
    expect(page.text).toContain("help@example.org");
    expect(page.text).not.toContain('name="otp"');
    expect((await typePair(behind(), behind(1))).status).toBe(429);
  });

  it("because the time ran out lead back to the start, username kept", async () => {
    await visitor.password();
    world.wait(30 * 24 * 60 * MINUTE);
    expect((await typePair(behind(), behind(1))).headers.location).toBe("/login?notice=expired");
    expect((await visitor.get("/login?notice=expired")).text).toContain('value="test"');
  });
});

describe("two codes that are right", () => {
  it("lead to the page that was wanted", async () => {
    await visitor.password("test", "password", { next: "/account?tab=1&x=%2F" });
    const answer = await typePair(behind(), `${behind(1).slice(0, 3)} ${behind(1).slice(3)}`);
    expect([answer.status, answer.headers.location]).toEqual([303, "/account?tab=1&x=%2F"]);
    expect((await visitor.get("/account")).text).toContain(
      "your password and a code from your authenticator",
    );
  });

  it("stand in the history, and the account page says how far the clock is off", async () => {
    await visitor.password();
    expect((await typePair(behind(), behind(1))).headers.location).toBe("/");
    const history = await visitor.get("/account/history");
    expect(history.text).toContain("Two codes in a row have set the clock of Authenticator app right");
    expect(history.text).toContain("Signed in with your password and a code from your authenticator");
    expect((await visitor.get("/account")).text).toContain("Its clock is about 5 minutes behind");
  });

  it.each([
    [-1, "Its clock agrees with ours"],
    [5, "Its clock is about 3 minutes ahead"],
  ])("say it for a clock that is right or ahead, too: %i steps", async (steps, words) => {
    await visitor.password();
    const answer = await typePair(world.code(secret, steps), world.code(secret, steps + 1));
    expect(answer.headers.location).toBe("/");
    expect((await visitor.get("/account")).text).toContain(words);
  });

  it("let one code do the next time", async () => {
    await visitor.password();
    await typePair(behind(), behind(1));
    await visitor.post("/logout");
    world.wait(20 * MINUTE);
    await visitor.password();
    expect((await visitor.code(behind(1))).headers.location).toBe("/");
  });

  it("make the browser a known one", async () => {
    await visitor.password();
    const answer = await typePair(behind(), behind(1));
    expect(String(answer.headers["set-cookie"])).toContain("latchkey_browser");
  });

  it("say, before any of them, nothing on the account page: no drift was looked for", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    expect((await visitor.get("/account")).text).not.toContain("Its clock");
  });
});
