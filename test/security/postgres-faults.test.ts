/** Faults of PostgreSQL: when it is gone, frozen, slow, full or locked, the answer is 503 within two seconds; no restart is needed. */
import { createServer, connect as dial, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { heldBy } from "../support/cookies.js";
import { postgresServer } from "../support/database.js";
import { type Postgres, ask as query, startPostgres } from "../support/postgres.js";
import { type Answer, ask, form, opensAccount } from "../support/raw-request.js";
import { start } from "../support/server-process.js";
import { setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const MAX_CONNECTIONS = 24;

let postgres: Postgres;
let isStarted = false;
// Not in beforeAll: without a PostgreSQL each of these tests is skipped.
beforeEach(async () => {
  if (isStarted) return;
  postgres = await startPostgres(postgresServer().bin, { maxConnections: MAX_CONNECTIONS });
  isStarted = true;
});
afterAll(() => (isStarted ? postgres.close() : undefined));

type Mend = () => unknown;

/** Each makes the database fail, and answers with what mends it. */
const FAULTS: Record<string, (url: string, slow: Line) => Promise<Mend>> = {
  stopped: async () => {
    await postgres.stop("immediate");
    return () => postgres.restart();
  },
  frozen: async () => {
    postgres.freeze();
    return () => postgres.thaw();
  },
  slow: async (_, line) => {
    line.delay = 400;
    return () => {
      line.delay = 0;
    };
  },
  "silent on every new connection": async (url, line) => {
    line.silent = true;
    await query(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'latchkey'",
    );
    return () => {
      line.silent = false;
    };
  },
  "out of connections": async (url) => {
    const taken = await takeAll(url);
    return () => Promise.all(taken.map((client) => client.end()));
  },
  "read-only": async (url) => {
    await readOnly(url, "on");
    return () => readOnly(url, "off");
  },
  "held by another session": async (url) => {
    const other = new pg.Client({ connectionString: url });
    other.on("error", () => {});
    await other.connect();
    await other.query("begin; select * from accounts for update; lock table throttle in exclusive mode");
    return () => other.end();
  },
};

describe.each(Object.entries(FAULTS))("a PostgreSQL that is %s", (name, fail) => {
  it("lets nobody sign in, evaluates nothing uncounted, and needs no restart of ours when it is back", async () => {
    const url = await postgres.createDatabase();
    const line = await lineTo(postgres.port);
    const world = await openWorld({ DATABASE_URL: through(url, line.port) });
    const inside = world.visitor();
    const secret = await setUp(world, inside);
    const pending = world.visitor();
    await pending.password();
    const [session, login] = [heldBy(inside), heldBy(pending)];
    const otp = world.code(secret);
    const before = await counted(url);
    const mend = await fail(url, line);
    try {
      const tries = {
        "a password": { path: "/login", ...form({ username: "test", password: "password" }) },
        "a code": { path: "/login/2fa", ...form({ otp }, { cookie: login }) },
        "a wrong code": { path: "/login/2fa", ...form({ otp: "000000" }, { cookie: login }) },
        "signing out": { path: "/logout", ...form({}, { cookie: session }) },
      };
      const answers = Object.entries(tries).map(async ([what, request]) => {
        const [answer, ms] = await timed(ask(world, request));
        return { what, answer, ms };
      });
      for (const { what, answer, ms } of await Promise.all(answers)) {
        expectUnavailable(answer, what);
        expect(ms, what).toBeLessThan(2_000);
      }
      for (const path of ["/account", "/auth/verify"]) {
        const [page, ms] = await timed(ask(world, { path, headers: { cookie: session } }));
        expect(ms, path).toBeLessThan(2_000);
        // Pages that only read may go on, and one or two questions may be answered slowly; neither is an error.
        const goesOn = READS_GO_ON.includes(name) || (name === "slow" && path === "/auth/verify");
        expect(page.status, path).toBe(goesOn ? 200 : 503);
      }
      const [, msToCount] = await timed(world.auth.sessionCount().catch(() => undefined));
      expect(msToCount, "metrics").toBeLessThan(2_000);
      expect((await ask(world, { path: "/login" })).status).toBe(200);
    } finally {
      await mend();
    }
    await backAgain(world);
    expect(await counted(url)).toBeGreaterThanOrEqual(before);
    expect(await opensAccount(world, login)).toBe(false);
    expect(await opensAccount(world, session)).toBe(true);
    // The code was not accepted then, so it is good now, and once.
    expect((await pending.code(otp)).headers.location).toBe("/");
    const again = world.visitor();
    await again.password();
    expect((await again.code(otp)).status).toBe(401);
  });
});

const READS_GO_ON = ["read-only", "held by another session"];

describe("a server whose PostgreSQL restarts", () => {
  it("stays up, and says on /readyz when it is ready again", async () => {
    const DATABASE_URL = await postgres.createDatabase();
    const server = await start({ DATABASE_URL });
    expect(server.address, server.output().err).not.toBe("");
    const status = async (path: string) => (await fetch(`${server.address}${path}`)).status;
    expect(await status("/readyz")).toBe(200);
    await postgres.stop("immediate");
    await becomes(503, () => status("/readyz"));
    expect(await status("/healthz")).toBe(200);
    const refused = await start({ DATABASE_URL: DATABASE_URL.replace("latchkey@", "latchkey:hush-hush@") });
    expect(await refused.exit).toBe(1);
    expect(refused.output().err).toMatch(/^latchkey: The database postgres:.* cannot be used: .*\n$/);
    expect(refused.output().err).not.toContain("hush-hush");
    await postgres.restart();
    await becomes(200, () => status("/readyz"));
    expect(await status("/healthz")).toBe(200);
    expect([server.child.exitCode, server.output().err]).toEqual([null, ""]);
  });
});

async function becomes(wanted: number, ask: () => Promise<number>): Promise<void> {
  const until = performance.now() + 10_000;
  while ((await ask()) !== wanted) {
    if (performance.now() > until) throw new Error(`It did not become ${wanted}.`);
    await sleep(100);
  }
}

/** Within a few seconds, without a restart. */
function backAgain(world: World): Promise<void> {
  return becomes(401, async () => {
    const wrong = form({ username: "nobody", password: "wrong" });
    return (await ask(world, { path: "/login", ...wrong })).status;
  });
}

async function takeAll(url: string): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  // Cuts Latchkey's own connections, which find no room to come back.
  await query(
    url,
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'latchkey'",
  );
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
    } catch {
      return taken;
    }
    taken.push(client);
  }
}

