/** A refusal as an oracle on the pages that set up an authenticator, which tell more of a code than others. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SEARCH_STEPS } from "../../src/auth/policy.js";
import { fromBase32 } from "../../src/otp/index.js";
import { beginAuthenticator } from "../support/authenticators.js";
import { forgetWork, work } from "../support/code-checks.js";
import { waitForDistinct } from "../support/codes-around.js";
import { allHeldBy, heldBy } from "../support/cookies.js";
import { newLogin } from "../support/new-login.js";
import { openDatabase } from "../support/other-program.js";
import { ask, bytesOf, form } from "../support/raw-request.js";
import {
  longCode,
  openWorldWithLongLogins,
  sendCode,
  sessionCookie,
  traceOf,
} from "../support/refusal-traces.js";
import { addAccount, enrolled, pendingCookie, setUp } from "../support/sign-in.js";
import { reasonOn } from "../support/visitor.js";
import { MINUTE, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

vi.mock("@otplib/totp", async (original) => {
  const { countVerified } = await import("../support/code-checks.js");
  return countVerified(await original());
});
vi.mock("../../src/otp/engine.js", async (original) => {
  const { countHmacs } = await import("../support/code-checks.js");
  return countHmacs(await original());
});
beforeEach(forgetWork);

const PASSWORD = "correct horse battery";

describe("codes of another account on the set-up page", () => {
  it("are wrong ones, whether of its authenticator or of its set-up page", async () => {
    const world = await openWorldWithLongLogins();
    await addAccount(world, "alice", PASSWORD);
    await addAccount(world, "carol", PASSWORD);
    const alices = await enrolled(world, "alice", PASSWORD);
    const carol = world.visitor();
    await carol.password("carol", PASSWORD);
    const carols = await carol.secret();
    const visitor = await newLogin(world);
    const own = await visitor.secret();
    waitForDistinct(world, alices, carols, own);
    const cookie = heldBy(visitor);
    await sendCode(world, cookie, nextWrongCode(world, alices, carols, own));
    const wrong = await traceOf(world, () =>
      sendCode(world, cookie, nextWrongCode(world, alices, carols, own)),
    );
    expect(wrong.events).toEqual([expect.objectContaining({ reason: "wrong" })]);
    for (const secret of [alices, carols]) {
      for (const steps of [-1, 0, 1, 5])
        expect(await traceOf(world, () => sendCode(world, cookie, world.code(secret, steps)))).toEqual(wrong);
    }
    // And nothing of theirs was spent.
    world.advance(MINUTE);
    const hers = world.visitor();
    await hers.password("alice", PASSWORD);
    expect((await hers.code(world.code(alices, -1))).status).toBe(303);
  });
});

/** Someone signed in, on the page for one more authenticator, whose secret is `added`. */
async function addingOne(world: World) {
  const owner = world.visitor();
  const confirmed = await setUp(world, owner);
  const added = await beginAuthenticator(owner);
  waitForDistinct(world, confirmed, added);
  const cookie = allHeldBy(owner);
  const add = (otp: string) =>
    ask(world, { path: "/account/authenticators/new", ...form({ name: "Second", otp }, { cookie }) });
  return { owner, confirmed, added, add };
}

describe("a code of the account's other authenticator on the page that adds one", () => {
  it.each([-1, 0, 1])("is named and spent, %i steps away: it opens nothing any more", async (steps) => {
    const world = await openWorldWithLongLogins();
    const { owner, confirmed, add } = await addingOne(world);
    world.advance(MINUTE);
    waitForDistinct(world, confirmed);
    const code = world.code(confirmed, steps);
    const told = await add(code);
    expect([told.status, reasonOn(told.text)]).toEqual([401, "other-authenticator"]);
    expect(world.events.at(-1)).toMatchObject({
      reason: "other-authenticator",
      subject: "Authenticator app",
    });
    const atLogin = await (await newLogin(world)).code(code);
    expect([atLogin.status, reasonOn(atLogin.text)]).toEqual([401, "used"]);
    const atConfirm = await owner.confirm("password", code);
    expect([atConfirm.status, reasonOn(atConfirm.text)]).toEqual([401, "used"]);
    // Nor does any older one.
    expect((await (await newLogin(world)).code(world.code(confirmed, steps - 1))).status).toBe(401);
    expect(reasonOn((await add(code)).text)).toBe("other-authenticator");
  });

  it("is refused like a wrong one when it is for another time step", async () => {
    const world = await openWorldWithLongLogins();
    const { confirmed, added, add } = await addingOne(world);
    await add(nextWrongCode(world, confirmed, added));
    const wrong = await traceOf(world, () => add(nextWrongCode(world, confirmed, added)));
    expect(wrong.answer.status).toBe(401);
    for (const steps of [-SEARCH_STEPS, -2, 2, 9, SEARCH_STEPS])
      expect(await traceOf(world, () => add(world.code(confirmed, steps))), `${steps}`).toEqual(wrong);
  });
});

describe("a code of another length", () => {
  it("is compared with the secret on the page alone, and is not counted", async () => {
    const world = await openWorldWithLongLogins();
    const { confirmed, added, add } = await addingOne(world);
    forgetWork();
    // An eight-digit code ends in the six digits that would be accepted.
    expect(longCode(world, confirmed).slice(2)).toBe(world.code(confirmed));
    const answers = [];
    for (const digits of [7, 8] as const) {
      for (const steps of [-1, 0, 1, 5])
        answers.push(bytesOf(await add(longCode(world, confirmed, digits, steps))));
    }
    answers.push(bytesOf(await add("12345678")), bytesOf(await add("123")));
    expect(reasonOn(answers[0]?.text ?? "")).toBe("not-a-code");
    expect(answers).toEqual(Array(answers.length).fill(answers[0]));
    expect(reasonOn((await add(longCode(world, added))).text)).toBe("other-digits");
    expect([...work.secrets]).toEqual([Buffer.from(fromBase32(added)).toString("hex")]);
    // The log hears of it; what is not counted makes no line in the history.
    expect(world.events.filter(({ type }) => type === "code-refused")).toEqual([
      expect.objectContaining({ reason: "other-digits", subject: "8" }),
    ]);
    const lines = openDatabase(world).prepare("select * from history where type = 'code-refused'");
    expect(lines.all()).toEqual([]);
  });

  it("is not looked at on the forms for sign-in and step-up", async () => {
    const world = await openWorldWithLongLogins();
    const { secret, cookie } = await sessionCookie(world);
    const long = longCode(world, secret);
    const pending = await pendingCookie(world);
    await sendCode(world, pending, "none");
    forgetWork();
    const answers = [];
    for (const otp of [long, "12345678"]) answers.push(bytesOf(await sendCode(world, pending, otp)));
    expect(answers[1]).toEqual(answers[0]);
    const confirmed = await ask(world, {
      path: "/confirm",
      ...form({ password: "password", otp: long }, { cookie }),
    });
    expect(reasonOn(confirmed.text)).toBe("not-a-code");
    expect(work.verified).toBe(0);
  });
});
