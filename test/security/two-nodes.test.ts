/** Two nodes on one database, each a process of its own: what is used, counted or ended at one is so at the other. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  ADDRESS_RULE,
  LOCKOUT_AFTER,
  PASSWORD_RULE,
  RECOVERY_CODES,
  SECOND_FACTOR_RULE,
} from "../../src/auth/policy.js";
import { fromBase32 } from "../../src/otp/index.js";
import { cookieFrom, cookieOf } from "../support/cookies.js";
import { expectLockout } from "../support/lockout.js";
import { sqlOn } from "../support/other-program.js";
import { type Answer, ask, opensAccount, statuses } from "../support/raw-request.js";
import {
  codeOf,
  codesShown,
  type Node,
  PASSWORD,
  pendingAt,
  post,
  secretShown,
  startTwoNodes,
  type TwoNodes,
  typePassword,
  wrongCodesOf,
} from "../support/two-nodes.js";

const FREE = SECOND_FACTOR_RULE.free;

let cluster: TwoNodes;
beforeAll(async () => {
  cluster = await startTwoNodes();
});

/** How a pair of answers reads: `/` for a way in. */
const verdicts = (answers: Answer[]) =>
  answers.map(({ status, headers }) => headers.location ?? status).sort();

/** How often each came. */
const counted = (all: unknown[]) => statuses(all.map((status) => ({ status: String(status) as never })));

describe("a sign-in that begins at one node", () => {
  it("goes on at the other, and its session is valid at both", async () => {
    const one = await cluster.person();
    const [here, there] = cluster.nodes;
    const cookie = await cluster.signIn(one, 0);
    expect(await opensAccount(there, cookie)).toBe(true);
    expect(await opensAccount(here, cookie)).toBe(true);
  });

  it("goes on at the other with the secret that the first showed", async () => {
    const one = await cluster.newcomer();
    const cookie = await pendingAt(cluster.nodes[0], one);
    const shown = await Promise.all(cluster.nodes.map((node) => secretShown(node, cookie)));
    expect(shown[0]).toBe(shown[1]);
    const secret = fromBase32(shown[0] ?? "");
    const answer = await post(cluster.nodes[1], "/login/2fa", { otp: codeOf({ secret }) }, cookie);
    expect(await codesShown(cluster.nodes[0], cookieFrom(answer))).toHaveLength(RECOVERY_CODES);
    expect(await opensAccount(cluster.nodes[0], cookieFrom(answer))).toBe(true);
  });
});

describe("one code at both nodes at the same moment", () => {
  it("opens one session in each of 200 rounds", async () => {
    const everyone = await cluster.people(200);
    const cookies = [await cluster.pendingLogins(everyone), await cluster.pendingLogins(everyone)];
    const rounds = [];
    for (const [n, one] of everyone.entries()) {
      const pair: [string, string] = [cookies[0]?.[n] ?? "", cookies[1]?.[n] ?? ""];
      rounds.push(verdicts(await cluster.toBoth("/login/2fa", { otp: codeOf(one) }, pair)));
    }
    expect(counted(rounds)).toEqual({ "/,401": 200 });
  });

  it("opens one session when both get it from one pending login", async () => {
    const rounds = [];
    for (const one of await cluster.people(30)) {
      const cookie = await pendingAt(cluster.nodes[0], one);
      const answers = await cluster.toBoth("/login/2fa", { otp: codeOf(one) }, [cookie, cookie]);
      rounds.push(answers.filter(cookieOf).length);
      // The other finds the pending login gone, or its way to the session that has taken its place.
      for (const { status } of answers) expect(status).toBe(303);
    }
    expect(counted(rounds)).toEqual({ 1: 30 });
  });

  it("opens one session when it is a recovery code, in each of 50 rounds", async () => {
    const sheet = async () => {
      const rounds = [];
      const one = await cluster.newcomer();
      const cookie = await pendingAt(cluster.nodes[0], one);
      const secret = fromBase32(await secretShown(cluster.nodes[0], cookie));
      const answer = await post(cluster.nodes[0], "/login/2fa", { otp: codeOf({ secret }) }, cookie);
      for (const recovery_code of await codesShown(cluster.nodes[1], cookieFrom(answer))) {
        const cookies = await Promise.all([
          pendingAt(cluster.nodes[0], one),
          pendingAt(cluster.nodes[1], one),
        ]);
        rounds.push(verdicts(await cluster.toBoth("/login/recovery-code", { recovery_code }, cookies)));
      }
      return rounds;
    };
    const rounds = (await Promise.all([1, 2, 3, 4, 5].map(sheet))).flat();
    expect(counted(rounds)).toEqual({ "/,401": 50 });
  });
});

