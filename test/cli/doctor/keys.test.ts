/** `latchkey doctor` on the keys: whether they open what is sealed, and which of them are still needed. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openStore } from "../../../src/storage/index.js";
import { appSecret } from "../../support/app-secret.js";
import { findings, findingsOf } from "../../support/doctor.js";
import { latchkey } from "../../support/latchkey-command.js";
import { newFolder } from "../../support/new-folder.js";
import { addAccount, setUp } from "../../support/sign-in.js";
import { openWorld } from "../../support/world.js";

describe("the keys check", () => {
  it("finds a problem when the keys do not open what is sealed, and still judges the clock", async () => {
    const world = await openWorld({ DEMO: "off" });
    await addAccount(world, "alice");
    await setUp(world, world.visitor(), "alice", "correct horse battery");
    const right = await findingsOf(world);
    expect(right.exit).toBe(0);
    const found = await findingsOf(world, { APP_SECRETS: appSecret("another") });
    expect(found.exit).toBe(1);
    expect(found.keys).toMatch(/^problem .*bring that key back/);
    expect(found.clock).toMatch(/^unknown .*of 10 accounts/);
  });

  it("needs older keys until everything is re-encrypted, and then lets them be dropped", async () => {
    const world = await openWorld({ DEMO: "off" });
    await addAccount(world, "alice");
    await setUp(world, world.visitor(), "alice", "correct horse battery");
    const APP_SECRETS = `${appSecret("another")},${appSecret()}`;
    const before = await findingsOf(world, { APP_SECRETS });
    expect(before.exit).toBe(1);
    // The authenticator's secret, the recovery codes on show, and the key that is kept for keyed hashes.
    expect(before.keys).toMatch(
      /^problem .*older keys are still needed for 3 of it\. Run `latchkey keys rotate`/,
    );

    expect((await latchkey(["keys", "rotate"], { env: { DATA_DIR: world.dataDir, APP_SECRETS } })).exit).toBe(
      0,
    );
    const after = await findingsOf(world, { APP_SECRETS });
    expect(after.exit).toBe(0);
    expect(after.keys).toMatch(/^ok .*all with the first of them\. The others may be dropped/);
    const alone = await findingsOf(world, { APP_SECRETS: appSecret("another") });
    expect(alone.keys).toBe("ok       keys         They open what is sealed in the database.");
  });

  it("reads the key file in development, and never makes it", async () => {
    const DATA_DIR = newFolder();
    const key = path.join(DATA_DIR, "key");
    await (await openStore({ dataDir: DATA_DIR })).close();
    const without = await findings({ DATA_DIR, APP_SECRETS: "" });
    expect(without).toMatchObject({ exit: 0, keys: expect.stringContaining("the first start makes one") });
    expect(existsSync(key)).toBe(false);

    writeFileSync(key, "\n", { mode: 0o600 });
    expect(await findings({ DATA_DIR, APP_SECRETS: "" })).toMatchObject({
      exit: 1,
      keys: expect.stringMatching(/^problem .*holds no key/),
    });
    rmSync(key);
    // The first start of all keeps a key of its own in the database, sealed.
    await (await openWorld({ DATA_DIR })).close();
    expect(await findings({ DATA_DIR, APP_SECRETS: "" })).toMatchObject({
      exit: 1,
      keys: expect.stringMatching(/^problem .*bring that key back/),
    });
    expect(existsSync(key)).toBe(false);
  });
});
