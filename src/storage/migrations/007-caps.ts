/**
 * Caps the rows of an account: adds indexes by last use, and removes rows beyond the caps.
 * Tests: test/storage/migrations.test.ts
 */
import { type Kysely, type Migration, sql } from "kysely";

export const caps: Migration = {
  async up(db) {
    await extendSessions(db);
    await replaceIndexes(db);
    await trimSessions(db);
    // Their tokens were hashed without a key, so dropping a key from APP_SECRETS could not revoke them.
    await sql`delete from trusted_devices`.execute(db);
  },
};

async function extendSessions({ schema }: Kysely<unknown>): Promise<void> {
  // Which known browser a pending login belongs to; null for a stranger's, and for a session.
  await schema.alterTable("sessions").addColumn("browser", "text").execute();
  // The last refused code and the reason; null if there is none.
  await schema.alterTable("sessions").addColumn("last_refusal", "text").execute();
}

/** Each new index begins with the columns of the one that it replaces, so it serves the same queries. */
async function replaceIndexes({ schema }: Kysely<unknown>): Promise<void> {
  await schema.dropIndex("sessions_account").execute();
  await schema
    .createIndex("sessions_newest")
    .on("sessions")
    .columns(["account_id", "kind", "browser", "last_seen_at"])
    .execute();
  await schema.dropIndex("history_account").execute();
  await schema.createIndex("history_newest").on("history").columns(["account_id", "at", "place"]).execute();
}

/** Removes the pending logins of a flood before the upgrade, so that the next password change need not revoke each of them. */
async function trimSessions(db: Kysely<unknown>): Promise<void> {
  await sql`
    delete from sessions where id_hash in (
      select id_hash from (
        select id_hash, kind,
          row_number() over (partition by account_id, kind order by last_seen_at desc, id_hash) as place
        from sessions
        where account_id in (select account_id from sessions group by account_id having count(*) > 20)
      ) as ranked
      where (kind = 'pending' and place > 20) or (kind = 'session' and place > 100)
    )`.execute(db);
}
