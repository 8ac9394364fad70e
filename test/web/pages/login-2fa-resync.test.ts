/** The page for two codes in a row, which set right an app whose clock is off (RESYNC=on). */
import { beforeEach, describe, expect, it } from "vitest";
import { LOCKOUT_AFTER, SECOND_FACTOR_RULE } from "../../../src/auth/policy.js";
import { message } from "../../../src/web/catalogue/message.js";
import { addAuthenticator } from "../../support/account-page.js";
import { expectProblem } from "../../support/refused-codes.js";
import { setUp } from "../../support/sign-in.js";
import { reasonOn, type Visitor } from "../../support/visitor.js";
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
  world.advance(20 * MINUTE);
});

/** What the app shows at a time, ten steps behind: five minutes. */
const behind = (steps = 0) => world.code(secret, -11 + steps);
const typePair = (otp: string, otp_next: string) => visitor.post(PATH, { otp, otp_next });

describe("the link to the page for two codes", () => {
  it("is the same on the code page after each kind of refusal", async () => {
    await visitor.password();
    expect((await visitor.get("/login/2fa")).text).not.toContain(LINK);
    await visitor.code(world.code(secret));
    await visitor.post("/logout");
    world.advance(5 * MINUTE);
    await visitor.password();
    const refusals = {
      "not-a-code": ["12345"],
      used: [world.code(secret, -10)],
      "earlier-step": [world.code(secret, -4)],
      wrong: [world.code(secret, 9), nextWrongCode(world, secret)],
    };
    const around: string[] = [];
    const each = Object.entries(refusals).flatMap(([reason, codes]) =>
      codes.map((otp) => [reason, otp] as const),
    );
    for (const [reason, otp] of each) {
      const { status, text } = await visitor.code(otp);
      expect(status).toBe(401);
      expect(reasonOn(text)).toBe(reason);
      around.push(/<p [^>]*><span><a href="\/login\/2fa\/resync">.*<\/p>/.exec(text)?.[0] ?? "none");
      await world.auth.unlockAccount("test");
    }
    expect(around[0]).toContain("Enter two codes in a row");
    expect(new Set(around)).toHaveLength(1);
  });

  it("stands beside the refusal of a clock that is behind", async () => {
    await visitor.password();
    const { text } = await visitor.code(behind());
    expect(reasonOn(text)).toBe("earlier-step");
    expect(text).toContain(LINK);
  });

  it("is missing without the setting", async () => {
    const without = await openWorld();
    const other = without.visitor();
    await setUp(without, other);
    await other.post("/logout");
    await other.password();
    expect((await other.code("12345")).text).not.toContain("resync");
  });
});

describe("the page for two codes", () => {
  it("labels each of the two fields, names the entry in the app, and leads back", async () => {
    await visitor.password();
    const page = await visitor.get(PATH);
    expect(page.status).toBe(200);
    expect(page.text).toContain("<title>Enter two codes in a row");
    expect(page.text).toContain("<h1>Enter two codes in a row</h1>");
    expect(page.text).toMatch(/<label [^>]*for="otp">The code that your app shows now<\/label>/);
    expect(page.text).toMatch(/<label [^>]*for="otp_next">The next code<\/label>/);
    for (const id of ["otp", "otp_next"]) {
      const [input = ""] = new RegExp(`<input [^>]*id="${id}"[^>]*>`).exec(page.text) ?? [];
      expect(input).toContain(`name="${id}"`);
      expect(input).toContain('inputmode="numeric"');
      expect(input).toContain("required");
      expect(input).not.toContain("aria-invalid");
      const [, described = ""] = /aria-describedby="([^"]+)"/.exec(input) ?? [];
      for (const hint of described.split(" ")) expect(page.text).toContain(`id="${hint}"`);
    }
    expect(page.text).toContain("Look for <b>Latchkey: test</b>.");
    expect(page.text).toContain('href="/login/2fa"');
  });

  it("leads to the set-up when there is no authenticator, and to the password when there is no pending login", async () => {
    await world.auth.createAccount({ username: "alice", password: "correct horse battery" });
    const alice = world.visitor();
    expect((await alice.get(PATH)).headers.location).toMatch(/^\/login\?/);
    await alice.password("alice", "correct horse battery");
    const page = await alice.get(PATH);
    expect([page.status, page.headers.location]).toEqual([303, "/login/2fa"]);
  });

  it("leads on when somebody is signed in", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    expect((await visitor.get(PATH)).status).toBe(303);
  });

  it("names each of several authenticators, and takes the codes of either", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    const second = await addAuthenticator(world, visitor, "Pixel 9");
    await visitor.post("/logout");
    await visitor.password();
    const { text } = await visitor.get(PATH);
    expect(text).toContain("<b>Latchkey: test (2)</b> in <b>Pixel 9</b>");
    // Either will do.
    expect((await typePair(world.code(second, 4), world.code(second, 5))).headers.location).toBe("/");
    expect((await visitor.get("/account")).text.match(/Its clock /g)).toHaveLength(1);
  });
});

