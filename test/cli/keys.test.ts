/** `latchkey keys rotate` while two nodes serve: nobody is kept out, nothing that was counted is forgotten. */
import { describe, expect, it } from "vitest";
import { sealContext } from "../../src/auth/authenticators/secrets.js";
import { createAuth, createKeyring, DEFAULT_POLICY } from "../../src/auth/index.js";
import { totpAt } from "../../src/otp/index.js";
import { type Location, openStore } from "../../src/storage/index.js";
import { appSecret } from "../support/app-secret.js";
import { allHeldBy, heldBy } from "../support/cookies.js";
import { ENGINES } from "../support/database.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { latchkeyProcess } from "../support/node-cli.js";
import { randomBytes } from "../support/random.js";
import { start } from "../support/server-process.js";
import { Visitor } from "../support/visitor.js";

const OLD = appSecret("old");
const NEW = appSecret("new");

const PASSWORD = "correct horse battery";
const PEOPLE = 300;

function settings({ dataDir, databaseUrl }: Location, APP_SECRETS: string): Record<string, string> {
  const database: Record<string, string> = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  return { DATA_DIR: dataDir, DEMO: "off", APP_SECRETS, ...database };
}

/** Accounts of one password, each with an authenticator of its own that was set up under the old key. */
async function people(location: Location): Promise<Person[]> {
  const store = await openStore(location);
  const keys = createKeyring([OLD]);
  const world = { clock: Date.now, random: randomBytes, policy: DEFAULT_POLICY, issuer: "Latchkey" };
  const auth = createAuth({ ...world, store, keys, report: () => {} });
  await auth.prepare();
  await auth.createAccount({ username: "first", password: PASSWORD });
  const first = await store.accounts.byUsername("first");
  if (!first) throw new Error("The first was not added.");
  const all = Array.from({ length: PEOPLE }, (_, n) => ({
    username: `person-${n}`,
    secret: randomBytes(20),
  }));
  await store.transaction(async (tx) => {
    for (const { username, secret } of all) {
      const owned = { accountId: `id-of-${username}`, authenticatorId: `app-of-${username}` };
      await tx.accounts.add({ ...first, id: owned.accountId, username, secondFactorSince: 1 });
      await tx.authenticators.add({
        id: owned.authenticatorId,
        accountId: owned.accountId,
        name: "app",
        number: 1,
        sealedSecret: keys.seal(secret, sealContext(owned), randomBytes(12)),
        lastStep: 0,
        createdAt: 1,
        lastUsedAt: 1,
        driftSeconds: null,
        label: null,
      });
    }
  });
  await store.close();
  return all;
}

interface Person {
  username: string;
  secret: Uint8Array;
}

/** Two servers on one database, restarted with other keys one after the other; every answer of theirs is looked at. */
async function twoNodes(location: Location) {
  const everyone = await people(location);
  const nodes: Awaited<ReturnType<typeof start>>[] = [];
  const statuses = new Set<number>();

  function visitor(n: number): Visitor {
    const browser = new Visitor(nodes[n]?.address ?? "", {});
    browser.agent.on("response", ({ status }: { status: number }) => statuses.add(status));
    return browser;
  }

  return {
    statuses,
    visitor,

    /** Gives new keys to the one node while the other serves, then the other way round. */
    async restart(APP_SECRETS: string, between = async () => {}): Promise<void> {
      for (const n of [0, 1]) {
        nodes[n]?.child.kill("SIGTERM");
        await nodes[n]?.exit;
        nodes[n] = await start(settings(location, APP_SECRETS));
        expect(nodes[n]?.output().err).toBe("");
        if (nodes[1]) await between();
      }
    },

    /** Someone who has never signed in does so at that node, and what it opened holds at both. */
    async signIn(n: number, more: Record<string, string> = {}) {
      const person = everyone.pop();
      if (!person) throw new Error("There is nobody left.");
      const browser = visitor(n);
      expect((await browser.password(person.username, PASSWORD)).status).toBe(303);
      const answer = await browser.code(totpAt(person.secret, Date.now() / 1000), more);
      expect([answer.status, answer.headers.location]).toEqual([303, "/"]);
      for (const node of [0, 1]) expect(await this.opens(node, heldBy(browser))).toBe(true);
      const cookie = heldBy(browser);
      const devices = allHeldBy(browser)
        .split("; ")
        .filter((pair) => pair !== cookie);
      return { ...person, cookie, devices: devices.join("; ") };
    },

    /** Whether a cookie opens the account at that node. */
    async opens(n: number, cookie: string): Promise<boolean> {
      return (await visitor(n).get("/account").set("Cookie", cookie)).status === 200;
    },

    /** Where a password leads a browser with these cookies; 401 when it is wrong, 429 when it is not looked at. */
    async password(n: number, username: string, password: string, cookie = ""): Promise<string | number> {
      const { status, headers } = await visitor(n).password(username, password).set("Cookie", cookie);
      return status === 303 ? (headers.location ?? "") : status;
    },
  };
}

