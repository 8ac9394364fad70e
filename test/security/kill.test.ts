/** Killed: the process ends in the middle of changes (kill -9), and each is done whole or not at all, once. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { on, once } from "node:events";
import { symlinkSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { hash } from "@node-rs/argon2";
import { DatabaseSync } from "@photostructure/sqlite";
import { rolldown } from "rolldown";
import { beforeAll, expect, it } from "vitest";
import { createKeyring, type PendingLogin } from "../../src/auth/index.js";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { databaseFile, type Location } from "../../src/storage/index.js";
import { type Begun, type Change, clientAt, openAuthAt, SECRET } from "../support/changes-in-flight.js";
import { newDatabase } from "../support/database.js";
import { newFolder } from "../support/new-folder.js";
import { ask } from "../support/postgres.js";
import { randomBytes, randomFraction } from "../support/random.js";
import { seedOfRun } from "../support/seed.js";
import { start } from "../support/server-process.js";

/** Each is in the middle of four changes: on the two engines some 200 are cut off. */
const KILLS = 25;

/** Of those, so many of the whole server. */
const OF_THE_SERVER = 3;

/** As good as any, and quickly checked: it is not the hash that is tried here. */
const CHEAP = { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 };

const PASSWORD = "a quiet orange harbour";
const NEW_PASSWORD = "seven green lanterns";

/** What must hold of every account whenever it is looked at; each finds the accounts of which it does not. */
const HALF_DONE: Record<string, string> = {
  "an authenticator without the second factor, or the other way round":
    "(second_factor_since is not null) <> exists (select 1 from authenticators where account_id = accounts.id)",
  "an authenticator and not ten recovery codes":
    "second_factor_since is not null and (select count(*) from recovery_codes where account_id = accounts.id) <> 10",
  "recovery codes without an authenticator, or their sheet":
    "exists (select 1 from recovery_codes where account_id = accounts.id) <> exists (select 1 from recovery_sheets where account_id = accounts.id and second_factor_since is not null)",
  "an authenticator that is still being set up":
    "exists (select 1 from authenticators join enrolments on enrolments.authenticator_id = authenticators.id where authenticators.account_id = accounts.id)",
  "a session that the history does not know, or the other way round":
    "(select count(*) from history where account_id = accounts.id and type = 'signed-in') <> (select count(*) from sessions where account_id = accounts.id and kind = 'session')",
  "a sign-in that the account does not know":
    "(last_sign_in_at is not null) <> exists (select 1 from sessions where account_id = accounts.id and kind = 'session')",
  "a session and its pending login, both open":
    "exists (select 1 from sessions s join sessions p on p.family = s.family where s.account_id = accounts.id and s.kind = 'session' and p.kind = 'pending' and p.ended_at is null)",
  "a recovery code used and not told, or the other way round":
    "(select count(*) from history where account_id = accounts.id and type = 'recovery-code-used') <> (select count(*) from recovery_codes where account_id = accounts.id and used_at is not null)",
  "a new password and old device cookies, or the other way round":
    "(select count(*) from history where account_id = accounts.id and type = 'password-changed') <> epoch",
};

type Opened = Awaited<ReturnType<typeof openAuthAt>>;
type Prepared = Awaited<ReturnType<typeof prepare>>;

let program = "";
let cheapHash = "";
beforeAll(async () => {
  program = await compiled(fileURLToPath(new URL("../support/changes-in-flight.ts", import.meta.url)));
  cheapHash = await hash(PASSWORD, CHEAP);
});

