/** `latchkey doctor` on the permissions of data, key and settings. */
import { chmodSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { appSecret } from "../../support/app-secret.js";
import { findingsOf } from "../../support/doctor.js";
import { newFolder } from "../../support/new-folder.js";
import { openWorld } from "../../support/world.js";

describe("the permissions check", () => {
  it("finds a problem when others on the machine can get at data, key or settings", async () => {
    const world = await openWorld({ DEMO: "off" });
    const { dataDir } = world;
    const key = path.join(dataDir, "key");
    writeFileSync(key, "k".repeat(32), { mode: 0o600 });
    const cwd = newFolder();
    vi.spyOn(process, "cwd").mockReturnValue(cwd);
    onTestFinished(() => void vi.restoreAllMocks());
    const dotEnv = path.join(cwd, ".env");
    writeFileSync(dotEnv, `APP_SECRETS=${appSecret()}\n`, { mode: 0o600 });
    expect((await findingsOf(world)).permissions).toMatch(/^ok/);

    // Settings may be those of root, for the group that the server runs as.
    chmodSync(dotEnv, 0o640);
    expect((await findingsOf(world)).permissions).toMatch(/^ok .*, but for the group of /);
    chmodSync(dotEnv, 0o644);
    expect((await findingsOf(world)).permissions).toContain(`\`chmod o= ${dotEnv}\``);
    chmodSync(dotEnv, 0o640);

    for (const place of [dataDir, world.databaseFile, `${world.databaseFile}-wal`, key]) {
      const { mode } = statSync(place);
      for (const others of [0o040, 0o004, 0o010]) {
        chmodSync(place, mode | others);
        const { exit, permissions } = await findingsOf(world);
        expect(exit).toBe(1);
        const by = place === dataDir ? 700 : 600;
        expect(permissions).toContain(`Others on this machine can get at ${place}. Find out who has`);
        expect(permissions).toContain(`\`chmod ${by} ${place}\``);
      }
      chmodSync(place, mode);
    }
    chmodSync(dotEnv, 0o644);
    for (const [text, isSecret] of [
      ["PORT=4000\n# APP_SECRETS=none\n", false],
      ["DATABASE_URL=postgres://latchkey@db/latchkey\n", true],
      ["DATABASE_URL=postgres://latchkey:hunter2@db/latchkey\n", true],
      ["DATABASE_URL=postgres://db/latchkey?user=latchkey&password=hunter2\n", true],
      ["export APP_SECRETS='one,two'\n", true],
    ] as const) {
      writeFileSync(dotEnv, text);
      expect((await findingsOf(world)).permissions).toMatch(isSecret ? /^problem/ : /^ok/);
    }
  });
});
