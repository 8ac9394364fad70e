/** The tests' own PostgreSQL: a server that can be stopped, started again, frozen, and leaves nothing behind. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { postgresServer } from "../support/database.js";
import { startPostgres } from "../support/postgres.js";

describe("the tests' PostgreSQL server", () => {
  it("keeps its data over a restart, hangs when frozen, and is removed when closed", async () => {
    const found = postgresServer();
    const server = await startPostgres(found.bin, { maxConnections: 20, settings: { work_mem: "1MB" } });
    onTestFinished(() => server.close());
    expect(server.port).not.toBe(found.port);
    const asked =
      "SELECT current_setting('max_connections') || ' ' || current_setting('work_mem') AS settings";
    expect(await server.query(asked)).toEqual([{ settings: "20 1MB" }]);

    const database = new URL(await server.createDatabase()).pathname.slice(1);
    await server.query("CREATE TABLE note (words text); INSERT INTO note VALUES ('kept')", database);
    const copy = new URL(await server.createDatabase(database)).pathname.slice(1);
    expect(await server.query("SELECT * FROM note", copy)).toEqual([{ words: "kept" }]);

    await server.stop();
    await expect(server.query("SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.restart();
    expect(await server.query("SELECT * FROM note", database)).toEqual([{ words: "kept" }]);
    await server.stop("immediate");
    await server.restart();
    expect(await server.query("SELECT * FROM note", database)).toEqual([{ words: "kept" }]);

    server.freeze();
    const answer = server.query("SELECT * FROM note", database);
    expect(await Promise.race([answer, sleep(300, "silence")])).toBe("silence");
    server.thaw();
    expect(await answer).toEqual([{ words: "kept" }]);

    // Closed while frozen, as after a test that failed half-way.
    server.freeze();
    await server.close();
    expect(existsSync(server.folder)).toBe(false);
    await expect(server.query("SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
