/** Fills a database with accounts and sessions as the product would store them, with its own keys, encryption and schema. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { DatabaseSync } from "@photostructure/sqlite";
import { sign } from "cookie-signature";
import pg from "pg";
import { compiled } from "./compile.mjs";

const { createKeyring } = await compiled("src/auth/index.ts");
const { sealContext } = await compiled("src/auth/authenticators/secrets.ts");
const { defaultName } = await compiled("src/auth/authenticators/authenticator-name.ts");
const { createPasswords } = await compiled("src/auth/passwords/password.ts");
const { bringUpToDate, databaseFile } = await compiled("src/storage/index.ts");

const PASSWORD = "seven tall ships at anchor";
/** Lowest parameters of argon2id: 8 KiB and one pass take less than a tenth of a millisecond. */
const LEAST = { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 };
const DAY = 86_400_000;
/** Sessions are spread evenly over this time. */
const OPENED_OVER = 30 * 60_000;
/** How many accounts or sessions are inserted at once. */
const AT_ONCE = 5_000;
const RECOVERY_CODES = 10;

/** The columns of each table; other columns get their defaults. */
const COLUMNS = {
  accounts: ["id", "username", "password_hash", "created_at", "second_factor_since", "enrolments"],
  authenticators: ["id", "account_id", "name", "sealed_secret", "last_step", "created_at", "last_used_at"],
  recovery_sheets: ["account_id", "number", "created_at"],
  recovery_codes: ["code_hash", "account_id", "sheet", "position"],
  sessions: [
    "id_hash",
    "kind",
    "account_id",
    "family",
    "methods",
    "stepped_up_at",
    "device",
    "address",
    "created_at",
    "last_seen_at",
    "expires_at",
  ],
};

/**
 * Creates the database if it is missing and adds accounts and sessions; all accounts have the same password, and each its own
 * secret.
 * @param location { dataDir, databaseUrl }, as in Latchkey's settings
 * @param secret the server's APP_SECRETS
 * @param accounts the number of accounts; each has one authenticator, set up ten days ago, and recovery codes
 * @param sessions the number of live sessions; session n belongs to account n, and beyond the last account it starts again with
 * the first
 * @param recoveryCodes whether to add recovery codes: ten rows per account, which is most of the work
 * @param cheapHash whether to hash the password with argon2id's lowest parameters; the rest of a sign-in stays the same
 * @returns account(n) → { username, password, secret } and cookie(n) → the cookie header of session n; n from 0
 */
export async function seed({
  location,
  secret,
  accounts,
  sessions = 0,
  recoveryCodes = true,
  cheapHash = false,
}) {
  await bringUpToDate(location);
  const keys = createKeyring([secret]);
  const people = peopleOf(secret, keys);
  const passwordHash = cheapHash
    ? await hash(PASSWORD, LEAST)
    : await createPasswords(randomBytes).hash(PASSWORD);
  const now = Date.now();
  const writer = location.databaseUrl ? await openPostgres(location) : openSqlite(location);
  try {
    for (const numbers of chunks(accounts)) {
      await writer.write(people.accountRows(numbers, { passwordHash, at: now - 10 * DAY, recoveryCodes }));
    }
    for (const numbers of chunks(sessions)) {
      await writer.write(people.sessionRows(numbers, { accounts, sessions, now }));
    }
  } finally {
    await writer.close();
  }
  return { account: people.account, cookie: people.cookie };
}

/** Derives account n from the secret, so that a million accounts need no memory. */
function peopleOf(secret, keys) {
  const bytesOf = (what, n) => createHmac("sha512", secret).update(`bench ${what} ${n}`).digest();
  const text = (bytes) => bytes.toString("base64url");
  const personOf = (n) => {
    const bytes = bytesOf("account", n);
    return {
      id: text(bytes.subarray(0, 16)),
      authenticatorId: text(bytes.subarray(16, 32)),
      secret: bytes.subarray(32, 52),
    };
  };
  const sessionId = (n) => text(bytesOf("session", n).subarray(0, 32));
  const username = (n) => `person-${n}`;

  return {
    account: (n) => ({ username: username(n), password: PASSWORD, secret: personOf(n).secret }),
    cookie: (n) => {
      const signed = sign(sessionId(n), keys.cookieSecrets[0]);
      return `latchkey=${encodeURIComponent(`s:${signed}`)}`;
    },

    accountRows(numbers, { passwordHash, at, recoveryCodes }) {
      const rows = { accounts: [], authenticators: [], recovery_sheets: [], recovery_codes: [] };
      const step = Math.floor(at / 30_000);
      for (const n of numbers) {
        const { id, authenticatorId, secret } = personOf(n);
        const context = sealContext({ accountId: id, authenticatorId });
        const sealed = keys.seal(secret, context, randomBytes(12));
        rows.accounts.push([id, username(n), passwordHash, at, at, 1]);
        rows.authenticators.push([authenticatorId, id, defaultName([]), sealed, step, at, at]);
        if (!recoveryCodes) continue;
        rows.recovery_sheets.push([id, 1, at]);
        for (let position = 1; position <= RECOVERY_CODES; position++) {
          rows.recovery_codes.push([text(randomBytes(32)), id, 1, position]);
        }
      }
      return rows;
    },

    sessionRows(numbers, { accounts, sessions, now }) {
      return {
        sessions: numbers.map((n) => {
          const idHash = hashOf(sessionId(n));
          const { id } = personOf(n % accounts);
          const device = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
          const at = now - Math.round(OPENED_OVER * (1 - n / sessions));
          const times = [at, now, at + DAY];
          return [idHash, "session", id, idHash, "password totp", at, device, "203.0.113.9", ...times];
        }),
      };
    },
  };
}

function* chunks(total) {
  for (let from = 0; from < total; from += AT_ONCE) {
    yield Array.from({ length: Math.min(AT_ONCE, total - from) }, (_, index) => from + index);
  }
}

function hashOf(id) {
  return createHash("sha256").update(id).digest("base64url");
}

/** Writes to SQLite. @returns write(table → rows), which inserts all of them in one transaction, and close() */
function openSqlite({ dataDir }) {
  const database = new DatabaseSync(databaseFile(dataDir));
  // Not durable: after a crash the data can be generated again.
  database.exec("pragma synchronous = off");
  database.exec("pragma cache_size = -1000000");
  database.exec("pragma foreign_keys = on");
  const inserts = Object.fromEntries(
    Object.entries(COLUMNS).map(([table, columns]) => {
      const places = columns.map(() => "?").join(", ");
      return [table, database.prepare(`insert into ${table} (${columns.join(", ")}) values (${places})`)];
    }),
  );
  return {
    async write(rowsOf) {
      database.exec("begin immediate");
      for (const [table, rows] of Object.entries(rowsOf)) for (const row of rows) inserts[table].run(...row);
      database.exec("commit");
    },
    async close() {
      database.exec("pragma wal_checkpoint(truncate)");
      database.close();
    },
  };
}

/** Writes to PostgreSQL; returns the same functions. */
async function openPostgres({ databaseUrl }) {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  return {
    async write(rowsOf) {
      for (const [table, rows] of Object.entries(rowsOf)) {
        const columns = COLUMNS[table];
        const objects = rows.map((row) =>
          Object.fromEntries(row.map((value, index) => [columns[index], value])),
        );
        await client.query(
          `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1)`,
          [JSON.stringify(objects)],
        );
      }
    },
    async close() {
      // PostgreSQL would do this by itself, but later.
      await client.query("vacuum analyze");
      await client.query("checkpoint");
      await client.end();
    },
  };
}
