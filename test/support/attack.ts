/** What an attacker has in hand: worlds to break, raw requests, cookies, and the database file. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { onTestFinished } from "vitest";
import { ask as askPostgres, holdOpen } from "./postgres.js";
import { createWorld, setUp, type Visitor, type World } from "./world.js";

/** A world that is closed when the running test is over. */
export async function openWorld(env: Record<string, string> = {}, running?: number): Promise<World> {
  const world = await createWorld(env, running);
  onTestFinished(() => world.close());
  return world;
}

/** A data directory for several worlds: two Latchkeys on one file, or one before and after a restart. */
export function sharedDataDir(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-shared-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Two Latchkeys on one database file, as two processes would be. */
export async function openTwoWorlds(env: Record<string, string> = {}): Promise<[World, World]> {
  const DATA_DIR = sharedDataDir();
  return [await openWorld({ ...env, DATA_DIR }), await openWorld({ ...env, DATA_DIR })];
}

/** The database as another program sees it. */
export function openDatabase(world: World): InstanceType<typeof DatabaseSync> {
  const database = new DatabaseSync(world.databaseFile, { timeout: 1_000 });
  onTestFinished(() => database.close());
  return database;
}

/** The rows of a statement that another program runs on a world's database, whichever the engine. Counts want a cast. */
export async function sqlOn<Row = Record<string, unknown>>(world: World, sql: string): Promise<Row[]> {
  if (world.config.databaseUrl !== undefined) {
    return (await askPostgres(world.config.databaseUrl, sql)) as Row[];
  }
  const database = new DatabaseSync(world.databaseFile, { timeout: 1_000 });
  try {
    return database.prepare(sql).all() as Row[];
  } finally {
    database.close();
  }
}

/** Another program holds the database until the running test is over: it can be read, and not written to. */
export async function holdWrites(world: World): Promise<void> {
  if (world.config.databaseUrl === undefined) {
    openDatabase(world).exec("begin immediate");
    return;
  }
  const tables = "accounts, sessions, enrolments, history, throttle";
  onTestFinished(
    await holdOpen(world.config.databaseUrl, `lock table ${tables} in share row exclusive mode`),
  );
}

/** Every byte that a thief of the disk gets. */
export function databaseBytes(world: World): Buffer {
  const files = ["", "-wal", "-shm"].map((end) => `${world.databaseFile}${end}`);
  return Buffer.concat(files.filter((file) => existsSync(file)).map((file) => readFileSync(file)));
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface RawRequest {
  method?: string;
  /** Sent as it is, without the tidying that clients do. */
  path: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

/** Sends a request that no browser would; never follows, never keeps cookies. */
export function ask(
  world: Pick<World, "port">,
  { method = "GET", path, headers = {}, body }: RawRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: world.port, method, path, headers, agent: false, maxHeaderSize: 65_536 },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** An answer without what differs from one to the next anyway: the date, and the request's id, which is as long in each. */
export function bytesOf({ status, headers: { date, ...headers }, text }: Answer) {
  return { status, headers: { ...headers, "x-request-id": headers["x-request-id"]?.length }, text };
}

/** A form to send, as `ask` wants it. */
export function form(
  fields: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
): Pick<RawRequest, "method" | "headers" | "body"> {
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(fields).toString(),
  };
}

/** The session cookie that an answer sets, as `latchkey=…`; undefined when it sets none or takes it back. */
export function cookieOf(answer: {
  headers: IncomingHttpHeaders | Record<string, unknown>;
}): string | undefined {
  const set = [answer.headers["set-cookie"] ?? []].flat().map(String);
  return set
    .map((cookie) => cookie.split(";", 1)[0] ?? "")
    .find((pair) => /^(__Host-)?latchkey=./.test(pair));
}

/** @throws when the answer sets no cookie */
export function cookieFrom(answer: Parameters<typeof cookieOf>[0]): string {
  const cookie = cookieOf(answer);
  if (!cookie) throw new Error("The answer sets no cookie.");
  return cookie;
}

/** The session cookie that a visitor holds now; empty without one. */
export function heldBy(visitor: Visitor): string {
  return (
    allHeldBy(visitor)
      .split("; ")
      .find((pair) => pair.startsWith("latchkey=")) ?? ""
  );
}

/** Every cookie that a visitor holds now, device cookies too. */
export function allHeldBy(visitor: Visitor): string {
  const where = { domain: "127.0.0.1", path: "/", secure: false, script: false };
  return visitor.agent.jar.getCookies(where).toValueString();
}

/** Whether this cookie stands for a session: the account page opens with it. */
export async function opensAccount(world: Pick<World, "port">, cookie: string): Promise<boolean> {
  const answer = await ask(world, { path: "/account", headers: { cookie } });
  return answer.status === 200;
}

/** A browser behind the password, and the cookie it holds. */
export async function pendingCookie(world: World, username = "test", password = "password"): Promise<string> {
  return cookieFrom(await world.visitor().password(username, password));
}

/** Sets an authenticator up and signs out again: what is left is an account that asks for codes. */
export async function enrolled(world: World, username = "test", password = "password"): Promise<string> {
  const visitor = world.visitor();
  const secret = await setUp(world, visitor, username, password);
  await visitor.post("/logout");
  return secret;
}

/** A browser that is signed in and trusted, and the secret of its authenticator. */
export async function trustedVisitor(world: World): Promise<{ visitor: Visitor; secret: string }> {
  const visitor = world.visitor();
  const secret = await setUp(world, visitor);
  await visitor.post("/logout");
  await visitor.password();
  await visitor.code(world.code(secret), { trust_device: "on" });
  return { visitor, secret };
}

/** `count` browsers, all behind the password of one account. */
export async function pendingVisitors(world: World, count: number, username = "test", password = "password") {
  const visitors: Visitor[] = [];
  for (let n = 0; n < count; n++) {
    const visitor = world.visitor();
    await visitor.password(username, password);
    visitors.push(visitor);
  }
  return visitors;
}

/** How often each status came: `{ 303: 1, 401: 4, 429: 45 }`. */
export function statuses(answers: { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Holds back the first call of one of a store's methods until it is let go. */
export function holdBack<K extends string>(
  owner: Record<K, (...args: never[]) => Promise<unknown>>,
  name: K,
) {
  const original = owner[name] as (...args: unknown[]) => Promise<unknown>;
  let letGo = () => {};
  let arrived = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  (owner as Record<string, unknown>)[name] = async (...args: unknown[]) => {
    (owner as Record<string, unknown>)[name] = original;
    arrived();
    await gate;
    return original.apply(owner, args);
  };
  return { reached, letGo };
}

/** One of the cookies that a visitor holds now, as `name=value`; empty without it. */
export function cookieHeldBy(visitor: Visitor, name: string): string {
  return (
    allHeldBy(visitor)
      .split("; ")
      .find((pair) => pair.startsWith(`${name}=`)) ?? ""
  );
}

/** Sends a request and holds it back at the nth transaction that it begins; `letGo` answers with what came of it. */
export async function heldAtTransaction(world: World, n: number, sent: RawRequest) {
  let hold = holdBack(world.store, "transaction");
  const answer = ask(world, sent);
  const early = answer.then(({ status }) => {
    throw new Error(`Answered with ${status} before transaction ${n}.`);
  });
  await Promise.race([hold.reached, early]);
  for (let passed = 1; passed < n; passed++) {
    const next = holdBack(world.store, "transaction");
    hold.letGo();
    await Promise.race([next.reached, early]);
    hold = next;
  }
  return {
    letGo() {
      hold.letGo();
      return answer;
    },
  };
}