async function readOnly(url: string, value: "on" | "off"): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  await client.query("set session characteristics as transaction read write");
  await client.query(`alter system set default_transaction_read_only = ${value}`);
  await client.query("select pg_reload_conf()");
  await client.end();
  await sleep(200);
}

/** The failures counted in all pools. */
async function counted(url: string): Promise<number> {
  const [row] = await query(url, "select coalesce(sum(failures), 0) as failures from throttle");
  return Number(row?.failures);
}

function expectUnavailable(answer: Answer, what: string): void {
  expect([answer.status, answer.headers["retry-after"]], what).toEqual([503, "5"]);
  expect(answer.headers["set-cookie"], what).toBeUndefined();
}

async function timed<T>(work: PromiseLike<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, performance.now() - start];
}

interface Line {
  port: number;
  /** The delay (ms) of each packet. */
  delay: number;
  /** Accepts new connections and never answers. */
  silent: boolean;
}

/** Forwards to a port, with a delay or in silence. */
async function lineTo(port: number): Promise<Line> {
  const line: Line = { port: 0, delay: 0, silent: false };
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    ends.add(near);
    if (line.silent) return;
    const far = dial(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from);
      from.on("data", (packet) => void setTimeout(() => to.write(packet), line.delay));
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  line.port = (server.address() as { port: number }).port;
  onTestFinished(() => {
    server.close();
    for (const end of ends) end.destroy();
  });
  return line;
}

function through(url: string, port: number): string {
  return url.replace(/:\d+\//, `:${port}/`);
}
