/** Repeated codes: reloading a refusal sends its code again, which gets the same answer and is not counted. No other code does. */
import { describe, expect, it, vi } from "vitest";
import { SECOND_FACTOR_RULE } from "../../src/auth/policy.js";
import { forgetWork, work } from "../support/code-checks.js";
import { sqlOn } from "../support/other-program.js";
import { setUpWithSheet } from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";
import { mistyped, nextWrongCode } from "../support/wrong-codes.js";

vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});

type Answer = PromiseLike<{ status: number; text: string; headers: Record<string, string> }>;

interface Form {
  send: (visitor: Visitor, code: string) => Answer;
  /** A wrong code of the kind that the form takes. */
  wrong: (world: World, secret: string, codes: string[]) => string;
  /** Whether the form needs a session. */
  inside: boolean;
}

let typos = 0;
const otp: Form["wrong"] = (world, secret) => nextWrongCode(world, secret);
const recovery: Form["wrong"] = (_world, _secret, [code = ""]) => mistyped(code, typos++);

/** Every form that takes a second factor. */
const FORMS: Record<string, Form> = {
  "the code at sign-in": { send: (visitor, code) => visitor.code(code), wrong: otp, inside: false },
  "a recovery code at sign-in": {
    send: (visitor, code) => visitor.recoveryCode(code),
    wrong: recovery,
    inside: false,
  },
  "two codes in a row": {
    send: (visitor, code) => visitor.post("/login/2fa/resync", { otp: code, otp_next: "654321" }),
    wrong: otp,
    inside: false,
  },
  "the code at step-up": {
    send: (visitor, code) => visitor.confirm("password", code),
    wrong: otp,
    inside: true,
  },
  "a recovery code at step-up": {
    send: (visitor, code) => visitor.post("/confirm", { password: "password", recovery_code: code }),
    wrong: recovery,
    inside: true,
  },
  "the first code of another authenticator": {
    send: (visitor, code) => visitor.post("/account/authenticators/new", { name: "new", otp: code }),
    wrong: otp,
    inside: true,
  },
  "a recovery code typed back": {
    send: (visitor, code) => visitor.post("/account/recovery-codes/proof", { recovery_code: code }),
    wrong: recovery,
    inside: true,
  },
};

async function ready(form: Form) {
  const world = await openWorld({ RESYNC: "on" });
  const visitor = world.visitor();
  const { secret, codes } = await setUpWithSheet(world, visitor);
  if (!form.inside) {
    await visitor.post("/logout");
    await visitor.password();
    await visitor.get("/login/2fa");
  } else await visitor.get("/account/authenticators/new");
  const wrong = () => form.wrong(world, secret, codes);
  return { world, visitor, secret, codes, wrong };
}

const failures = async (world: World) => {
  const [{ total = 0 } = {}] = await sqlOn<{ total: number }>(
    world,
    "select cast(coalesce(sum(failures), 0) as integer) as total from throttle where pool like 'second-factor%'",
  );
  return total;
};
const historyOf = (world: World) => sqlOn(world, "select type, reason from history order by at, place");

/** A page without what differs from answer to answer. */
const textOf = ({ text }: { text: string }) => text.replace(/data-ends-in="\d+"/g, "");

describe.each(Object.entries(FORMS))("%s, sent again", (_name, form) => {
  it("gets the same answer and is not counted, recorded or evaluated", async () => {
    const { world, visitor, wrong } = await ready(form);
    const code = wrong();
    const first = await form.send(visitor, code);
    expect(first.status).toBe(401);
    expect(await failures(world)).toBe(1);
    const lines = await historyOf(world);
    forgetWork();
    for (let n = 0; n < 8; n++) {
      const again = await form.send(visitor, code);
      expect(again.status).toBe(401);
      expect(textOf(again)).toBe(textOf(first));
    }
    expect(await failures(world)).toBe(1);
    expect(await historyOf(world)).toEqual(lines);
    expect(work.verified).toBe(0);
  });

  it("is counted again after another code and in another time step", async () => {
    const { world, visitor, wrong } = await ready(form);
    const [one, other] = [wrong(), wrong()];
    for (const code of [one, other, one]) expect((await form.send(visitor, code)).status).toBe(401);
    expect(await failures(world)).toBe(3);
    world.advance(30_000);
    expect((await form.send(visitor, one)).status).toBe(401);
    expect(await failures(world)).toBe(4);
  });

  it("answers 429 like any other code during a delay", async () => {
    const { visitor, wrong } = await ready(form);
    let last = "";
    for (let n = 0; n < SECOND_FACTOR_RULE.free; n++) {
      last = wrong();
      expect((await form.send(visitor, last)).status).toBe(401);
    }
    expect((await form.send(visitor, last)).status).toBe(429);
  });
});

describe("a code that was refused", () => {
  it("is counted when another browser sends it", async () => {
    const { world, visitor, wrong } = await ready(FORMS["the code at sign-in"] as Form);
    const code = wrong();
    await visitor.code(code);
    const other = world.visitor();
    await other.password();
    expect((await other.code(code)).status).toBe(401);
    expect(await failures(world)).toBe(2);
  });

  it("is the same code when spaces are added", async () => {
    const { world, visitor, wrong } = await ready(FORMS["the code at sign-in"] as Form);
    const code = wrong();
    await visitor.code(code);
    await visitor.code(` ${code.slice(0, 3)} ${code.slice(3)} `);
    expect(await failures(world)).toBe(1);
  });

  it("signs in when its time step has come", async () => {
    const { world, visitor, secret } = await ready(FORMS["the code at sign-in"] as Form);
    const early = world.code(secret, 2);
    expect((await visitor.code(early)).status).toBe(401);
    expect((await visitor.code(early)).status).toBe(401);
    world.advance(30_000);
    expect((await visitor.code(early)).headers.location).toBe("/");
  });

  it("gets the same answer again when it was used before", async () => {
    const { world, visitor, secret } = await ready(FORMS["the code at sign-in"] as Form);
    const used = world.code(secret);
    await visitor.code(used);
    await visitor.post("/logout");
    await visitor.password();
    await visitor.get("/login/2fa");
    const first = await visitor.code(used);
    expect([first.status, reasonOn(first.text)]).toEqual([401, "used"]);
    expect(textOf(await visitor.code(used))).toBe(textOf(first));
  });

  it("leaves the right one to sign in, once", async () => {
    const { world, visitor, secret, wrong } = await ready(FORMS["the code at sign-in"] as Form);
    await visitor.code(wrong());
    const right = world.code(secret);
    expect((await visitor.code(right)).headers.location).toBe("/");
    const other = world.visitor();
    await other.password();
    expect((await other.code(right)).status).toBe(401);
  });

  it("is stored as a keyed hash", async () => {
    const { world, visitor, wrong } = await ready(FORMS["the code at sign-in"] as Form);
    const code = wrong();
    await visitor.code(code);
    const rows = await sqlOn<{ last_refusal: string | null }>(world, "select last_refusal from sessions");
    expect(rows.filter(({ last_refusal }) => last_refusal !== null)).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(code);
  });

  it("is counted each time when three come at once", async () => {
    const { world, visitor, wrong } = await ready(FORMS["the code at sign-in"] as Form);
    world.advance(MINUTE);
    const codes = [wrong(), wrong(), wrong()];
    const answers = await Promise.all(codes.map((code) => visitor.code(code)));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(await failures(world)).toBe(3);
  });
});
