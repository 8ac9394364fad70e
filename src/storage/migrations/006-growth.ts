/**
 * Adds an index for a million accounts: it finds which keys have sealed their secrets without reading the secrets.
 * Tests: test/storage/migrations.test.ts
 */
import { type Migration, sql } from "kysely";

export const growth: Migration = {
  async up({ schema }) {
    // Must be the same expression as in sealed.ts, or the database does not use the index.
    await schema
      .createIndex("authenticators_key")
      .on("authenticators")
      .expression(sql`substr(sealed_secret, 1, 8)`)
      .execute();
  },
};
