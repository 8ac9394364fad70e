/** Two nodes on one database, each a process of its own: what is used, counted or ended at one is so at the other. */
import { createHash, createHmac } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { beforeAll, describe, expect, it } from "vitest";
import { sealContext } from "../../src/auth/authenticators/secrets.js";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { appSecret } from "../support/app-secret.js";
import { cookieFrom, cookieOf } from "../support/cookies.js";
import { newFolder } from "../support/new-folder.js";
import { sqlOn } from "../support/other-program.js";
import { randomBytes } from "../support/random.js";
import { type Answer, ask, form, opensAccount, statuses } from "../support/raw-request.js";
import { start } from "../support/server-process.js";
import { codesOn } from "../support/sign-in.js";
import { MINUTE, openWorld, type World } from "../support/world.js";
import { nextWrongCode } from "../support/wrong-codes.js";

/** On the same database: for accounts that are there before anyone signs in, and for what the operator does. */
let operator: World;
let nodes: [Node, Node];
/** The hash of the password of everyone here. */
let passwordHash: string;

interface Node {
  port: number;
}

beforeAll(async () => {
  const settings = {
    DATA_DIR: newFolder(),
    APP_SECRETS: appSecret(),
    TRUST_PROXY: "loopback",
  };
  operator = await openWorld(settings);
  const url = operator.config.databaseUrl;
  const startNode = async () => {
    const env = { ...settings, ...(url !== undefined && { DATABASE_URL: url }) };
    const { address } = await start(env, { forAllTests: true });
    return { port: Number(new URL(address).port) };
  };
  nodes = await Promise.all([startNode(), startNode()]);
  // As cheap as the library makes them: a hash says itself what it costs, and thousands of sign-ins are not what is tried.
  passwordHash = await hash(PASSWORD, { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 });
  return () => operator.close();
});

const PASSWORD = "a quiet orange harbour";

interface Person {
  id: string;
  username: string;
  secret: Uint8Array;
  /** Where they sign in from. */
  address: string;
}

let made = 0;

/** New accounts, each with an authenticator. */
async function people(count: number): Promise<Person[]> {
  const all = Array.from({ length: count }, newPerson);
  await operator.store.transaction(async (store) => {
    for (const person of all) {
      await store.accounts.add(accountOf(person));
      await store.accounts.startSecondFactor(person.id, 1);
      await store.authenticators.add(authenticatorOf(person));
    }
  });
  return all;
}

async function person(): Promise<Person> {
  const [one] = await people(1);
  if (!one) throw new Error("unreachable");
  return one;
}

function newPerson(): Person {
  made += 1;
  return {
    id: `account-${made}`,
    username: `person-${made}`,
    secret: randomBytes(20),
    address: `198.51.${made >> 8}.${made & 255}`,
  };
}

const accountOf = ({ id, username }: Person) => ({
  ...{ id, username, passwordHash },
  isDemo: false,
  createdAt: 1,
  secondFactorSince: null,
  credentialVersion: 0,
  disabledAt: null,
  lastSignInAt: null,
});

function authenticatorOf({ id, secret }: Person) {
  const own = { accountId: id, authenticatorId: `authenticator of ${id}` };
  return {
    id: own.authenticatorId,
    accountId: id,
    name: "Phone",
    number: 1,
    sealedSecret: operator.keys.seal(secret, sealContext(own), randomBytes(12)),
    lastStep: 0,
    createdAt: 1,
    lastUsedAt: 1,
    driftSeconds: null,
  };
}

/** What their phone shows now, or some time steps away: the nodes' clock is the real one. */
const codeOf = ({ secret }: Pick<Person, "secret">, steps = 0) =>
  totpAt(secret, Date.now() / 1000 + steps * 30);

/** Codes that are wrong now and in the steps around, each another one. */
function wrongCodesOf(person: Person, count: number): string[] {
  const phone = { code: (_secret: string, steps?: number) => codeOf(person, steps) };
  return Array.from({ length: count }, () => nextWrongCode(phone, person.username));
}

function post(
  node: Node,
  path: string,
  fields: Record<string, string>,
  cookie = "",
  address = "203.0.113.7",
) {
  return ask(node, { path, ...form(fields, { cookie, "x-forwarded-for": address }) });
}

const password = (node: Node, { username, address }: Person, password = PASSWORD) =>
  post(node, "/login", { username, password }, "", address);

/** The cookie of a new pending login. */
const pendingAt = async (node: Node, person: Person) => cookieFrom(await password(node, person));

