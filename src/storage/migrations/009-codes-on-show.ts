/**
 * Keeps recovery codes, sealed, in the row of the session that made them, so that Back and reload show them for a while.
 * Tests: test/storage/migrations.test.ts
 */
import { type Migration, sql } from "kysely";

export const codesOnShow: Migration = {
  async up({ schema }) {
    await schema.alterTable("sessions").addColumn("sealed_codes", "text").execute();
    // When they stop being shown, and pruning removes them. Null with `sealed_codes`, else not.
    await schema.alterTable("sessions").addColumn("codes_until", "bigint").execute();
    // Few rows have codes, and these indexes hold no other, so opening a session costs nothing more.
    await schema
      .createIndex("sessions_codes_until")
      .on("sessions")
      .column("codes_until")
      .where("codes_until", "is not", null)
      .execute();
    // Must be the same expressions as in sealed.ts, or the database does not use the index.
    await schema
      .createIndex("sessions_codes_key")
      .on("sessions")
      .expression(sql`substr(sealed_codes, 1, 8)`)
      .where(sql.ref("sealed_codes"), "is not", null)
      .execute();
  },
};
