/** Two nodes on one database, each a process of its own, and people who sign in there. */
import { createHash, createHmac } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { sealContext } from "../../src/auth/authenticators/secrets.js";
import { SECRET_BYTES } from "../../src/auth/policy.js";
import { totpAt } from "../../src/otp/index.js";
import { NEW_ACCOUNT } from "./account-row.js";
import { appSecret } from "./app-secret.js";
import { cookieFrom } from "./cookies.js";
import { newFolder } from "./new-folder.js";
import { randomBytes } from "./random.js";
import { ask, form } from "./raw-request.js";
import { start } from "./server-process.js";
import { codesOn } from "./sign-in.js";
import { secretOn } from "./visitor.js";
import { MINUTE, openWorld, type World } from "./world.js";
import { nextWrongCode } from "./wrong-codes.js";

/** The password of everyone here. */
export const PASSWORD = "a quiet orange harbour";

export interface Node {
  port: number;
}

export interface Person {
  id: string;
  username: string;
  secret: Uint8Array;
  /** Where they sign in from. */
  address: string;
}

/** Starts both, for all tests of a file. */
export async function startTwoNodes(): Promise<TwoNodes> {
  const settings = {
    DATA_DIR: newFolder(),
    APP_SECRETS: appSecret(),
    TRUST_PROXY: "loopback",
  };
  const operator = await openWorld(settings);
  const url = operator.config.databaseUrl;
  const startNode = async () => {
    const env = { ...settings, ...(url !== undefined && { DATABASE_URL: url }) };
    const { address } = await start(env, { forAllTests: true });
    return { port: Number(new URL(address).port) };
  };
  const nodes = await Promise.all([startNode(), startNode()]);
  // As cheap as the library makes them: a hash says itself what it costs, and these tests sign in hundreds of times.
  const passwordHash = await hash(PASSWORD, { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 });
  return new TwoNodes(operator, nodes, passwordHash);
}

export class TwoNodes {
  #people = 0;

  constructor(
    /** On the same database: adds accounts, and does what an operator does. */
    readonly operator: World,
    readonly nodes: [Node, Node],
    readonly passwordHash: string,
  ) {}

  /** Someone who has no account yet. */
  stranger(): Person {
    const n = ++this.#people;
    return {
      id: `account-${n}`,
      username: `person-${n}`,
      secret: randomBytes(SECRET_BYTES),
      address: `198.51.${n >> 8}.${n & 255}`,
    };
  }

  /** Someone with an account and no authenticator. */
  async newcomer(): Promise<Person> {
    const person = this.stranger();
    await this.operator.store.accounts.add(this.#accountOf(person));
    return person;
  }

  /** New accounts, each with an authenticator. */
  async people(count: number): Promise<Person[]> {
    const all = Array.from({ length: count }, () => this.stranger());
    await this.operator.store.transaction(async (store) => {
      for (const person of all) {
        await store.accounts.add(this.#accountOf(person));
        await store.accounts.startSecondFactor(person.id, 1);
        await store.authenticators.add(this.#authenticatorOf(person));
      }
    });
    return all;
  }

  async person(): Promise<Person> {
    const [one] = await this.people(1);
    if (!one) throw new Error("unreachable");
    return one;
  }

  /** A pending login for each, as if they had all typed their passwords: the cookies. */
  async pendingLogins(all: Person[]): Promise<string[]> {
    const now = Date.now();
    const ids = all.map(() => randomBytes(32).toString("base64url"));
    await this.operator.store.transaction(async (store) => {
      for (const [n, { id: accountId, address }] of all.entries()) {
        const idHash = createHash("sha256")
          .update(ids[n] ?? "")
          .digest("base64url");
        await store.sessions.open({
          ...{ idHash, family: idHash, accountId, address, kind: "pending", methods: "password", device: "" },
          ...{
            next: null,
            steppedUpAt: null,
            endedAt: null,
            data: "",
            browser: null,
            lastRefusal: null,
            loginName: null,
            codes: null,
          },
          ...{ createdAt: now, lastSeenAt: now, expiresAt: now + 10 * MINUTE },
        });
      }
    });
    return ids.map((id) => {
      const signature = createHmac("sha256", this.operator.keys.cookieSecrets[0] ?? "").update(id);
      return `latchkey=${encodeURIComponent(`s:${id}.${signature.digest("base64").replace(/=+$/, "")}`)}`;
    });
  }

  /** Signs in with the code some steps away, from one node to the other; the cookie of the session. */
  async signIn(person: Person, steps: number, [first, second] = this.nodes): Promise<string> {
    const pending = await pendingAt(first, person);
    return cookieFrom(await post(second, "/login/2fa", { otp: codeOf(person, steps) }, pending));
  }

  /** Sends the same to both nodes at the same moment. */
  toBoth(path: string, fields: Record<string, string>, cookies: [string, string]) {
    return Promise.all(this.nodes.map((node, n) => post(node, path, fields, cookies[n])));
  }

  /** Sends as many requests, to the two nodes in turn. */
  spread<T>(count: number, send: (node: Node, n: number) => T, first = 0): T[] {
    return Array.from({ length: count }, (_, n) => send(this.nodes[n % 2] as Node, first + n));
  }

  #accountOf({ id, username }: Person) {
    return { ...NEW_ACCOUNT, id, username, passwordHash: this.passwordHash };
  }

  #authenticatorOf({ id, secret }: Person) {
    const own = { accountId: id, authenticatorId: `authenticator of ${id}` };
    return {
      id: own.authenticatorId,
      accountId: id,
      name: "Phone",
      number: 1,
      sealedSecret: this.operator.keys.seal(secret, sealContext(own), randomBytes(12)),
      lastStep: 0,
      createdAt: 1,
      lastUsedAt: 1,
      driftSeconds: null,
      label: null,
    };
  }
}

/** What their phone shows now, or some time steps away: the nodes' clock is the real one. */
export const codeOf = ({ secret }: Pick<Person, "secret">, steps = 0) =>
  totpAt(secret, Date.now() / 1000 + steps * 30);

/** Codes that are wrong now and in the steps around, each another one. */
export function wrongCodesOf(person: Person, count: number): string[] {
  const phone = { code: (_secret: string, steps?: number) => codeOf(person, steps) };
  return Array.from({ length: count }, () => nextWrongCode(phone, person.username));
}

export function post(
  node: Node,
  path: string,
  fields: Record<string, string>,
  cookie = "",
  address = "203.0.113.7",
) {
  return ask(node, { path, ...form(fields, { cookie, "x-forwarded-for": address }) });
}

export const typePassword = (node: Node, { username, address }: Person, password = PASSWORD) =>
  post(node, "/login", { username, password }, "", address);

/** The cookie of a new pending login. */
export const pendingAt = async (node: Node, person: Person) => cookieFrom(await typePassword(node, person));

/** The secret that the set-up page shows. */
export async function secretShown(node: Node, cookie: string): Promise<string> {
  return secretOn((await ask(node, { path: "/login/2fa", headers: { cookie } })).text);
}

/** The recovery codes that a session has just made. */
export async function codesShown(node: Node, cookie: string): Promise<string[]> {
  return codesOn((await ask(node, { path: "/account/recovery-codes/current", headers: { cookie } })).text);
}
