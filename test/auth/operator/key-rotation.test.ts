/** Key rotation over many secrets: in batches, continued after a failure, and never over what another process has just changed. */
import { DatabaseSync } from "@photostructure/sqlite";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { sealContext } from "../../../src/auth/authenticators/secrets.js";
import { createAuth, createKeyring, DEFAULT_POLICY } from "../../../src/auth/index.js";
import { codesContext } from "../../../src/auth/recovery/codes-on-show.js";
import { type Store, StoreUnavailable } from "../../../src/auth/store.js";
import { databaseFile, openStore } from "../../../src/storage/index.js";
import { newFolder } from "../../support/new-folder.js";
import { randomBytes } from "../../support/random.js";

const OLD = "old ".repeat(10);
const NEW = "new ".repeat(10);
const LOST = "lost ".repeat(10);

const ACCOUNTS = 230;
const ENROLMENTS = 70;
/** The key of the keyed hashes is sealed too. */
const ALL = ACCOUNTS + ENROLMENTS + 1;

const iv = () => randomBytes(12);

let store: Store;
let file: InstanceType<typeof DatabaseSync>;

beforeEach(async () => {
  const dataDir = newFolder();
  store = await openStore({ dataDir });
  file = new DatabaseSync(databaseFile(dataDir), { timeout: 1_000 });
  onTestFinished(async () => {
    file.close();
    await store.close();
  });
  await authWith([OLD]).prepare();
  fill();
});

function authWith(secrets: [string, ...string[]], over: Store = store) {
  const keys = createKeyring(secrets);
  const world = { clock: Date.now, random: randomBytes, policy: DEFAULT_POLICY, issuer: "Latchkey" };
  return createAuth({ ...world, store: over, keys, report: () => {} });
}

/** Accounts with an authenticator each, and enrolments of which a part was begun under a key that is gone. */
function fill(): void {
  const { seal } = createKeyring([OLD]);
  const account = file.prepare(
    "insert into accounts (id, username, password_hash, created_at) values (?, ?, 'none', 1)",
  );
  const authenticator = file.prepare(
    `insert into authenticators (id, account_id, name, sealed_secret, last_step, created_at, last_used_at)
     values (?, ?, 'app', ?, 0, 1, 1)`,
  );
  file.exec("begin immediate");
  for (let n = 0; n < ACCOUNTS; n++) {
    account.run(`account ${n}`, `account-${n}`);
    const owned = { accountId: `account ${n}`, authenticatorId: `app ${n}` };
    authenticator.run(`app ${n}`, `account ${n}`, seal(secretOf(`app ${n}`), sealContext(owned), iv()));
  }
  for (let n = 0; n < ENROLMENTS; n++) addEnrolment(`enrolment ${n}`, OLD);
  file.exec("commit");
}

function addEnrolment(id: string, key: string): void {
  const sealed = createKeyring([key]).seal(
    secretOf(id),
    sealContext({ accountId: "account 0", authenticatorId: id }),
    iv(),
  );
  file
    .prepare(
      `insert into enrolments (authenticator_id, session_hash, account_id, number, sealed_secret, created_at)
       values (?, null, 'account 0', 1, ?, 1)`,
    )
    .run(id, sealed);
}

/** Sessions that show recovery codes, and one that shows none. */
function addCodesOnShow(id: string, key: string): void {
  const plain = Buffer.from(`codes of ${id}`);
  const sealed = createKeyring([key]).seal(plain, codesContext({ accountId: "account 0", idHash: id }), iv());
  file
    .prepare(
      `insert into sessions (id_hash, family, kind, account_id, methods, device, address, created_at, last_seen_at,
         expires_at, sealed_codes, codes_until)
       values (?, ?, 'session', 'account 0', 'password totp', '', '', 1, 1, 2, ?, 2)`,
    )
    .run(id, id, sealed);
}