describe("two refused codes", () => {
  it("are refused at the first field, and typed again", async () => {
    await visitor.password();
    const answer = await typePair(world.code(secret), world.code(secret));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("<title>Error: Enter two codes in a row");
    expect(reasonOn(answer.text)).toBe("wrong-pair");
    const [input = ""] = /<input [^>]*id="otp"[^>]*>/.exec(answer.text) ?? [];
    expect(input).toContain('aria-invalid="true"');
    expect(input).toContain("otp-problem");
    expect(input).not.toContain("value=");
    expect(answer.text).not.toContain(world.code(secret));
  });

  it.each([
    ["12345", "123456"],
    ["123456", ""],
    ["", ""],
    ["123456", "letters"],
  ])("are refused, and not counted, when they are not six digits: %j and %j", async (otp, next) => {
    await visitor.password();
    for (let n = 0; n < 8; n++) {
      const answer = await typePair(otp, next);
      expect(answer.status).toBe(401);
      expectProblem(answer, {
        reason: "not-two-codes",
        text: message("two-codes-refused"),
        advice: message("two-codes-refused-advice"),
        field: "otp",
      });
    }
    expect((await typePair(behind(), behind(1))).headers.location).toBe("/");
  });

  it("start a delay the fifth time, and the page leads back here", async () => {
    await visitor.password();
    for (let n = 0; n < SECOND_FACTOR_RULE.free; n++)
      expect((await typePair(nextWrongCode(world, secret), nextWrongCode(world, secret))).status).toBe(401);
    const answer = await typePair(behind(), behind(1));
    expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "60"]);
    expect(answer.text).toContain("Too many wrong codes: wait 1 minute</h1>");
    expect(answer.text).toMatch(/<strong[^>]*>1 minute</);
    expect(answer.text).toContain('<a class="btn btn-primary" href="/login/2fa/resync">Enter two codes</a>');
    expect(answer.text).not.toContain('name="otp"');
    const shown = await visitor.get(PATH);
    expect([shown.status, shown.headers["retry-after"]]).toEqual([200, "60"]);
    world.advance(MINUTE);
    expect((await typePair(behind(), behind(1))).headers.location).toBe("/");
  });

  it("lock the account the hundredth time, when the page names the operator", async () => {
    await visitor.password();
    for (let n = 0; n < LOCKOUT_AFTER; n++) {
      if (n >= SECOND_FACTOR_RULE.free) world.advance(15 * MINUTE);
      await typePair(nextWrongCode(world, secret), nextWrongCode(world, secret));
    }
    world.advance(60 * MINUTE);
    const page = await visitor.get(PATH);
    expect(page.text).toContain("This account is locked</h1>");
    expect(page.text).toContain("help@example.org");
    expect(page.text).not.toContain('name="otp"');
    expect((await typePair(behind(), behind(1))).status).toBe(429);
  });

  it("lead back to the sign-in page, with the username, when the time ran out", async () => {
    await visitor.password();
    world.advance(30 * 24 * 60 * MINUTE);
    expect((await typePair(behind(), behind(1))).headers.location).toBe("/login?notice=expired");
    expect((await visitor.get("/login?notice=expired")).text).toContain('value="test"');
  });
});

describe("two right codes", () => {
  it("lead on to the wanted page", async () => {
    await visitor.password("test", "password", { next: "/account?tab=1&x=%2F" });
    const answer = await typePair(behind(), `${behind(1).slice(0, 3)} ${behind(1).slice(3)}`);
    expect([answer.status, answer.headers.location]).toEqual([303, "/account?tab=1&x=%2F"]);
    expect((await visitor.get("/account")).text).toContain(
      'data-event="signed-in" data-detail="password totp"',
    );
  });

  it("stand in the history, and the account page says how far off the clock is", async () => {
    await visitor.password();
    expect((await typePair(behind(), behind(1))).headers.location).toBe("/");
    const history = await visitor.get("/account/history");
    expect(history.text).toContain('data-event="authenticator-resynchronised"');
    expect(history.text).toContain('data-event="signed-in" data-detail="password totp"');
    expect((await visitor.get("/account")).text).toContain("Its clock is 5 minutes behind.");
  });

  it.each([
    [-1, /data-event="signed-in"/],
    [5, /Its clock is 3 minutes ahead\./],
  ])("say so, too, when the clock is %i steps ahead, unless it is right", async (steps, shown) => {
    await visitor.password();
    const answer = await typePair(world.code(secret, steps), world.code(secret, steps + 1));
    expect(answer.headers.location).toBe("/");
    const { text } = await visitor.get("/account");
    expect(text).toMatch(shown);
    expect(text.includes("Its clock")).toBe(steps > 0);
  });

  it("let one code do the next time", async () => {
    await visitor.password();
    await typePair(behind(), behind(1));
    await visitor.post("/logout");
    world.advance(20 * MINUTE);
    await visitor.password();
    expect((await visitor.code(behind(1))).headers.location).toBe("/");
  });

  it("make the browser a known one", async () => {
    await visitor.password();
    const answer = await typePair(behind(), behind(1));
    expect(String(answer.headers["set-cookie"])).toContain("latchkey_browser");
  });

  it("come before the account page says anything of a clock", async () => {
    await visitor.password();
    await visitor.code(world.code(secret));
    expect((await visitor.get("/account")).text).not.toContain("Its clock");
  });
});
