/** PostgreSQL: what is particular to a server. What every store does is in ../store.test.ts. */
import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { type Store, StoreUnavailable } from "../../../src/auth/store.js";
import { openStore } from "../../../src/storage/index.js";
import { newDatabase } from "../../support/database.js";
import { ACCOUNT, AUTHENTICATOR } from "../contract/rows.js";

describe("a store on PostgreSQL", () => {
  const account = (id: string) => ({ ...ACCOUNT, id, username: id });

  async function withTwoAccounts(): Promise<Store> {
    const store = await openStore({ dataDir: "unused", databaseUrl: await newDatabase() });
    for (const id of ["alice", "bob"]) await store.accounts.add(account(id));
    return store;
  }

  it("retries a transaction that PostgreSQL aborted in a deadlock", async () => {
    const store = await withTwoAccounts();
    let tries = 0;
    let held = 0;
    let meet = () => {};
    const both = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const crossing = (first: string, second: string) =>
      store.transaction(async (tx) => {
        tries += 1;
        await tx.accounts.lockRow(first);
        held += 1;
        if (held === 2) meet();
        await both;
        await tx.accounts.lockRow(second);
        await tx.accounts.raiseCredentialVersion(second);
      });
    await Promise.all([crossing("alice", "bob"), crossing("bob", "alice")]);
    // Three, or four where PostgreSQL looks at both at the same moment and undoes both.
    expect([3, 4]).toContain(tries);
    for (const id of ["alice", "bob"])
      expect(await store.accounts.byId(id)).toMatchObject({ credentialVersion: 1 });
    await store.close();
  });

  it("rejects a transaction that was rolled back although its error was ignored", async () => {
    const store = await withTwoAccounts();
    const done = store.transaction(async (tx) => {
      await tx.accounts.raiseCredentialVersion("alice");
      await tx.authenticators.add({ ...AUTHENTICATOR, accountId: "nobody" }).catch(() => {});
    });
    await expect(done).rejects.toThrow(StoreUnavailable);
    expect(await store.accounts.byId("alice")).toMatchObject({ credentialVersion: 0 });
    await store.close();
  });

  it("keeps the row out of an error message", async () => {
    const store = await withTwoAccounts();
    const error = await store.accounts
      .add({ ...account("carol"), passwordHash: null as never })
      .catch((e) => e);
    expect(error).toMatchObject({ code: "23502" });
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain("carol");
    await store.close();
  });

  it("gives up when the server never ends the handshake", async () => {
    const ends: Socket[] = [];
    const silent = createServer((socket) => ends.push(socket)).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    const databaseUrl = `postgres://latchkey:hunter2@127.0.0.1:${port}/latchkey`;
    const refused = await openStore({ dataDir: "unused", databaseUrl }).catch((error) => error);
    expect(refused).toBeInstanceOf(StoreUnavailable);
    expect(refused.message).toMatch(
      /^The database postgres:\/\/latchkey@127\.0\.0\.1:\d+\/latchkey cannot be used: /,
    );
    silent.close();
    for (const end of ends) end.destroy();
  });
});
