/** Latchkey behind PgBouncer in session mode: it starts, serves, and keeps its limits. */
import { spawn } from "node:child_process";
import { accessSync, chmodSync, chownSync, constants, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { appSecret } from "../../support/app-secret.js";
import { emptyDatabase } from "../../support/database.js";
import { latchkey } from "../../support/latchkey-command.js";
import { newFolder } from "../../support/new-folder.js";
import { ask, holdOpen } from "../../support/postgres.js";
import { freePort } from "../../support/server-process.js";
import { setUp, signIn } from "../../support/sign-in.js";
import { openWorld } from "../../support/world.js";

const FOLDERS = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin", "/usr/local/sbin"];
const PROGRAM = FOLDERS.map((folder) => path.join(folder, "pgbouncer")).find(isExecutable);
const CANNOT = PROGRAM ? "" : " (skipped: pgbouncer is not installed)";

describe("PgBouncer in session mode", () => {
  it.skipIf(CANNOT)(
    `lets Latchkey create its tables and sign people in, and doctor is content${CANNOT}`,
    async () => {
      const { through } = await bounced();
      const world = await openWorld({ DATABASE_URL: through });
      const visitor = world.visitor();
      const secret = await setUp(world, visitor);
      for (let n = 0; n < 3; n++) await signIn(world, world.visitor(), secret);
      expect((await visitor.get("/account")).status).toBe(200);
      const env = { DATABASE_URL: through, APP_SECRETS: appSecret(), DATA_DIR: newFolder() };
      const { out } = await latchkey(["doctor"], { env });
      expect(out).toMatch(/^ok +database /m);
      expect(out).toMatch(/^ok +migrations /m);
      expect(await latchkey(["account", "list"], { env })).toMatchObject({ exit: 0 });
    },
  );

  it.skipIf(CANNOT)(`sets the limits of each connection before its first use${CANNOT}`, async () => {
    const { direct, through } = await bounced();
    const world = await openWorld({ DATABASE_URL: through });
    const secret = await setUp(world, world.visitor());
    const letGo = await holdOpen(direct, "lock table throttle");
    const began = performance.now();
    // More at once than there are connections: every one has its limits.
    const answers = await Promise.all(Array.from({ length: 12 }, () => world.visitor().password()));
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(503));
    // The server itself has cancelled each of them, not only the client that waited here.
    const waiting = () =>
      ask(
        direct,
        "select 1 from pg_locks join pg_database d on d.oid = database where not granted and datname = current_database()",
      );
    const until = performance.now() + 8_000;
    while (performance.now() < until && (await waiting()).length > 0) await delay(50);
    expect(await waiting()).toEqual([]);
    await letGo();
    await signIn(world, world.visitor(), secret);
  });

  it.skipIf(CANNOT)(`refuses a schema in ?options=, with what to do instead${CANNOT}`, async () => {
    const { through } = await bounced();
    const env = {
      DATABASE_URL: `${through}?options=-c%20search_path%3Dmine`,
      APP_SECRETS: appSecret(),
      DATA_DIR: newFolder(),
    };
    const { exit, err } = await latchkey(["account", "add", "alice"], {
      env,
      stdin: "a quiet orange harbour\n",
    });
    expect({ exit, err }).toEqual({
      exit: 1,
      err: expect.stringContaining("`ALTER ROLE latchkey SET search_path = latchkey`"),
    });
  });
});

/** The address of a fresh database, directly and through PgBouncer. */
async function bounced(): Promise<{ direct: string; through: string }> {
  const direct = await emptyDatabase();
  const server = new URL(direct);
  const folder = newFolder();
  const port = await freePort();
  const configuration = path.join(folder, "pgbouncer.ini");
  writeFileSync(
    configuration,
    `[databases]
* = host=127.0.0.1 port=${server.port} user=latchkey
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = session
default_pool_size = 30
max_client_conn = 100
`,
  );
  // It refuses to run as root.
  const user: { uid?: number; gid?: number } = process.getuid?.() === 0 ? nobody() : {};
  chmodSync(folder, 0o755);
  if (user.uid !== undefined) chownSync(configuration, user.uid, user.gid ?? user.uid);
  const bouncer = spawn(PROGRAM ?? "", [configuration], { ...user, cwd: "/", stdio: "ignore" });
  onTestFinished(() => void bouncer.kill("SIGKILL"));
  const through = new URL(direct);
  through.port = String(port);
  const until = Date.now() + 10_000;
  while (Date.now() < until && !(await ask(through.href, "select 1", 1_000).catch(() => undefined)))
    await delay(50);
  return { direct, through: through.href };
}

function nobody(): { uid: number; gid: number } {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