it.each(["SQLite", "PostgreSQL"])(
  "what a kill cuts off is done whole or not at all, and nothing is good twice: on %s",
  async (engine) => {
    const location = await freshDatabase(engine);
    const opened = await openAuthAt(location, randomBytes);
    const longest = 1.5 * (await howLongItTakes(location, await prepare(opened, "10.0.250.1")));
    const rounds = Array.from({ length: KILLS }, (_, n) => ({
      n,
      kill: n < OF_THE_SERVER ? killServer : killProgram,
      after: randomFraction() * longest,
    }));
    const tally = { done: 0, notDone: 0, answered: 0 };

    async function lane(): Promise<void> {
      for (let round = rounds.shift(); round; round = rounds.shift()) {
        const { n, kill, after } = round;
        const prepared = await prepare(opened, `10.0.${n}.1`);
        const answered = await kill(location, prepared, after);
        await expectNothingHalf(location);
        for (const [change, check] of Object.entries(CHECKS)) {
          const hint = `${seedOfRun()}, kill ${n} after ${after.toFixed(1)} ms, ${change}`;
          const isDone = await check(opened, prepared, hint);
          if (answered.has(change)) expect(isDone, `${hint}: was answered`).toBe(true);
          tally[isDone ? "done" : "notDone"]++;
          if (answered.has(change)) tally.answered++;
        }
      }
    }
    // While one is checked, the next can start.
    await Promise.all([lane(), lane()]);
    await expectNothingHalf(location);
    await opened.store.close();
    // Or they were not killed in the middle.
    expect(tally.done, JSON.stringify(tally)).toBeGreaterThan(KILLS / 10);
    expect(tally.notDone, JSON.stringify(tally)).toBeGreaterThan(KILLS / 10);
  },
  120_000,
);

/** People about to do something: each an account of its own, with nothing done yet. */
async function prepare({ authAt, store }: Opened, address: string) {
  const client = clientAt(address);
  // A stopped clock: the code of one step before is too old as soon as a step ends, here between making it and sending it.
  const now = Date.now();
  const auth = await authAt(() => now);
  const code = (secret: string, step: number) => totpAt(fromBase32(secret), now / 1000 + step * 30);

  async function newAccount(name: string): Promise<string> {
    const username = `${name}-${address}`;
    const nothing = {
      isDemo: false,
      secondFactorSince: null,
      credentialVersion: 0,
      disabledAt: null,
      lastSignInAt: null,
    };
    await store.accounts.add({ id: username, username, passwordHash: cheapHash, createdAt: 1, ...nothing });
    return username;
  }

  async function pendingLogin(username: string): Promise<string> {
    const began = await auth.startLogin({ username, password: PASSWORD, next: undefined }, client);
    if (began.outcome !== "password-accepted") throw new Error(`${username}: ${began.outcome}`);
    return began.pendingLogin.id;
  }

  async function beingSetUp(name: string) {
    const username = await newAccount(name);
    const login = await pendingLogin(username);
    const step = await auth.secondStep((await auth.findSession(login)) as PendingLogin, client);
    if (step.step !== "set-up") throw new Error(`${username}: ${step.step}`);
    return { username, login, secret: step.enrolment.secret };
  }

  /** With an authenticator and a session. */
  async function settled(name: string) {
    const { username, login, secret } = await beingSetUp(name);
    // One step early: the present one is still good.
    const otp = code(secret, -1);
    const result = await auth.completeLogin((await auth.findSession(login)) as PendingLogin, { otp }, client);
    if (result.outcome !== "signed-in") throw new Error(`${username}: ${result.outcome}`);
    return { username, secret, session: result.session.id, codes: result.sheet?.codes ?? [] };
  }

  const [signer, newcomer, loser, changer] = [
    await settled("signer"),
    await beingSetUp("newcomer"),
    await settled("loser"),
    await settled("changer"),
  ];
  const begun: Begun = {
    "sign-in": { username: signer.username, password: PASSWORD, otp: code(signer.secret, 0) },
    "set-up": { login: newcomer.login, otp: code(newcomer.secret, 0) },
    recovery: { login: await pendingLogin(loser.username), recoveryCode: loser.codes[0] ?? "" },
    "password-change": { session: changer.session, current: PASSWORD, next: NEW_PASSWORD },
  };
  const names = {
    "sign-in": signer.username,
    "set-up": newcomer.username,
    recovery: loser.username,
    "password-change": changer.username,
  };
  const other = await pendingLogin(changer.username);
  return { begun, names, other, client, address };
}

/** How long (ms) the four changes take together, here and now, when nothing cuts them off. */
async function howLongItTakes(location: Location, prepared: Prepared): Promise<number> {
  const { child, lines } = await startProgram(location, prepared);
  const begun = performance.now();
  for await (const [line] of on(lines, "line")) if (line === "over") break;
  const took = performance.now() - begun;
  await killed(child, 0);
  return took;
}

