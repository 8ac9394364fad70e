/** Faults of the disk: full, or only to be read. Nobody signs in, nothing is tried uncounted, and it goes on by itself after. */
import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { appSecret } from "../support/app-secret.js";
import { heldBy } from "../support/cookies.js";
import { cannotMount } from "../support/mount.js";
import { newFolder } from "../support/new-folder.js";
import { openDatabase } from "../support/other-program.js";
import { type Answer, ask, form, opensAccount } from "../support/raw-request.js";
import { start } from "../support/server-process.js";
import { setUpWithSheet } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

/** Root heeds no modes, and who is not root mounts nothing: a small disk of one's own shows both faults. */
const CANNOT = cannotMount();

describe("while the disk is full", () => {
  it.skipIf(CANNOT)(`nobody signs in, and what only reads goes on${CANNOT}`, async () => {
    const disk = smallDisk();
    const world = await openWorld({ DATA_DIR: disk });
    const inside = world.visitor();
    const { secret, codes } = await setUpWithSheet(world, inside);
    const pending = world.visitor();
    await pending.password();
    const session = heldBy(inside);
    const login = heldBy(pending);
    const otp = world.code(secret);
    expect(await opensAccount(world, session)).toBe(true);
    // The journal keeps the room that it once had: the fault is met by what needs more.
    openDatabase(world).exec("pragma wal_checkpoint(truncate)");
    const before = counted(world);
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(path.join(disk, "filler"), Buffer.alloc(bavail * bsize));

    const tries = {
      "a password": { path: "/login", ...form({ username: "test", password: "password" }) },
      "a wrong password": { path: "/login", ...form({ username: "test", password: "wrong" }) },
      "a code": { path: "/login/2fa", ...form({ otp }, { cookie: login }) },
      "a wrong code": { path: "/login/2fa", ...form({ otp: "000000" }, { cookie: login }) },
      "a recovery code": {
        path: "/login/recovery-code",
        ...form({ recovery_code: codes[0] ?? "" }, { cookie: login }),
      },
      "signing out": { path: "/logout", ...form({}, { cookie: session }) },
    };
    // A little room may be left within the file's last pages; when it is used up, nothing fits.
    await untilFull(world);
    for (const [what, request] of Object.entries(tries)) {
      const [answer, ms] = await timed(ask(world, request));
      expectUnavailable(answer, what);
      expect(ms, what).toBeLessThan(2_000);
    }
    for (const address of ["/", "/login", "/healthz"]) {
      expect((await ask(world, { path: address })).status, address).toBe(200);
    }
    expect(await opensAccount(world, login)).toBe(false);
    expect(await opensAccount(world, session)).toBe(true);

    rmSync(path.join(disk, "filler"));
    // Whatever was answered with 503 was not evaluated, or it was counted.
    expect(counted(world)).toBeGreaterThanOrEqual(before);
    expect((await pending.code(otp)).headers.location).toBe("/");
    expect((await world.visitor().password()).status).toBe(303);
    expect((await inside.post("/logout")).headers.location).toBe("/login?notice=signed-out");
    expect(openDatabase(world).prepare("pragma integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  });
});

/** A running server's disk cannot be made read-only from outside: Linux refuses while a file is open. */
it.skipIf(CANNOT)(`on a disk that can only be read it does not start, and says why${CANNOT}`, async () => {
  const disk = smallDisk();
  const world = await openWorld({ DATA_DIR: disk });
  await world.close();
  const remount = (how: "ro" | "rw") => execFileSync("mount", ["-o", `remount,${how}`, disk]);
  remount("ro");
  const settings = { DATA_DIR: disk, APP_SECRETS: appSecret() };
  const refused = await start(settings);
  expect(await refused.exit).toBe(1);
  expect(refused.output().err).toMatch(/^latchkey: The database .*latchkey\.sqlite cannot be .*\n$/);
  remount("rw");
  const started = await start(settings);
  expect(started.address, started.output().err).not.toBe("");
  started.child.kill("SIGKILL");
  await started.exit;
});

function smallDisk(): string {
  const folder = newFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", folder]);
  // After the world is closed: what was begun last is ended first.
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}

async function untilFull(world: World): Promise<void> {
  for (let n = 0; n < 300; n++) {
    const answer = await ask(world, { path: "/login", ...form({ username: `n${n}`, password: "wrong" }) });
    if (answer.status === 503) return;
  }
  throw new Error("The disk was not filled.");
}

/** The failures that stand in all pools. */
function counted(world: World): number {
  const [row] = openDatabase(world).prepare("select sum(failures) as failures from throttle").all();
  return Number(row?.failures ?? 0);
}

function expectUnavailable(answer: Answer, what: string): void {
  expect([answer.status, answer.headers["retry-after"]], what).toEqual([503, "5"]);
  expect(answer.headers["set-cookie"], what).toBeUndefined();
  expect(answer.text, what).not.toMatch(/SQLITE|node_modules|\n\s+at /);
}

async function timed<T>(work: PromiseLike<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, performance.now() - start];
}
