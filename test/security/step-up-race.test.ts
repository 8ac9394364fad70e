/** A session that ends while its step-up or its change of a factor is under way: it opens and changes nothing any more. */
import { describe, expect, it } from "vitest";
import { addAuthenticator, beginAuthenticator } from "../support/authenticators.js";
import { cookieOf, heldBy } from "../support/cookies.js";
import { heldAtTransaction } from "../support/hold-back.js";
import { sqlOn } from "../support/other-program.js";
import { ask, form, opensAccount } from "../support/raw-request.js";
import { setUpWithSheet, signIn } from "../support/sign-in.js";
import { MINUTE, openWorld } from "../support/world.js";

/** An account with two authenticators, open in two browsers that are both stepped up. */
async function twoBrowsers() {
  const world = await openWorld();
  const one = world.visitor();
  const { secret, codes } = await setUpWithSheet(world, one);
  await addAuthenticator(world, one);
  const other = world.visitor();
  await signIn(world, other, secret);
  world.advance(9 * MINUTE - 1_000); // a second is left of the first browser's step-up
  const next = await beginAuthenticator(one);
  const account = (await one.get("/account")).text;
  const ids = [...new Set(account.match(/(?<=authenticators\/)[\w-]+(?=\/remove)/g))];
  /** Its own row comes first. */
  const sessionId = /sessions\/([\w-]+)\/end"/.exec(account)?.[1] ?? "";
  return {
    ...{ world, one, other, secret, codes, ids, sessionId },
    cookie: heldBy(one),
    fields: { otp: world.code(next) },
    live: () =>
      sqlOn(
        world,
        "select id_hash from sessions where kind = 'session' and ended_at is null order by id_hash",
      ),
    /** What a sensitive change would change. */
    whatDecides: async () =>
      JSON.stringify(
        await Promise.all(
          [
            "select username, password_hash, epoch, second_factor_since from accounts",
            "select id, name, number from authenticators order by id",
            "select * from recovery_sheets order by number",
            "select code_hash, used_at, ended_at from recovery_codes order by code_hash",
            "select * from trusted_devices order by id",
          ].map((query) => sqlOn(world, query)),
        ),
      ),
  };
}

type Setting = Awaited<ReturnType<typeof twoBrowsers>>;

/** How the session of the first browser ends. */
const ENDINGS: Record<string, (setting: Setting) => Promise<unknown>> = {
  "the session was signed out": ({ world, cookie }) =>
    ask(world, { path: "/logout", ...form({}, { cookie }) }),
  "another browser ended all others": ({ other }) => other.post("/account/sessions/end-others"),
  "the operator disabled the account": ({ world }) => world.auth.disableAccount("test"),
};

const MORE_ENDINGS: typeof ENDINGS = {
  "another browser ended it": ({ other, sessionId }) => other.post(`/account/sessions/${sessionId}/end`),
  "another browser changed the password": async ({ other }) => {
    const fields = { current_password: "password", new_password: "quite another password" };
    expect((await other.post("/account/password", fields)).headers.location).toBe("/account");
  },
  "the operator set a password": ({ world }) => world.auth.setPassword("test", "quite another password"),
  "the operator reset the second factor": ({ world }) => world.auth.resetSecondFactor("test"),
  "the operator removed the account": ({ world }) => world.auth.removeAccount("test"),
};

