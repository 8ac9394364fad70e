/** Codes typed into the wrong field, and codes in another form than the app shows. */
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../support/other-program.js";
import { setUp, setUpWithSheet } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { openWorld, type World } from "../../support/world.js";

/** What an attempt would leave behind: counts, spent codes, lines of the history. */
function traces(world: World): unknown[] {
  const tables = ["throttle", "recovery_codes", "recovery_sheets", "authenticators", "history"];
  return tables.map((table) => openDatabase(world).prepare(`select * from ${table} order by 1, 2, 3`).all());
}

/** A code with a wrong last character, which checks the others. */
const mistyped = (code: string) => `${code.slice(0, -1)}${code.endsWith("7") ? "8" : "7"}`;

/** How people type or paste a recovery code into the code field. */
const AS_TYPED: Record<string, (codes: string[]) => string> = {
  "as printed": ([code = ""]) => code,
  "bare, in small letters": ([code = ""]) => code.replaceAll("-", "").toLowerCase(),
  "as a line of the file": ([, code = ""]) => ` 2.  ${code}`,
  "with a typing mistake": ([code = ""]) => mistyped(code),
  "of somebody else": () => "04HM-ASW9-NF6Y-Y093X",
};

interface Field {
  /** Brings the visitor there. */
  go: (visitor: Visitor, world: World, secret: string) => Promise<unknown>;
  send: (visitor: Visitor, typed: string) => ReturnType<Visitor["post"]>;
  /** What of the page leads to the right field. */
  leads: RegExp;
}

const inside = async (visitor: Visitor, world: World, secret: string) => {
  await visitor.password();
  await visitor.code(world.code(secret));
  await visitor.get("/");
};

const CODE_FIELDS: Record<string, Field> = {
  "/login/2fa": {
    go: (visitor) => visitor.password(),
    send: (visitor, otp) => visitor.code(otp),
    leads: /role="alert".*href="\/login\/recovery-code".*<h1>/s,
  },
  "/login/2fa/resync": {
    go: (visitor) => visitor.password(),
    send: (visitor, otp) => visitor.post("/login/2fa/resync", { otp, otp_next: "123456" }),
    leads: /role="alert".*href="\/login\/recovery-code".*<h1>/s,
  },
  "/login/2fa/resync, the second": {
    go: (visitor) => visitor.password(),
    send: (visitor, otp_next) => visitor.post("/login/2fa/resync", { otp: "123456", otp_next }),
    leads: /role="alert".*href="\/login\/recovery-code".*<h1>/s,
  },
  "/confirm": {
    go: inside,
    send: (visitor, otp) => visitor.confirm("password", otp),
    leads: /role="alert".*href="#recovery_code".*<details open>.*id="recovery_code"/s,
  },
};

describe.each(Object.entries(CODE_FIELDS))("a recovery code in the code field of %s", (_, field) => {
  it.each(Object.entries(AS_TYPED))(
    "%s, is recognised and led to its own field; nothing is counted",
    async (_, typed) => {
      const world = await openWorld({ RESYNC: "on" });
      const first = world.visitor();
      const { secret, codes } = await setUpWithSheet(world, first);
      await first.post("/logout");
      const visitor = world.visitor();
      await field.go(visitor, world, secret);
      world.wait(30_000);
      const before = traces(world);
      const answer = await field.send(visitor, typed(codes));
      expect(answer.status).toBe(401);
      expect(answer.text).toContain("That looks like a recovery code");
      expect(answer.text).toMatch(field.leads);
      expect(answer.text).not.toContain(codes[0]);
      expect(traces(world)).toEqual(before);
      // It is not spent, and no try is lost.
      for (let more = 0; more < 6; more++) expect((await field.send(visitor, typed(codes))).status).toBe(401);
      expect(traces(world)).toEqual(before);
    },
  );

  it("gets the same answer, right or wrong", async () => {
    const world = await openWorld({ RESYNC: "on" });
    const { secret, codes } = await setUpWithSheet(world, world.visitor());
    const visitor = world.visitor();
    await field.go(visitor, world, secret);
    await visitor.get("/");
    const answers: string[] = [];
    for (const typed of Object.values(AS_TYPED)) answers.push((await field.send(visitor, typed(codes))).text);
    expect(new Set(answers).size).toBe(1);
  });
});