describe("guesses spread over both nodes at once", () => {
  it("are evaluated as often as at one node: five codes", async () => {
    const one = await cluster.person();
    const cookies = await Promise.all(cluster.nodes.map((node) => pendingAt(node, one)));
    const codes = wrongCodesOf(one, 40);
    const answers = await Promise.all(
      cluster.spread(40, (node, n) => post(node, "/login/2fa", { otp: codes[n] ?? "" }, cookies[n % 2])),
    );
    expect(statuses(answers)).toEqual({ 401: FREE, 429: 40 - FREE });
    for (const [n, node] of cluster.nodes.entries()) {
      const right = await post(node, "/login/2fa", { otp: codeOf(one) }, cookies[n]);
      expect(right.status).toBe(429);
    }
  });

  it.each(["of an account", "of nobody"])(
    "are evaluated five times when they are passwords for a name %s",
    async (whose) => {
      const one = whose === "of nobody" ? cluster.stranger() : await cluster.person();
      const guess = (node: Node, n: number) =>
        typePassword(node, { ...one, address: `192.0.2.${n}` }, "wrong");
      const answers = await Promise.all(cluster.spread(40, guess));
      expect(statuses(answers)).toEqual({ 401: PASSWORD_RULE.free, 429: 40 - PASSWORD_RULE.free });
      for (const node of cluster.nodes) expect((await typePassword(node, one)).status).toBe(429);
    },
  );

  it("are evaluated fifty times when they are passwords from one address", async () => {
    const guess = (node: Node, n: number) =>
      post(node, "/login", { username: `nobody-${n}`, password: "wrong" }, "", "192.0.2.200");
    const answers = [];
    for (const wave of [0, 1, 2]) answers.push(...(await Promise.all(cluster.spread(20, guess, wave * 20))));
    expect(statuses(answers)).toEqual({ 401: ADDRESS_RULE.free, 429: 60 - ADDRESS_RULE.free });
  });

  it("are evaluated up to the hundredth failure, then at neither node until the operator unlocks the account", async () => {
    const one = await cluster.person();
    await sqlOn(
      cluster.operator,
      `insert into throttle (pool, account_id, failures, since, delayed_until)
       values ('second-factor of many browsers of ${one.id}', '${one.id}', ${LOCKOUT_AFTER - 1}, 0, 0)`,
    );
    const cookies = await Promise.all(cluster.nodes.map((node) => pendingAt(node, one)));
    const codes = wrongCodesOf(one, 8);
    const answers = await Promise.all(
      cluster.spread(8, (node, n) => post(node, "/login/2fa", { otp: codes[n] ?? "" }, cookies[n % 2])),
    );
    expect(statuses(answers)).toEqual({ 401: 1, 429: 7 });
    const right = () => post(cluster.nodes[1], "/login/2fa", { otp: codeOf(one) }, cookies[1]);
    expectLockout(await right());
    await cluster.operator.auth.unlockAccount(one.username);
    expect((await right()).headers.location).toBe("/");
  });
});

describe("a session that ends at one node", () => {
  /** Two sessions and a pending login, each known to both nodes. */
  async function twoSessions() {
    const one = await cluster.person();
    const [mine, theirs] = [
      await cluster.signIn(one, 0),
      await cluster.signIn(one, 1, [cluster.nodes[1], cluster.nodes[0]]),
    ];
    const pending = await pendingAt(cluster.nodes[1], one);
    for (const node of cluster.nodes)
      for (const cookie of [mine, theirs]) expect(await opensAccount(node, cookie)).toBe(true);
    return { one, mine, theirs, pending };
  }

  type Given = Awaited<ReturnType<typeof twoSessions>>;

  const NEW_PASSWORD = "another violet lighthouse";

  /** Each: what ends their session at the first node, and whether mine and the pending login are still valid then. */
  const ENDINGS: Record<string, [(given: Given) => Promise<unknown>, mine: boolean, pending: boolean]> = {
    "it was signed out": [({ theirs }) => post(cluster.nodes[0], "/logout", {}, theirs), true, true],
    "its owner ended all others": [
      ({ mine }) => post(cluster.nodes[0], "/account/sessions/end-others", {}, mine),
      true,
      false,
    ],
    "its owner changed the password": [
      async ({ mine }) => {
        const fields = { current_password: PASSWORD, new_password: NEW_PASSWORD };
        const answer = await post(cluster.nodes[0], "/account/password", fields, mine);
        expect(answer.headers.location).toBe("/account");
      },
      true,
      false,
    ],
    "the operator disabled the account": [
      ({ one }) => cluster.operator.auth.disableAccount(one.username),
      false,
      false,
    ],
  };

  it.each(Object.entries(ENDINGS))(
    "is refused by the other at its next request: %s",
    async (name, [end, mine, pending]) => {
      const given = await twoSessions();
      await end(given);
      expect(await opensAccount(cluster.nodes[1], given.theirs)).toBe(false);
      expect(await opensAccount(cluster.nodes[1], given.mine)).toBe(mine);
      const page = await ask(cluster.nodes[1], { path: "/login/2fa", headers: { cookie: given.pending } });
      expect(page.status).toBe(pending ? 200 : 303);
      const again = await typePassword(cluster.nodes[1], given.one);
      expect(again.status).toBe(/password|disabled/.test(name) ? 401 : 303);
      if (name === "its owner changed the password") {
        expect((await typePassword(cluster.nodes[1], given.one, NEW_PASSWORD)).headers.location).toBe(
          "/login/2fa",
        );
      }
    },
  );
});