/** The plain text of a sealed secret: each has its own, so that a mix-up would show. */
function secretOf(id: string): Buffer {
  return Buffer.from(`secret of ${id}`.padEnd(20));
}

/** How many secrets open with these keys alone, as what they were; none may open as anything else. */
function opening(secrets: [string, ...string[]]): number {
  const keys = createKeyring(secrets);
  const rows = file
    .prepare(
      `select id, account_id, sealed_secret from authenticators
       union all select authenticator_id, account_id, sealed_secret from enrolments`,
    )
    .all() as { id: string; account_id: string; sealed_secret: string }[];
  return rows.filter(({ id, account_id, sealed_secret }) => {
    if (!keys.holds(sealed_secret.slice(0, 8))) return false;
    const context = sealContext({ accountId: account_id, authenticatorId: id });
    expect(Buffer.from(keys.open(sealed_secret, context))).toEqual(secretOf(id));
    return true;
  }).length;
}

/** The same store, with some of its parts replaced. */
function storeWith(changed: Partial<Store>): Store {
  return { ...store, ...changed };
}

describe("key rotation", () => {
  it("re-encrypts everything, so that the old key can be dropped", async () => {
    const both = authWith([NEW, OLD]);
    expect(await both.sealedByOlderKeys()).toBe(ALL);
    expect(await both.rotateKeys()).toEqual({ reencrypted: ALL, unreadable: 0 });
    expect(await both.sealedByOlderKeys()).toBe(0);
    expect(await both.rotateKeys()).toEqual({ reencrypted: 0, unreadable: 0 });
    expect(opening([NEW])).toBe(ACCOUNTS + ENROLMENTS);
    expect(opening([OLD])).toBe(0);
    await authWith([NEW]).prepare();
    await expect(authWith([OLD]).prepare()).rejects.toThrow(/bring that key back/);
  });

  it("continues where it stopped when it failed half way", async () => {
    let transactions = 0;
    const failing = storeWith({
      transaction: async (work) => {
        transactions += 1;
        if (transactions === 4) throw new StoreUnavailable("The disk is gone.");
        return store.transaction(work);
      },
    });

    await expect(authWith([NEW, OLD], failing).rotateKeys()).rejects.toThrow("The disk is gone.");
    const done = opening([NEW]);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(ACCOUNTS);
    // Meanwhile a server with both keys opens everything.
    expect(opening([NEW, OLD])).toBe(ACCOUNTS + ENROLMENTS);

    const { reencrypted } = await authWith([NEW, OLD]).rotateKeys();
    expect(reencrypted).toBe(ACCOUNTS + ENROLMENTS - done);
    expect(opening([NEW])).toBe(ACCOUNTS + ENROLMENTS);
  });

  it("undoes the batch in which a write fails", async () => {
    let replaced = 0;
    const failing = storeWith({
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            sealed: {
              ...tx.sealed,
              async replace(value, sealed) {
                replaced += 1;
                if (replaced === 60) throw new StoreUnavailable("The disk is gone.");
                return tx.sealed.replace(value, sealed);
              },
            },
          }),
        ),
    });
    await expect(authWith([NEW, OLD], failing).rotateKeys()).rejects.toThrow("The disk is gone.");
    // The key of the keyed hashes is a batch of its own. The next batch of 50 is done, the one after it undone.
    expect(opening([NEW])).toBe(50);
  });

  /** The same store, where something happens once: after authenticators were read whose ids `tells` accepts. */
  function meanwhile(tells: (ids: string[]) => boolean, happen: () => void): Store {
    let happened = false;
    return storeWith({
      sealed: {
        ...store.sealed,
        async notBy(...which) {
          const values = await store.sealed.notBy(...which);
          if (!happened && which[1] === "authenticator" && tells(values.map(({ id }) => id))) {
            happened = true;
            happen();
          }
          return values;
        },
      },
    });
  }

  const sealedOf = (id: string) =>
    file.prepare("select sealed_secret from authenticators where id = ?").get(id)?.sealed_secret as string;

  it("keeps what another process has changed since it was read", async () => {
    const context = sealContext({ accountId: "account 7", authenticatorId: "app 7" });
    const theirs = createKeyring([OLD]).seal(secretOf("theirs"), context, iv());
    const changing = meanwhile(
      (ids) => ids.includes("app 7"),
      () => {
        file.prepare("update authenticators set sealed_secret = ? where id = 'app 7'").run(theirs);
        file.exec("delete from authenticators where id = 'app 70'");
      },
    );
    const rotating = authWith([NEW, OLD], changing);
    await rotating.rotateKeys();
    expect(await rotating.sealedByOlderKeys()).toBe(0);
    expect(Buffer.from(createKeyring([NEW]).open(sealedOf("app 7"), context))).toEqual(secretOf("theirs"));
    expect(file.prepare("select id from authenticators where id = 'app 70'").get()).toBeUndefined();
  });

  it("finds what another process seals with the old key meanwhile", async () => {
    const context = sealContext({ accountId: "account 7", authenticatorId: "app 7" });
    const old = createKeyring([OLD]).seal(secretOf("app 7"), context, iv());
    // A set-up that began earlier is confirmed after all authenticators were read.
    const late = meanwhile(
      (ids) => ids.length === 0,
      () => {
        file.prepare("update authenticators set sealed_secret = ? where id = 'app 7'").run(old);
      },
    );
    const rotating = authWith([NEW, OLD], late);
    expect(await rotating.rotateKeys()).toEqual({ reencrypted: ALL + 1, unreadable: 0 });
    expect(await rotating.sealedByOlderKeys()).toBe(0);
    await authWith([NEW]).prepare();
  });

  it("counts each secret once when two run at the same time", async () => {
    const both = await Promise.all([authWith([NEW, OLD]).rotateKeys(), authWith([NEW, OLD]).rotateKeys()]);
    expect(both.reduce((sum, { reencrypted }) => sum + reencrypted, 0)).toBe(ALL);
    expect(opening([NEW])).toBe(ACCOUNTS + ENROLMENTS);
  });

  it("ends when the key of some set-ups is lost, counts them, and asks for no further rotation", async () => {
    for (let n = 0; n < 120; n++) addEnrolment(`lost ${n}`, LOST);
    const both = authWith([NEW, OLD]);
    expect(await both.rotateKeys()).toEqual({ reencrypted: ALL, unreadable: 120 });
    expect(await both.rotateKeys()).toEqual({ reencrypted: 0, unreadable: 120 });
    expect(await both.sealedByOlderKeys()).toBe(0);
    await authWith([NEW]).prepare();
  });

  it("re-encrypts recovery codes on show for their own session, and counts those whose key is lost", async () => {
    for (let n = 0; n < 60; n++) addCodesOnShow(`session ${n}`, OLD);
    addCodesOnShow("lost", LOST);
    const both = authWith([NEW, OLD]);
    expect(await both.sealedByOlderKeys()).toBe(ALL + 60);
    expect(await both.rotateKeys()).toEqual({ reencrypted: ALL + 60, unreadable: 1 });
    const { sealed_codes } =
      file.prepare("select sealed_codes from sessions where id_hash = 'session 7'").get() ?? {};
    const context = codesContext({ accountId: "account 0", idHash: "session 7" });
    const opened = createKeyring([NEW]).open(String(sealed_codes), context);
    expect(Buffer.from(opened).toString()).toBe("codes of session 7");
    // A start needs the key of no codes: they are soon shown no more.
    await authWith([NEW]).prepare();
  });

  it("rotates back when the first key is the old one", async () => {
    await authWith([NEW, OLD]).rotateKeys();
    expect(await authWith([OLD, NEW]).rotateKeys()).toMatchObject({ reencrypted: ALL });
    expect(opening([OLD])).toBe(ACCOUNTS + ENROLMENTS);
  });
});