/** A pending login for each, as if they had all proved their passwords: the cookies. */
async function plantedLogins(all: Person[]): Promise<string[]> {
  const now = Date.now();
  const ids = all.map(() => randomBytes(32).toString("base64url"));
  await operator.store.transaction(async (store) => {
    for (const [n, { id: accountId, address }] of all.entries()) {
      const idHash = createHash("sha256")
        .update(ids[n] ?? "")
        .digest("base64url");
      await store.sessions.open({
        ...{ idHash, family: idHash, accountId, address, kind: "pending", methods: "password", device: "" },
        ...{ next: null, steppedUpAt: null, endedAt: null, data: "", browser: null, lastRefusal: null },
        ...{ createdAt: now, lastSeenAt: now, expiresAt: now + 10 * MINUTE },
      });
    }
  });
  return ids.map((id) => {
    const signature = createHmac("sha256", operator.keys.cookieSecrets[0] ?? "").update(id);
    return `latchkey=${encodeURIComponent(`s:${id}.${signature.digest("base64").replace(/=+$/, "")}`)}`;
  });
}

/** Signs in with the code some steps away, from one node to the other; the cookie of the session. */
async function signIn(person: Person, steps: number, [first, second] = nodes): Promise<string> {
  const pending = await pendingAt(first, person);
  return cookieFrom(await post(second, "/login/2fa", { otp: codeOf(person, steps) }, pending));
}

/** Sends the same to both nodes at the same moment. */
const toBoth = (path: string, fields: Record<string, string>, cookies: [string, string]) =>
  Promise.all([post(nodes[0], path, fields, cookies[0]), post(nodes[1], path, fields, cookies[1])]);

/** How a pair of answers reads: `/` for a way in. */
const verdicts = (answers: Answer[]) =>
  answers.map(({ status, headers }) => headers.location ?? status).sort();

/** How often each came. */
const counted = (all: unknown[]) => statuses(all.map((status) => ({ status: String(status) as never })));

describe("the way in, begun at one node", () => {
  it("goes on at the other, and the session is good at both", async () => {
    const one = await person();
    const [here, there] = nodes;
    const cookie = await signIn(one, 0);
    expect(await opensAccount(there, cookie)).toBe(true);
    expect(await opensAccount(here, cookie)).toBe(true);
  });

  it("goes on at the other with the secret that the first has shown", async () => {
    const one = newPerson();
    await operator.store.accounts.add(accountOf(one));
    const cookie = await pendingAt(nodes[0], one);
    const shown = await Promise.all(nodes.map((node) => secretShown(node, cookie)));
    expect(shown[0]).toBe(shown[1]);
    const secret = fromBase32(shown[0] ?? "");
    const answer = await post(nodes[1], "/login/2fa", { otp: codeOf({ secret }) }, cookie);
    expect(codesOn(answer.text)).toHaveLength(10);
    expect(await opensAccount(nodes[0], cookieFrom(answer))).toBe(true);
  });
});

async function secretShown(node: Node, cookie: string): Promise<string | undefined> {
  const page = await ask(node, { path: "/login/2fa", headers: { cookie } });
  return /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "");
}

describe("sent to both nodes at the same moment, one way in is opened in each round", () => {
  it("by one code, in 200 rounds", async () => {
    const everyone = await people(200);
    const cookies = [await plantedLogins(everyone), await plantedLogins(everyone)];
    const rounds = [];
    for (const [n, one] of everyone.entries()) {
      const pair: [string, string] = [cookies[0]?.[n] ?? "", cookies[1]?.[n] ?? ""];
      rounds.push(verdicts(await toBoth("/login/2fa", { otp: codeOf(one) }, pair)));
    }
    expect(counted(rounds)).toEqual({ "/,401": 200 });
  });

  it("by one code in one pending login", async () => {
    const rounds = [];
    for (const one of await people(30)) {
      const cookie = await pendingAt(nodes[0], one);
      const answers = await toBoth("/login/2fa", { otp: codeOf(one) }, [cookie, cookie]);
      rounds.push(answers.filter(cookieOf).length);
      // The other finds the pending login gone, or its way to the session that has taken its place.
      for (const { status } of answers) expect(status).toBe(303);
    }
    expect(counted(rounds)).toEqual({ 1: 30 });
  });

  it("by one recovery code, in 50 rounds", async () => {
    const sheet = async () => {
      const rounds = [];
      const one = newPerson();
      await operator.store.accounts.add(accountOf(one));
      const cookie = await pendingAt(nodes[0], one);
      const secret = fromBase32((await secretShown(nodes[0], cookie)) ?? "");
      const answer = await post(nodes[0], "/login/2fa", { otp: codeOf({ secret }) }, cookie);
      for (const recovery_code of codesOn(answer.text)) {
        const cookies = await Promise.all([pendingAt(nodes[0], one), pendingAt(nodes[1], one)]);
        rounds.push(verdicts(await toBoth("/login/recovery-code", { recovery_code }, cookies)));
      }
      return rounds;
    };
    const rounds = (await Promise.all([1, 2, 3, 4, 5].map(sheet))).flat();
    expect(counted(rounds)).toEqual({ "/,401": 50 });
  });
});

