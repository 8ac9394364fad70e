/** Queries that are put together once: each database has its own, and each asker gets what is theirs. */
import { expect, it } from "vitest";
import { openStore } from "../../src/storage/index.js";
import { newDatabase } from "../support/database.js";
import { newFolder } from "../support/new-folder.js";

const account = (id: string, place: string) => ({
  id,
  username: id,
  passwordHash: `the hash of ${id} in ${place}`,
  isDemo: false,
  createdAt: 1,
  secondFactorSince: null,
  credentialVersion: 0,
  disabledAt: null,
  lastSignInAt: null,
});

it("databases of both kinds in one process answer each for itself, in a transaction and out of it", async () => {
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