/** A program that has begun with its changes. */
async function startProgram(location: Location, { begun, address }: Prepared) {
  const words = [program, JSON.stringify(location), JSON.stringify(begun), address];
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env.PATH, TEST_SEED: process.env.TEST_SEED, CHANGES_IN_FLIGHT: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => said.push(line));
  const closed = once(lines, "close");
  await once(lines, "line");
  return { child, lines, said, closed };
}

/** The changes that were answered before the end. */
async function killProgram(location: Location, prepared: Prepared, after: number): Promise<Set<string>> {
  const { child, said, closed } = await startProgram(location, prepared);
  await killed(child, after);
  await closed;
  for (const line of said) expect(line).toMatch(/^(begun|over|.+ signed-in|.+ changed)$/);
  return new Set(said.map((line) => line.split(" ")[0] ?? ""));
}

/** The same over HTTP. */
async function killServer(location: Location, { begun }: Prepared, after: number): Promise<Set<string>> {
  const { dataDir: DATA_DIR, databaseUrl } = location;
  const server = await start({
    DATA_DIR,
    APP_SECRETS: SECRET,
    DEMO: "off",
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  });
  if (server.address === "") throw new Error(server.output().err);
  const answered = new Set<string>();
  async function post(where: string, cookie: string, fields: Record<string, string>) {
    const answer = await fetch(`${server.address}${where}`, {
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
    // Whoever is not known is sent to the beginning.
    expect(answer.headers.get("location") ?? "", where).not.toMatch(/^\/login(\?|$)/);
    return { status: answer.status, cookie: answer.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "" };
  }
  const cookieOf = (id: string) => `latchkey=${signed(id)}`;
  const changes: Record<Change, () => Promise<number>> = {
    async "sign-in"() {
      const { username, password, otp } = begun["sign-in"];
      const first = await post("/login", "", { username, password });
      return (await post("/login/2fa", first.cookie, { otp })).status;
    },
    async "set-up"() {
      const { login, otp } = begun["set-up"];
      return (await post("/login/2fa", cookieOf(login), { otp })).status;
    },
    async recovery() {
      const { login, recoveryCode } = begun.recovery;
      return (await post("/login/recovery-code", cookieOf(login), { recovery_code: recoveryCode })).status;
    },
    async "password-change"() {
      const { session, current, next } = begun["password-change"];
      const fields = { current_password: current, new_password: next };
      return (await post("/account/password", cookieOf(session), fields)).status;
    },
  };
  const all = Object.entries(changes).map(async ([name, change]) => {
    const status = await change().catch(ofBeingCut);
    if (status !== undefined) expect([200, 303], name).toContain(status);
    if (status !== undefined) answered.add(name);
  });
  await killed(server.child, after);
  await Promise.all(all);
  return answered;
}

/** A request that the kill has cut off got no answer; anything else went wrong. */
function ofBeingCut(error: Error): undefined {
  if (error instanceof TypeError) return undefined;
  throw error;
}

async function killed(child: ChildProcess, after: number): Promise<void> {
  await sleep(after);
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

async function expectNothingHalf(location: Location): Promise<void> {
  const half = Object.entries(HALF_DONE).map(
    ([what, where]) => `select username, '${what}' as what from accounts where ${where}`,
  );
  const query = half.join(" union all ");
  if (location.databaseUrl !== undefined) {
    expect(await ask(location.databaseUrl, query)).toEqual([]);
    return;
  }
  const database = new DatabaseSync(databaseFile(location.dataDir), { timeout: 5_000 });
  try {
    expect(database.prepare("pragma integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(database.prepare("pragma foreign_key_check").all()).toEqual([]);
    expect(database.prepare(query).all()).toEqual([]);
  } finally {
    database.close();
  }
}

type Check = (opened: Opened, prepared: Prepared, hint: string) => Promise<boolean>;

/** Whether a change was done; and, either way, that it can be done once in all. */
const CHECKS: Record<Change, Check> = {
  async "sign-in"({ auth, store }, { begun, names, client }, hint) {
    const isDone = (await sessionsOf(store, names["sign-in"])) === 2;
    const { username, password, otp } = begun["sign-in"];
    const type = async () => {
      const began = await auth.startLogin({ username, password, next: undefined }, client);
      if (began.outcome !== "password-accepted") return began;
      return auth.completeLogin(
        (await auth.findSession(began.pendingLogin.id)) as PendingLogin,
        { otp },
        client,
      );
    };
    if (!isDone) expect(await type(), hint).toMatchObject({ outcome: "signed-in" });
    expect(await type(), hint).toMatchObject({ outcome: "code-refused", reason: "used" });
    return isDone;
  },

  async "set-up"({ auth, store }, { begun, names, client }, hint) {
    const { login, otp } = begun["set-up"];
    const isDone = (await store.authenticators.of(names["set-up"])).length === 1;
    if (!isDone) {
      // The same page with the same secret goes on where it was.
      const again = await auth.completeLogin(
        (await auth.findSession(login)) as PendingLogin,
        { otp },
        client,
      );
      expect(again, hint).toMatchObject({ outcome: "signed-in" });
      expect("sheet" in again && again.sheet?.codes.length, hint).toBe(10);
    }
    expect(await auth.findSession(login), hint).toEqual({ kind: "anonymous" });
    const began = await auth.startLogin(
      { username: names["set-up"], password: PASSWORD, next: undefined },
      client,
    );
    const pending = began.outcome === "password-accepted" ? began.pendingLogin.id : "";
    expect(
      await auth.completeLogin((await auth.findSession(pending)) as PendingLogin, { otp }, client),
      hint,
    ).toMatchObject({ outcome: "code-refused", reason: "used" });
    return isDone;
  },

  async recovery({ auth, store }, { begun, names, client }, hint) {
    const isDone = (await sessionsOf(store, names.recovery)) === 2;
    const { recoveryCode } = begun.recovery;
    const type = async () => {
      const credentials = { username: names.recovery, password: PASSWORD, next: undefined };
      const began = await auth.startLogin(credentials, client);
      if (began.outcome !== "password-accepted") return began;
      const login = (await auth.findSession(began.pendingLogin.id)) as PendingLogin;
      return auth.completeLogin(login, { recoveryCode }, client);
    };
    if (!isDone) expect(await type(), hint).toMatchObject({ outcome: "signed-in" });
    expect(await type(), hint).toMatchObject({ outcome: "recovery-code-refused", reason: "used" });
    expect((await store.recoveryCodes.sheetOf(names.recovery))?.left, hint).toBe(9);
    return isDone;
  },

  async "password-change"({ auth, store }, { begun, names, other, client }, hint) {
    const username = names["password-change"];
    const type = (password: string) => auth.startLogin({ username, password, next: undefined }, client);
    const isDone = (await type(NEW_PASSWORD)).outcome === "password-accepted";
    const old = await type(PASSWORD);
    expect(old.outcome, hint).toBe(isDone ? "refused" : "password-accepted");
    expect((await auth.findSession(other))?.kind, hint).toBe(isDone ? "anonymous" : "pending");
    expect((await store.accounts.byId(username))?.credentialVersion, hint).toBe(isDone ? 1 : 0);
    // The one that changed it, or was about to, goes on.
    expect((await auth.findSession(begun["password-change"].session))?.kind, hint).toBe("session");
    return isDone;
  },
};

/** How many sessions this account has had. */
async function sessionsOf(store: Opened["store"], accountId: string): Promise<number> {
  return (await store.sessions.live(accountId, Date.now(), 0, 1_000)).length;
}

async function freshDatabase(engine: string): Promise<Location> {
  const dataDir = newFolder();
  return engine === "PostgreSQL" ? { dataDir, databaseUrl: await newDatabase() } : { dataDir };
}

/** A part of the tests as a program that starts quickly. */
async function compiled(entry: string): Promise<string> {
  const dir = newFolder();
  symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), path.join(dir, "node_modules"));
  const bundle = await rolldown({
    input: { program: entry },
    platform: "node",
    external: (id) => !/^[./]/.test(id) && id !== "kysely",
  });
  await bundle.write({ dir, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" });
  await bundle.close();
  return path.join(dir, "program.mjs");
}

/** A session's id as its cookie carries it. */
function signed(id: string): string {
  const [secret = ""] = createKeyring([SECRET]).cookieSecrets;
  const signature = createHmac("sha256", secret).update(id).digest("base64").replace(/=+$/, "");
  return encodeURIComponent(`s:${id}.${signature}`);
}