const RECOVERY_FIELDS: Record<string, Field> = {
  "/login/recovery-code": {
    go: (visitor) => visitor.password(),
    send: (visitor, code) => visitor.recoveryCode(code),
    leads: /role="alert".*href="\/login\/2fa".*<h1>/s,
  },
  "/confirm": {
    go: inside,
    send: (visitor, recovery_code) =>
      visitor.post("/confirm", { password: "password", otp: "", recovery_code }),
    leads: /role="alert".*href="#otp".*<h1>/s,
  },
  "/account/recovery-codes/proof": {
    go: inside,
    send: (visitor, recovery_code) => visitor.post("/account/recovery-codes/proof", { recovery_code }),
    leads: /role="alert".*href="#recovery_code".*<h1>/s,
  },
};

describe.each(Object.entries(RECOVERY_FIELDS))("six digits in the recovery-code field of %s", (_, field) => {
  it("are recognised as a code, right or wrong: nothing is counted, and the code stays good", async () => {
    const world = await openWorld();
    const { secret } = await setUpWithSheet(world, world.visitor());
    const visitor = world.visitor();
    await field.go(visitor, world, secret);
    world.wait(30_000);
    const before = traces(world);
    for (const typed of [world.code(secret), "000000", "123 456", "１２３–４５６"]) {
      const answer = await field.send(visitor, typed);
      expect(answer.status).toBe(401);
      expect(answer.text).toContain("Those six digits look like a code from your app");
      expect(answer.text).toMatch(field.leads);
    }
    expect(traces(world)).toEqual(before);
  });
});

describe("a person who is setting up an app", () => {
  it("has no recovery code yet, and is not led to its field", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const answer = await visitor.code("04HM-ASW9-NF6Y-Y093X");
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("A code is six digits");
    expect(answer.text).not.toContain("/login/recovery-code");
  });
});

/** The same six digits as other keyboards, messengers and web pages deliver them. */
const FORMS: Record<string, (code: string) => string> = {
  "full width": (code) => code.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  Devanagari: (code) => code.replace(/\d/g, (digit) => String.fromCharCode(0x0966 + Number(digit))),
  "mathematical digits": (code) =>
    code.replace(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit))),
  "a zero-width space and a BOM": (code) => `\ufeff${code.slice(0, 3)}\u200b${code.slice(3)}`,
  "an en dash": (code) => `${code.slice(0, 3)}–${code.slice(3)}`,
  "dots and a narrow blank": (code) => `${code.slice(0, 2)}․${code.slice(2, 4)}\u202f${code.slice(4)}.`,
};

describe.each(Object.entries(FORMS))("a right code with %s", (_, formed) => {
  it("is right wherever a code is typed", async () => {
    const world = await openWorld({ RESYNC: "on" });
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    expect((await visitor.code(formed(world.code(secret)))).text).toContain("Your recovery codes");
    await visitor.post("/logout");

    world.wait(30_000);
    await visitor.password();
    const pair = { otp: formed(world.code(secret)), otp_next: formed(world.code(secret, 1)) };
    expect((await visitor.post("/login/2fa/resync", pair)).headers.location).toBe("/");
    await visitor.post("/logout");

    world.wait(90_000);
    await visitor.password();
    expect((await visitor.code(formed(world.code(secret)))).headers.location).toBe("/");
    world.wait(30_000);
    const confirmed = await visitor.confirm("password", formed(world.code(secret)));
    expect(confirmed.headers.location).toBe("/account");

    const page = await visitor.get("/account/authenticators/new");
    const second = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
    const added = await visitor.post("/account/authenticators/new", {
      name: "Second",
      otp: formed(world.code(second)),
    });
    expect(added.headers.location).toBe("/account");
  });

  it("is wrong when a digit is", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    await visitor.post("/logout");
    await visitor.password();
    const right = world.code(secret);
    const wrong = `${right.slice(0, 5)}${(Number(right.at(-1)) + 5) % 10}`;
    const answer = await visitor.code(formed(wrong));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('id="otp-problem"');
    expect(answer.text).not.toContain("A code is six digits");
  });
});
