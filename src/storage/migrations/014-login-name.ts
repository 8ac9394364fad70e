/**
 * Keeps the name that was typed at the sign-in, where a host app checks passwords: at a step-up it is asked by the same name.
 * Tests: test/storage/migrations.test.ts
 */
import type { Migration } from "kysely";

export const loginName: Migration = {
  async up({ schema }) {
    // Null wherever the host was not asked by a name.
    await schema.alterTable("sessions").addColumn("login_name", "text").execute();
  },
};
