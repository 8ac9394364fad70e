/** Faults of the disk, full or read-only: nobody signs in, no attempt goes uncounted, and the server recovers by itself. */
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
import { timed } from "../support/timed.js";
import { openWorld, type World } from "../support/world.js";

/** File modes do not bind root, and only root can mount: a small mounted disk shows both faults. */
const CANNOT = cannotMount();

describe("a full disk", () => {
  it.skipIf(CANNOT)(`lets nobody sign in, and lets pages that only read go on${CANNOT}`, async () => {
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
    // The WAL file keeps its size: emptied, it must grow again, and that is where a full disk fails.
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
    // The file's last pages may have a little room left: fill that too.
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
    // Every attempt was counted, or answered with 503 and not evaluated.
    expect(counted(world)).toBeGreaterThanOrEqual(before);
    expect((await pending.code(otp)).headers.location).toBe("/");
    expect((await world.visitor().password()).status).toBe(303);
    expect((await inside.post("/logout")).headers.location).toBe("/login?notice=signed-out");
    expect(openDatabase(world).prepare("pragma integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  });
});

/** Before the start: Linux remounts no disk read-only while a file is open for writing. */
describe("a read-only disk", () => {
  it.skipIf(CANNOT)(`stops the start, and says why${CANNOT}`, async () => {
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
});

function smallDisk(): string {
  const folder = newFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", folder]);
  // Hooks run in reverse order: this one after the world is closed.
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

/** The failures counted in all pools. */
function counted(world: World): number {
  const [row] = openDatabase(world).prepare("select sum(failures) as failures from throttle").all();
  return Number(row?.failures ?? 0);
}

function expectUnavailable(answer: Answer, what: string): void {
  expect([answer.status, answer.headers["retry-after"]], what).toEqual([503, "5"]);
  expect(answer.headers["set-cookie"], what).toBeUndefined();
  expect(answer.text, what).not.toMatch(/SQLITE|node_modules|\n\s+at /);
}