describe("of guesses that are spread over both nodes at once, so many are looked at as at one", () => {
  it("five codes", async () => {
    const one = await person();
    const cookies = await Promise.all(nodes.map((node) => pendingAt(node, one)));
    const codes = wrongCodesOf(one, 40);
    const answers = await Promise.all(
      spread(40, (node, n) => post(node, "/login/2fa", { otp: codes[n] ?? "" }, cookies[n % 2])),
    );
    expect(statuses(answers)).toEqual({ 401: 5, 429: 35 });
    for (const [n, node] of nodes.entries()) {
      const right = await post(node, "/login/2fa", { otp: codeOf(one) }, cookies[n]);
      expect(right.status).toBe(429);
    }
  });

  it.each(["of an account", "of nobody"])("five passwords for a name %s", async (whose) => {
    const one = whose === "of nobody" ? newPerson() : await person();
    const guess = (node: Node, n: number) => password(node, { ...one, address: `192.0.2.${n}` }, "wrong");
    expect(statuses(await Promise.all(spread(40, guess)))).toEqual({ 401: 5, 429: 35 });
    for (const node of nodes) expect((await password(node, one)).status).toBe(429);
  });

  it("fifty passwords from one address", async () => {
    const guess = (node: Node, n: number) =>
      post(node, "/login", { username: `nobody-${n}`, password: "wrong" }, "", "192.0.2.200");
    const answers = [];
    for (const wave of [0, 1, 2]) answers.push(...(await Promise.all(spread(20, guess, wave * 20))));
    expect(statuses(answers)).toEqual({ 401: 50, 429: 10 });
  });

  it("the hundredth failure, and none after it at either node until the operator opens the account", async () => {
    const one = await person();
    await sqlOn(
      operator,
      `insert into throttle (pool, account_id, failures, since, delayed_until)
       values ('second-factor of many browsers of ${one.id}', '${one.id}', 99, 0, 0)`,
    );
    const cookies = await Promise.all(nodes.map((node) => pendingAt(node, one)));
    const codes = wrongCodesOf(one, 8);
    const answers = await Promise.all(
      spread(8, (node, n) => post(node, "/login/2fa", { otp: codes[n] ?? "" }, cookies[n % 2])),
    );
    expect(statuses(answers)).toEqual({ 401: 1, 429: 7 });
    const right = () => post(nodes[1], "/login/2fa", { otp: codeOf(one) }, cookies[1]);
    expect((await right()).text).toContain("This account is locked");
    await operator.auth.unlockAccount(one.username);
    expect((await right()).headers.location).toBe("/");
  });
});

/** As many requests, to the two nodes in turn. */
function spread<T>(count: number, send: (node: Node, n: number) => T, first = 0): T[] {
  return Array.from({ length: count }, (_, n) => send(nodes[n % 2] as Node, first + n));
}

describe("what is ended at one node is refused by the other at its very next request", () => {
  /** Two sessions and a pending login, each known to both nodes. */
  async function twoSessions() {
    const one = await person();
    const [mine, theirs] = [await signIn(one, 0), await signIn(one, 1, [nodes[1], nodes[0]])];
    const pending = await pendingAt(nodes[1], one);
    for (const node of nodes)
      for (const cookie of [mine, theirs]) expect(await opensAccount(node, cookie)).toBe(true);
    return { one, mine, theirs, pending };
  }

  type Given = Awaited<ReturnType<typeof twoSessions>>;

  const NEW_PASSWORD = "another violet lighthouse";

  /** Each: what ends their session at the first node, and whether mine and the pending login are still good then. */
  const ENDINGS: Record<string, [(given: Given) => Promise<unknown>, mine: boolean, pending: boolean]> = {
    "by logging out": [({ theirs }) => post(nodes[0], "/logout", {}, theirs), true, true],
    "by ending all others": [
      ({ mine }) => post(nodes[0], "/account/sessions/end-others", {}, mine),
      true,
      false,
    ],
    "by a new password": [
      async ({ mine }) => {
        const fields = { current_password: PASSWORD, new_password: NEW_PASSWORD };
        const answer = await post(nodes[0], "/account/password", fields, mine);
        expect(answer.headers.location).toBe("/account");
      },
      true,
      false,
    ],
    "by the operator, who closes the account": [
      ({ one }) => operator.auth.disableAccount(one.username),
      false,
      false,
    ],
  };

  it.each(Object.entries(ENDINGS))("%s", async (name, [end, mine, pending]) => {
    const given = await twoSessions();
    await end(given);
    expect(await opensAccount(nodes[1], given.theirs)).toBe(false);
    expect(await opensAccount(nodes[1], given.mine)).toBe(mine);
    const page = await ask(nodes[1], { path: "/login/2fa", headers: { cookie: given.pending } });
    expect(page.status).toBe(pending ? 200 : 303);
    const again = await password(nodes[1], given.one);
    expect(again.status).toBe(/password|closes/.test(name) ? 401 : 303);
    if (name === "by a new password") {
      expect((await password(nodes[1], given.one, NEW_PASSWORD)).headers.location).toBe("/login/2fa");
    }
  });
});
