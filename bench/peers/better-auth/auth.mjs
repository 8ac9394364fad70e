/**
 * Peer: better-auth with its twoFactor plugin, set up as in its documentation, with its own password hash (scrypt) and
 * defaults. Two settings differ: the rate limit is off, because all requests come from one address; and SQLite has a
 * write-ahead log that is synced at each commit, like Latchkey's (its default journal would be slower).
 *
 * DATABASE: the database file. SECRET: the key for signing and encryption. PORT: the port.
 */
import { NodeSqliteDialect } from "@better-auth/kysely-adapter/node-sqlite-dialect";
import { DatabaseSync } from "@photostructure/sqlite";
import { betterAuth } from "better-auth";
import { twoFactor } from "better-auth/plugins/two-factor";

const { DATABASE, SECRET, PORT } = process.env;
const database = new DatabaseSync(DATABASE);
database.exec("pragma journal_mode = wal");
database.exec("pragma synchronous = full");

export const options = {
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: SECRET,
  database: { dialect: new NodeSqliteDialect({ database }), type: "sqlite", transaction: true },
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  plugins: [twoFactor()],
};

export const auth = betterAuth(options);
