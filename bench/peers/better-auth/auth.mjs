/**
 * Peer: better-auth with its twoFactor plugin, as its documentation sets it up. Its own password hash (scrypt) and its own
 * defaults for all else, but for two: the rate limit is off, since all that is measured comes from one address, and SQLite
 * keeps a write-ahead log that is written through at each commit, as Latchkey's does (its default journal would be slower).
 *
 * DATABASE: the file. SECRET: what it signs and seals with. PORT: where it answers.
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
