/** A code typed into the wrong field: recognised, led to its own field, and not counted. */
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../support/other-program.js";
import { setUpWithSheet } from "../../support/sign-in.js";
import { reasonOn, type Visitor } from "../../support/visitor.js";
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
  it.each(Object.entries(AS_TYPED))("%s is led to its own field, and not counted", async (_, typed) => {
    const world = await openWorld({ RESYNC: "on" });
    const first = world.visitor();
    const { secret, codes } = await setUpWithSheet(world, first);
    await first.post("/logout");
    const visitor = world.visitor();
    await field.go(visitor, world, secret);
    world.advance(30_000);
    const before = traces(world);
    const answer = await field.send(visitor, typed(codes));
    expect(answer.status).toBe(401);
    expect(reasonOn(answer.text)).toBe("recovery-code-for-code");
    expect(answer.text).toMatch(field.leads);
    expect(answer.text).not.toContain(codes[0]);
    expect(traces(world)).toEqual(before);
    // It is not spent, and no try is lost.
    for (let more = 0; more < 6; more++) expect((await field.send(visitor, typed(codes))).status).toBe(401);
    expect(traces(world)).toEqual(before);
  });

  it("gets the same answer when it is right and when it is wrong", async () => {
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
  it("are led to their own field, and not counted, when they are right and when they are wrong", async () => {
    const world = await openWorld();
    const { secret } = await setUpWithSheet(world, world.visitor());
    const visitor = world.visitor();
    await field.go(visitor, world, secret);
    world.advance(30_000);
    const before = traces(world);
    for (const typed of [world.code(secret), "000000", "123 456", "１２３–４５６"]) {
      const answer = await field.send(visitor, typed);
      expect(answer.status).toBe(401);
      expect(reasonOn(answer.text)).toBe("code-for-recovery-code");
      expect(answer.text).toMatch(field.leads);
    }
    expect(traces(world)).toEqual(before);
  });
});

describe("a recovery code on the set-up page", () => {
  it("is led nowhere: nobody has one yet", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await visitor.password();
    const answer = await visitor.code("04HM-ASW9-NF6Y-Y093X");
    expect(answer.status).toBe(401);
    expect(reasonOn(answer.text)).toBe("not-a-code");
    expect(answer.text).not.toContain("/login/recovery-code");
  });
});
