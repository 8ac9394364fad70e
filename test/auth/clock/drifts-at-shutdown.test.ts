/** The clock drifts of the last minute, when a server stops. */
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { databaseFile, openStore } from "../../../src/storage/index.js";
import { enter } from "../../support/by-the-clock.js";
import { newFolder } from "../../support/new-folder.js";
import { start } from "../../support/server-process.js";
import { Visitor } from "../../support/visitor.js";

describe("the clock drifts of a server that stops", () => {
  it("are saved with those of the last minute", async () => {
    const DATA_DIR = newFolder();
    const server = await start({ DATA_DIR });
    await enter(new Visitor(server.address, {}));
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
    const store = await openStore({ dataDir: DATA_DIR });
    expect(await store.drifts.since(0)).toEqual([
      { window: expect.any(Number), bin: expect.any(Number), accounts: 1 },
    ]);
    await store.close();
  });

  it("do not keep it from exiting with 0 when they cannot be saved", async () => {
    const DATA_DIR = newFolder();
    const server = await start({ DATA_DIR });
    await enter(new Visitor(server.address, {}));
    const file = new DatabaseSync(databaseFile(DATA_DIR), { timeout: 1_000 });
    file.exec("drop table drifts");
    file.close();
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
    expect(server.output().out).toContain("the clock drifts of the last minute are lost");
  });
});
