/** A refusal as an oracle: whoever knows the password, and not the secret, looks for a word that narrows his guesses. */
import { verifySync } from "@otplib/totp";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { allHeldBy, heldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { type Answer, ask, bytesOf, form } from "../support/raw-request.js";
import { addAccount, enrolled, pendingCookie, setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld as openAttackedWorld, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

const STEP = 30_000;

// What a refusal costs are the HMACs: these are compared, and not the clock of a busy machine.
const work = vi.hoisted(() => ({ hmacs: 0, comparisons: 0, secrets: new Set<string>(), isOurs: false }));
vi.mock("@otplib/totp", async (original) => {
  const real = await original<typeof import("@otplib/totp")>();
  /** This makes codes, as the tests themselves do: that is not the work of a refusal. */
  const generateSync: typeof real.generateSync = (options) => {
    work.isOurs = true;
    try {
      return real.generateSync(options);
    } finally {
      work.isOurs = false;
    }
  };
  return { ...real, generateSync, verifySync: vi.fn(real.verifySync) };
});
vi.mock("../../src/otp/engine.js", async (original) => {
  const real = await original<typeof import("../../src/otp/engine.js")>();
  const isSameCode: typeof real.isSameCode = (...of) => {
    work.comparisons++;
    return real.isSameCode(...of);
  };
  const nodeCrypto: typeof real.nodeCrypto = {
    ...real.nodeCrypto,
    hmac(algorithm, key, data) {
      if (!work.isOurs) {
        work.hmacs++;
        work.secrets.add(Buffer.from(key).toString("hex"));
      }
      return real.nodeCrypto.hmac(algorithm, key, data);
    },
    constantTimeEqual(...of) {
      work.comparisons++;
      return real.nodeCrypto.constantTimeEqual(...of);
    },
  };
  return { ...real, nodeCrypto, isSameCode };
});
const forgetWork = () => {
  work.hmacs = 0;
  work.comparisons = 0;
  work.secrets.clear();
  vi.mocked(verifySync).mockClear();
};
beforeEach(forgetWork);
const looks = () => vi.mocked(verifySync).mock.calls.length;

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** Nothing runs out while codes are waited for. */
const openWorld = (env: Record<string, string> = {}) =>
  openAttackedWorld({ PENDING_LOGIN: "12h", STEP_UP: "12h", SESSION_IDLE: "12h", ...env });

/** Waits until no two of the codes around are the same by chance. */
function waitForDistinct(world: World, ...secrets: string[]) {
  const around = () => secrets.flatMap((secret) => range(-45, 45).map((steps) => world.code(secret, steps)));
  while (new Set(around()).size < around().length) world.wait(STEP);
}

/** Codes that none of these secrets gives anywhere near. */
function wrongCodes(world: World, secrets: string[], count: number): string[] {
  const near = secrets.flatMap((secret) => range(-45, 45).map((steps) => world.code(secret, steps)));
  return range(0, 500)
    .map((n) => String(n * 1_997).padStart(6, "0"))
    .filter((code) => !near.includes(code))
    .slice(0, count);
}

const wrongCode = (world: World, ...secrets: string[]) => nextWrongCode(world, ...secrets);

/** Every row of every table, as text. */
function rowsOf(world: World): string[] {
  const database = openDatabase(world);
  const tables = database
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
    .all()
    .map(({ name }) => String(name));
  return tables.flatMap((table) =>
    database
      .prepare(`select * from "${table}"`)
      .all()
      // Lines of history are numbered.
      .map((row) => JSON.stringify([table, table === "history" ? { ...row, id: 0, place: 0 } : row]))
      // Of the code that was refused last its keyed name is another for each code; what was said of it must not be.
      .map((row) => row.replace(/"last_refusal":"\{\\"name\\":\\"[\w-]{43}\\",/, '"last_refusal":"{')),
  );
}

/** What there is in the second list more often than in the first. */
function added(before: string[], after: string[]): string[] {
  const left = [...before];
  return after.filter((row) => {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** All that one attempt leaves behind, in the answer and beside it. The account has no failures standing before. */
async function traceOf(world: World, attempt: () => Promise<Answer>) {
  await world.auth.unlockAccount("test");
  const [rows, events, lines] = [rowsOf(world), world.events.length, world.logLines.length];
  forgetWork();
  const answer = bytesOf(await attempt());
  const now = rowsOf(world);
  return {
    answer,
    work: { looks: looks(), hmacs: work.hmacs, comparisons: work.comparisons },
    events: world.events.slice(events).map(({ requestId, ...event }) => event),
    log: world.logLines
      .slice(lines)
      .map((line) => line.replace(/"(time|ms|pid)":[0-9]+|"(requestId)":"[^"]{36}"/g, '"$1$2":0'))
      .filter((line) => line.includes("security event") || line.includes('"request"')),
    rows: { come: added(rows, now), gone: added(now, rows) },
  };
}

const submit = (world: World, cookie: string, otp: string) =>
  ask(world, { path: "/login/2fa", ...form({ otp }, { cookie }) });

async function newLogin(world: World): Promise<Visitor> {
  const visitor = world.visitor();
  expect((await visitor.password()).headers.location).toBe("/login/2fa");
  return visitor;
}

/** A session signed in a while ago, and its cookie without the device cookie: every code counts in the strangers' pool. */
async function sessionCookie(world: World): Promise<{ secret: string; cookie: string }> {
  const visitor = world.visitor();
  const secret = await setUp(world, visitor);
  world.wait(20 * MINUTE);
  return { secret, cookie: heldBy(visitor) };
}

describe("a code that is right for a time to come", () => {
  const doors = {
    "/login/2fa": async (world: World) => {
      const secret = await enrolled(world);
      world.wait(20 * MINUTE);
      waitForDistinct(world, secret);
      const cookie = await pendingCookie(world);
      return { secret, attempt: (otp: string) => submit(world, cookie, otp) };
    },
    "/confirm": async (world: World) => {
      const { secret, cookie } = await sessionCookie(world);
      waitForDistinct(world, secret);
      const attempt = (otp: string) =>
        ask(world, { path: "/confirm", ...form({ password: "password", otp }, { cookie }) });
      await attempt("none"); // the request that notes when the session was last seen
      return { secret, attempt };
    },
  };

  it.each(Object.keys(doors) as (keyof typeof doors)[])(
    "gets the answer of a wrong one at %s, to the byte, and leaves and costs the same",
    async (door) => {
      const world = await openWorld();
      const { secret, attempt } = await doors[door](world);
      await attempt(wrongCode(world, secret));
      const wrong = await traceOf(world, () => attempt(wrongCode(world, secret)));
      expect(wrong.answer.status).toBe(401);
      expect(wrong.answer.text).toContain("That code was not accepted");
      expect(wrong.events).toEqual([expect.objectContaining({ type: "code-refused", reason: "wrong" })]);
      expect(wrong.events[0]).not.toHaveProperty("subject");
      expect(wrong.work.hmacs).toBeGreaterThanOrEqual(41);
      // A count and a line of history, nothing else.
      expect(wrong.rows.gone.filter((row) => !row.startsWith('["throttle"'))).toEqual([]);
      expect(wrong.rows.come.map((row) => JSON.parse(row)[0]).toSorted()).toEqual(["history", "throttle"]);
      for (const steps of range(2, 20)) {
        const future = await traceOf(world, () => attempt(world.code(secret, steps)));
        expect(future, `${steps} steps ahead`).toEqual(wrong);
      }
    },
  );

  it.each([2, 3, 11, 20])("is not spent by its refusal: %i steps later it is good, once", async (steps) => {
    const world = await openWorld();
    const secret = await enrolled(world);
    waitForDistinct(world, secret);
    const [visitor, other] = [await newLogin(world), await newLogin(world)];
    const code = world.code(secret, steps);
    expect((await visitor.code(code)).status).toBe(401);
    world.wait((steps - 1) * STEP);
    expect((await visitor.code(code)).status).toBe(303);
    const again = await other.code(code);
    expect(again.status).toBe(401);
    expect(again.text).toContain("That code has been used already");
  });

  it("reads like a wrong one in the owner's history", async () => {
    const world = await openWorld();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    for (const otp of [wrongCode(world, secret), world.code(secret, 7)])
      await (await newLogin(world)).code(otp);
    const { text } = await owner.get("/account/history");
    expect(text.match(/Code refused: [^<]+/g)).toEqual(Array(2).fill("Code refused: it was wrong"));
  });

  it("reads like a wrong one while another browser's set-up page stands open", async () => {
    const world = await openWorld();
    const [first, second] = [await newLogin(world), await newLogin(world)];
    const [secret] = [await first.secret(), await second.secret()];
    await first.code(world.code(secret));
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    const cookie = heldBy(second);
    await submit(world, cookie, wrongCode(world, secret));
    const wrong = await traceOf(world, () => submit(world, cookie, wrongCode(world, secret)));
    for (const steps of [2, 20])
      expect((await traceOf(world, () => submit(world, cookie, world.code(secret, steps)))).answer).toEqual(
        wrong.answer,
      );
  });
});

describe("a code that is told to be for a time gone by", () => {
  it("is never accepted, however long one tries it, at either door", async () => {
    const world = await openWorld();
    const owner = world.visitor();
    const secret = await setUp(world, owner);
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    const told = [-2, -20].map((steps) => world.code(secret, steps));
    const thief = await newLogin(world);
    for (let step = 0; step < 24; step++) {
      for (const otp of told) {
        expect((await thief.code(otp)).status).toBe(401);
        if (step % 11 === 0) expect((await owner.confirm("password", otp)).status).toBe(401);
        await world.auth.unlockAccount("test");
      }
      world.wait(STEP);
    }
    expect((await thief.code(world.code(secret))).status).toBe(303);
  });

  it("leaves the secret's other codes as they were: nothing is spent", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    const visitor = await newLogin(world);
    expect((await visitor.code(world.code(secret, -4))).text).toContain("That code was for 2 minutes ago");
    expect((await visitor.code(world.code(secret, -1))).status).toBe(303);
  });
});

describe("before the password is proved", () => {
  it("no door answers otherwise, or looks, whatever the code", async () => {
    const world = await openWorld({ RESYNC: "on" });
    const secret = await enrolled(world);
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    const codes = [0, -5, 5, 1].map((steps) => world.code(secret, steps));
    const typed = [wrongCode(world, secret), ...codes];
    typed.push(totpAt(fromBase32(secret), world.now() / 1_000, { algorithm: "SHA1", digits: 8, period: 30 }));
    forgetWork();
    for (const path of ["/login", "/login/2fa", "/login/2fa/resync", "/confirm"]) {
      const answers = [];
      for (const otp of typed) {
        // Each against a password and a name that are wrong, so that no count of the account is in the way.
        const fields = { username: "nobody", password: "wrong", otp, otp_next: world.code(secret, 1) };
        answers.push(bytesOf(await ask(world, { path, ...form(fields) })));
      }
      const [first] = answers;
      if (path === "/login") {
        expect(answers.slice(0, 5)).toEqual(Array(5).fill(first));
        expect(answers.at(-1)?.status).toBe(429);
      } else expect(answers, path).toEqual(Array(typed.length).fill(first));
    }
    expect(looks()).toBe(0);
  });

  it("step-up looks at no code either", async () => {
    const world = await openWorld();
    const { secret, cookie } = await sessionCookie(world);
    waitForDistinct(world, secret);
    const confirm = (otp: string) =>
      ask(world, { path: "/confirm", ...form({ password: "wrong", otp }, { cookie }) });
    await confirm("none");
    forgetWork();
    const answers = [];
    for (const steps of [0, -5, 5, -1]) answers.push(bytesOf(await confirm(world.code(secret, steps))));
    expect(answers).toEqual(Array(4).fill(bytesOf(await confirm(wrongCode(world, secret)))));
    expect(answers[0]?.text).toContain("That is not your password");
    expect(looks()).toBe(0);
  });
});

describe("while codes are not checked", () => {
  /** Of every kind that has an answer of its own otherwise. */
  const kinds = (world: World, secret: string) => [
    ...[0, 1, -1, -2, -9, 2, 9, 20].map((steps) => world.code(secret, steps)),
    wrongCode(world, secret),
  ];

  it("no code is looked at and none diagnosed, at either door: the answers are one", async () => {
    const world = await openWorld();
    const { secret, cookie: session } = await sessionCookie(world);
    const pending = await pendingCookie(world);
    waitForDistinct(world, secret);
    for (const otp of wrongCodes(world, [secret], 5)) await submit(world, pending, otp);
    const confirm = (otp: string) =>
      ask(world, { path: "/confirm", ...form({ password: "password", otp }, { cookie: session }) });
    await confirm("none");
    forgetWork();
    for (const door of [(otp: string) => submit(world, pending, otp), confirm]) {
      const answers = [];
      for (const otp of kinds(world, secret)) answers.push(bytesOf(await door(otp)));
      expect(answers[0]?.status).toBe(429);
      expect(answers).toEqual(Array(answers.length).fill(answers[0]));
    }
    expect(looks()).toBe(0);
    expect(world.events.filter(({ type }) => type === "code-refused")).toHaveLength(5);
  });

  it("nothing is diagnosed while setting up, codes of other lengths included", async () => {
    const world = await openWorld();
    const [visitor, other] = [await newLogin(world), await newLogin(world)];
    const [secret, elsewhere] = [await visitor.secret(), await other.secret()];
    waitForDistinct(world, secret, elsewhere);
    const cookie = heldBy(visitor);
    for (const otp of wrongCodes(world, [secret, elsewhere], 5)) await submit(world, cookie, otp);
    forgetWork();
    const six = [];
    for (const otp of [...kinds(world, secret), world.code(elsewhere)])
      six.push(bytesOf(await submit(world, cookie, otp)));
    expect(six[0]?.status).toBe(429);
    expect(six).toEqual(Array(six.length).fill(six[0]));
    expect(looks()).toBe(0);
    const long = (of: string) =>
      totpAt(fromBase32(of), world.now() / 1_000, { algorithm: "SHA1", digits: 8, period: 30 });
    const eight = [];
    for (const otp of [long(secret), long(elsewhere), "12345678"])
      eight.push(bytesOf(await submit(world, cookie, otp)));
    expect(eight).toEqual(Array(3).fill(eight[0]));
  });
});

describe("a code that is told apart", () => {
  it("counts as a failure like a wrong one: five, then a pause", async () => {
    const world = await openWorld();
    const secret = await enrolled(world);
    world.wait(20 * MINUTE);
    waitForDistinct(world, secret);
    const visitor = await newLogin(world);
    await visitor.code(world.code(secret));
    const cookie = await pendingCookie(world);
    for (const steps of [0, -1, -5, -20, 7])
      expect((await submit(world, cookie, world.code(secret, steps))).status).toBe(401);
    expect((await submit(world, cookie, world.code(secret, 1))).status).toBe(429);
    const reasons = world.events.flatMap((event) => (event.type === "code-refused" ? [event.reason] : []));
    expect(reasons).toEqual(["used", "used", "used", "used", "wrong"]);
  });

  it("counts towards the lock: a hundred, each for a time gone by, leave the account to the operator", async () => {
    const world = await openWorld({ PENDING_LOGIN: "30d" });
    const secret = await enrolled(world);
    world.wait(20 * MINUTE);
    const cookie = await pendingCookie(world);
    for (let n = 0; n < 100; n++) {
      if (n >= 5) world.wait(15 * MINUTE);
      waitForDistinct(world, secret);
      expect((await submit(world, cookie, world.code(secret, -2 - (n % 19)))).status).toBe(401);
    }
    world.wait(24 * 60 * MINUTE);
    forgetWork();
    const refused = await submit(world, cookie, world.code(secret));
    expect(refused.status).toBe(429);
    expect(refused.text).toContain("This account is locked");
    expect(looks()).toBe(0);
  });
});

describe("while setting up", () => {
  const PASSWORD = "correct horse battery";

  it("codes of another account are wrong ones, whether of its authenticator or of its set-up", async () => {
    const world = await openWorld();
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
    await submit(world, cookie, wrongCode(world, alices, carols, own));
    const wrong = await traceOf(world, () => submit(world, cookie, wrongCode(world, alices, carols, own)));
    expect(wrong.events).toEqual([expect.objectContaining({ reason: "wrong" })]);
    for (const secret of [alices, carols]) {
      for (const steps of [-1, 0, 1, 5])
        expect(await traceOf(world, () => submit(world, cookie, world.code(secret, steps)))).toEqual(wrong);
    }
    // And nothing of theirs was spent.
    world.wait(MINUTE);
    const hers = world.visitor();
    await hers.password("alice", PASSWORD);
    expect((await hers.code(world.code(alices, -1))).status).toBe(303);
  });

  /** Someone signed in, on the page for one more authenticator, whose secret is `added`. */
  async function addingOne(world: World) {
    const owner = world.visitor();
    const confirmed = await setUp(world, owner);
    const page = await owner.get("/account/authenticators/new");
    const added = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
    waitForDistinct(world, confirmed, added);
    const cookie = allHeldBy(owner);
    const add = (otp: string) =>
      ask(world, { path: "/account/authenticators/new", ...form({ name: "Second", otp }, { cookie }) });
    return { owner, confirmed, added, add };
  }

  it.each([-1, 0, 1])(
    "a code of the other authenticator is told and spent, %i steps away: it opens nothing any more",
    async (steps) => {
      const world = await openWorld();
      const { owner, confirmed, add } = await addingOne(world);
      world.wait(MINUTE);
      waitForDistinct(world, confirmed);
      const code = world.code(confirmed, steps);
      const told = await add(code);
      expect(told.status).toBe(401);
      expect(told.text).toContain("That is a code of ");
      expect(world.events.at(-1)).toMatchObject({
        reason: "other-authenticator",
        subject: "Authenticator app",
      });
      const atLogin = await (await newLogin(world)).code(code);
      expect([atLogin.status, atLogin.text]).toEqual([401, expect.stringContaining("used already")]);
      const atConfirm = await owner.confirm("password", code);
      expect([atConfirm.status, atConfirm.text]).toEqual([401, expect.stringContaining("used already")]);
      // Nor does any older one.
      expect((await (await newLogin(world)).code(world.code(confirmed, steps - 1))).status).toBe(401);
      expect((await add(code)).text).toContain("That is a code of ");
    },
  );

  it("codes of the other authenticator for other times are wrong ones: none to wait for, none to learn from", async () => {
    const world = await openWorld();
    const { confirmed, added, add } = await addingOne(world);
    await add(wrongCode(world, confirmed, added));
    const wrong = await traceOf(world, () => add(wrongCode(world, confirmed, added)));
    expect(wrong.answer.status).toBe(401);
    for (const steps of [-20, -2, 2, 9, 20])
      expect(await traceOf(world, () => add(world.code(confirmed, steps))), `${steps}`).toEqual(wrong);
  });

  it("what has other digits is held against the secret on this page alone, and is no way round the count", async () => {
    const world = await openWorld();
    const { confirmed, added, add } = await addingOne(world);
    const long = (secret: string, digits: 7 | 8, steps = 0) =>
      totpAt(fromBase32(secret), world.now() / 1_000 + steps * 30, { algorithm: "SHA1", digits, period: 30 });
    forgetWork();
    // An eight-digit code ends in the six digits that would be accepted.
    expect(long(confirmed, 8).slice(2)).toBe(world.code(confirmed));
    const answers = [];
    for (const digits of [7, 8] as const) {
      for (const steps of [-1, 0, 1, 5]) answers.push(bytesOf(await add(long(confirmed, digits, steps))));
    }
    answers.push(bytesOf(await add("12345678")), bytesOf(await add("123")));
    expect(answers[0]?.text).toContain("A code is six digits");
    expect(answers).toEqual(Array(answers.length).fill(answers[0]));
    expect((await add(long(added, 8))).text).toContain("Your app shows codes of 8 digits");
    expect([...work.secrets]).toEqual([Buffer.from(fromBase32(added)).toString("hex")]);
    // The log hears of it; what is not counted makes no line in the history.
    expect(world.events.filter(({ type }) => type === "code-refused")).toEqual([
      expect.objectContaining({ reason: "other-digits", subject: "8" }),
    ]);
    const lines = openDatabase(world).prepare("select * from history where type = 'code-refused'");
    expect(lines.all()).toEqual([]);
  });

  it("elsewhere nothing of another length is looked at at all", async () => {
    const world = await openWorld();
    const { secret, cookie } = await sessionCookie(world);
    const long = totpAt(fromBase32(secret), world.now() / 1_000, {
      algorithm: "SHA1",
      digits: 8,
      period: 30,
    });
    const pending = await pendingCookie(world);
    await submit(world, pending, "none");
    forgetWork();
    const answers = [];
    for (const otp of [long, "12345678"]) answers.push(bytesOf(await submit(world, pending, otp)));
    expect(answers[1]).toEqual(answers[0]);
    const confirmed = await ask(world, {
      path: "/confirm",
      ...form({ password: "password", otp: long }, { cookie }),
    });
    expect(confirmed.text).toContain("A code is six digits");
    expect(looks()).toBe(0);
  });
});