describe("a step-up under way", () => {
  it.each(Object.entries({ ...ENDINGS, ...MORE_ENDINGS }))("opens nothing when %s", async (name, end) => {
    // The first two transactions are about the password, the third counts the code, the fourth decides.
    for (const n of /signed out|removed/.test(name) ? [1, 2, 3, 4] : [4]) {
      const setting = await twoBrowsers();
      const { world, secret, cookie } = setting;
      const sent = form({ password: "password", otp: world.code(secret) }, { cookie });
      const slow = await heldAtTransaction(world, n, { path: "/confirm", ...sent });
      await end(setting);
      const live = await setting.live();
      const answer = await slow.letGo();
      expect([303, 401], `at ${n}`).toContain(answer.status);
      expect(answer.headers.location ?? "/login").toMatch(/^\/login/);
      expect(cookieOf(answer)).toBeUndefined();
      expect(await setting.live(), `at ${n}`).toEqual(live);
      expect(await opensAccount(world, cookie)).toBe(false);
    }
  });

  it("spends no code when the session was signed out", async () => {
    const { world, secret, codes, cookie } = await twoBrowsers();
    const spent = { otp: world.code(secret) };
    const sent = form({ password: "password", ...spent }, { cookie });
    const slow = await heldAtTransaction(world, 4, { path: "/confirm", ...sent });
    await ask(world, { path: "/logout", ...form({}, { cookie }) });
    expect((await slow.letGo()).headers.location).toBe("/login?notice=signed-out-here");
    const again = world.visitor();
    await again.password();
    expect((await again.code(spent.otp)).status).toBe(303);
    const recovery = form({ password: "password", recovery_code: codes[0] ?? "" }, { cookie: heldBy(again) });
    const slower = await heldAtTransaction(world, 4, { path: "/confirm", ...recovery });
    await again.post("/logout");
    await slower.letGo();
    await again.password();
    expect((await again.recoveryCode(codes[0] ?? "")).status).toBe(303);
  });

  it("can be ended by its old row on another browser's account page when it is done", async () => {
    const { world, one, other, secret, sessionId } = await twoBrowsers();
    await one.confirm("password", world.code(secret));
    expect((await one.get("/account")).status).toBe(200);
    expect((await other.post(`/account/sessions/${sessionId}/end`)).status).toBe(303);
    expect((await one.get("/account")).status).toBe(303);
    expect((await other.get("/account")).status).toBe(200);
  });
});

/** The changes: at which transaction each is made, and what it sends. */
const CHANGES: Record<string, [n: number, (setting: Setting) => [path: string, Record<string, string>]]> = {
  "a new password": [
    3,
    () => ["/account/password", { current_password: "password", new_password: "quite another password" }],
  ],
  "a new authenticator": [2, ({ fields }) => ["/account/authenticators/new", fields]],
  "an authenticator in place of another": [
    2,
    ({ fields, ids }) => [`/account/authenticators/new?replaces=${ids[0]}`, fields],
  ],
  "the removal of an authenticator": [1, ({ ids }) => [`/account/authenticators/${ids[1]}/remove`, {}]],
  "a new set of recovery codes": [1, () => ["/account/recovery-codes", { sheet: "2" }]],
};

describe.each(Object.entries(CHANGES))("%s under way", (_name, [n, of]) => {
  const TOO_LATE: typeof ENDINGS = {
    ...ENDINGS,
    "the step-up expired": async ({ world }) => world.advance(1_000),
  };

  it.each(Object.entries(TOO_LATE))("changes nothing when %s", async (_name, end) => {
    const setting = await twoBrowsers();
    const [path, fields] = of(setting);
    const slow = await heldAtTransaction(setting.world, n, {
      path,
      ...form(fields, { cookie: setting.cookie }),
    });
    await end(setting);
    const before = [await setting.whatDecides(), await setting.live()];
    const answer = await slow.letGo();
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(`/confirm?next=${encodeURIComponent(path)}`);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect([await setting.whatDecides(), await setting.live()]).toEqual(before);
  });

  it("is made when nothing happens in between", async () => {
    const setting = await twoBrowsers();
    const [path, fields] = of(setting);
    const before = await setting.whatDecides();
    const slow = await heldAtTransaction(setting.world, n, {
      path,
      ...form(fields, { cookie: setting.cookie }),
    });
    expect((await slow.letGo()).status).toBeLessThan(304);
    expect(await setting.whatDecides()).not.toBe(before);
  });
});

describe.each(["two browsers", "two tabs of one browser"])(
  "two changes at the same moment, from %s",
  (where) => {
    const send = ({ one, other }: Setting, path: string, fields: Record<string, string>, n: number) =>
      (n === 0 || where !== "two browsers" ? one : other).post(path, fields).then((answer) => answer);

    it("remove one of two authenticators, and leave the other", async () => {
      const setting = await twoBrowsers();
      const { world, ids } = setting;
      const sent = ids.map((id, n) => send(setting, `/account/authenticators/${id}/remove`, {}, n));
      await Promise.all(sent);
      expect(await sqlOn(world, "select id from authenticators")).toHaveLength(1);
    });

    it("change the password once", async () => {
      const setting = await twoBrowsers();
      const words = ["quite another password", "an entirely different one"];
      const sent = words.map((new_password, n) =>
        send(setting, "/account/password", { current_password: "password", new_password }, n),
      );
      await Promise.all(sent);
      expect(setting.world.events.filter(({ type }) => type === "password-changed")).toHaveLength(1);
      expect(await setting.live()).toHaveLength(1);
    });
  },
);
