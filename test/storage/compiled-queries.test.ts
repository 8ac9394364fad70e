/** Queries that are put together once: each database has its own, and each asker gets what is theirs. */
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/storage/index.js";
import { newDatabase } from "../support/database.js";
import { newFolder } from "../support/new-folder.js";
import { ACCOUNT } from "./contract/rows.js";

const account = (id: string, place: string) => ({
  ...ACCOUNT,
  id,
  username: id,
  passwordHash: `the hash of ${id} in ${place}`,
});

describe("prepared queries", () => {
  it("answer for their own database when one process has several, in a transaction and outside", async () => {
    const stores = {
      file: await openStore({ dataDir: newFolder() }),
      "another file": await openStore({ dataDir: newFolder() }),
      server: await openStore({ dataDir: "unused", databaseUrl: await newDatabase() }),
      "another server": await openStore({ dataDir: "unused", databaseUrl: await newDatabase() }),
    };
    for (const [place, store] of Object.entries(stores)) {
      for (const id of ["alice", "bob"]) await store.accounts.add(account(id, place));
    }
    const asked = Object.entries(stores).flatMap(([place, store]) =>
      ["alice", "bob"].map(async (id) => {
        const found = [
          await store.accounts.byUsername(id),
          await store.transaction((tx) => tx.accounts.byId(id)),
          await store.transaction((tx) => tx.accounts.lockRow(id)),
        ];
        expect(found).toEqual(found.map(() => account(id, place)));
      }),
    );
    await Promise.all(asked);
    for (const store of Object.values(stores)) await store.close();
  });
});
