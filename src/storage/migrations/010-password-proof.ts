/**
 * Lets a step-up remember for a moment that the password was right: when, and under which credential version of the account.
 * Tests: test/storage/migrations.test.ts
 */
import type { Migration } from "kysely";

export const passwordProof: Migration = {
  async up({ schema }) {
    // Both null unless the password was proved in this session and nothing has cleared that.
    await schema.alterTable("sessions").addColumn("password_proved_at", "bigint").execute();
    await schema.alterTable("sessions").addColumn("password_proved_epoch", "integer").execute();
  },
};