describe.each(ENGINES)("key rotation over two nodes on %s", (_engine, place) => {
  it("keeps nobody out, forgets no failure, and drops what only the old key signed", async () => {
    const location = await place();
    const { statuses, restart, ...nodes } = await twoNodes(location);
    const bothSignIn = async () => {
      for (const n of [0, 1]) await nodes.signIn(n);
    };

    await restart(OLD);
    const early = await nodes.signIn(0);
    const trusting = await nodes.signIn(1, { trust_device: "on" });
    const resting = await nodes.signIn(0, { trust_device: "on" });
    for (const n of [0, 1, 0, 1]) expect(await nodes.password(n, early.username, "wrong")).toBe(401);

    // Both must know the new key before either seals with it.
    await restart(`${OLD},${NEW}`, bothSignIn);
    await restart(`${NEW},${OLD}`, bothSignIn);

    let ended = false;
    let during = 0;
    const signingIn = [0, 1].map(async (n) => {
      while (!ended) {
        await nodes.signIn(n);
        during += 1;
      }
    });
    const rotated = await latchkeyProcess(["keys", "rotate"], settings(location, `${NEW},${OLD}`));
    ended = true;
    await Promise.all(signingIn);
    // The authenticators, and the key of the keyed hashes.
    expect(rotated).toMatchObject({
      exit: 0,
      out: `Sealed anew: ${PEOPLE + 1}. Everything is sealed with the newest key now.\n`,
    });
    expect(during).toBeGreaterThan(1);

    // The fifth is the last that is looked at; a browser that the old key has made known has a count of its own.
    expect(await nodes.password(0, early.username, "wrong")).toBe(401);
    expect(await nodes.password(1, early.username, "wrong")).toBe(429);
    expect(await nodes.password(1, early.username, PASSWORD)).toBe(429);
    expect(await nodes.password(1, early.username, "wrong", early.devices)).toBe(401);
    const late = await nodes.signIn(1);
    // One that signs in while both keys are there is trusted under the newer one from then on.
    expect(await nodes.password(0, trusting.username, PASSWORD, trusting.devices)).toBe("/");

    await restart(NEW, bothSignIn);
    for (const n of [0, 1]) {
      // Ended: sessions that were opened before the new key was the first, and browsers known since then.
      expect(await nodes.opens(n, early.cookie)).toBe(false);
      expect(await nodes.password(n, early.username, PASSWORD, early.devices)).toBe(429);
      expect(await nodes.password(n, resting.username, PASSWORD, resting.devices)).toBe("/login/2fa");
      // The others go on.
      expect(await nodes.opens(n, late.cookie)).toBe(true);
      expect(await nodes.password(n, trusting.username, PASSWORD, trusting.devices)).toBe("/");
    }
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  });
});

describe("APP_SECRETS", () => {
  const COMMANDS = [
    ["account", "list"],
    ["keys", "rotate"],
  ];

  async function refusals(env: Record<string, string>): Promise<string[]> {
    const server = await start(env);
    expect(await server.exit).toBe(1);
    const said = [server.output().err];
    for (const command of COMMANDS) {
      const { exit, out, err } = await latchkey(command, { env });
      expect({ exit, out }).toEqual({ exit: 1, out: "" });
      said.push(err);
    }
    for (const text of said) expect(text).not.toContain("    at ");
    return said;
  }

  it("is required in production, and refused when a key is short", async () => {
    const production = { NODE_ENV: "production", BASE_URL: "http://127.0.0.1:1", DATA_DIR: newFolder() };
    for (const said of await refusals(production)) {
      expect(said).toMatch(/APP_SECRETS is required in production: make one with `latchkey secret/);
    }
    for (const said of await refusals({ ...production, APP_SECRETS: `${NEW},short` })) {
      expect(said).toMatch(/Each of APP_SECRETS, .* is at least 32 bytes: make one with/);
      expect(said).not.toContain("short");
    }
  });

  it("is refused when no key opens what the database holds, which stays as it is", async () => {
    const location = { dataDir: newFolder() };
    await people(location);
    for (const said of await refusals(settings(location, NEW))) {
      expect(said).toMatch(/latchkey: The database holds secrets sealed with a key .* bring that key back/);
    }
    const { exit } = await latchkey(["account", "list"], { env: settings(location, OLD) });
    expect(exit).toBe(0);
  });

  it("needs no rotation when there is one key", async () => {
    const location = { dataDir: newFolder() };
    await people(location);
    expect(await latchkey(["keys", "rotate"], { env: settings(location, OLD) })).toMatchObject({
      exit: 0,
      out: "Everything is sealed with the newest key already.\n",
    });
    const none = await latchkey(["keys", "rotate"], { env: { DATA_DIR: newFolder(), APP_SECRETS: OLD } });
    expect(none).toMatchObject({ exit: 1, err: expect.stringContaining("There is no database yet") });
  });
});
