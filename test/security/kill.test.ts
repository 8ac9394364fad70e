/** A process killed (kill -9) in the middle of changes leaves each of them done whole or not at all, and once. */
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { RECOVERY_CODES } from "../../src/auth/policy.js";
import { databaseFile, type Location } from "../../src/storage/index.js";
import { CHECKS } from "../support/changes-checked.js";
import { openAuthAt } from "../support/changes-in-flight.js";
import { killProgram, killServer, timeOfChanges } from "../support/changes-killed.js";
import { prepareChanges } from "../support/changes-prepared.js";
import { newDatabase } from "../support/database.js";
import { newFolder } from "../support/new-folder.js";
import { ask } from "../support/postgres.js";
import { randomBytes, randomFraction } from "../support/random.js";
import { seedOfRun } from "../support/seed.js";

/** Each comes in the middle of four changes: on the two engines they cut off some 200. */
const KILLS = 25;

/** How many of them kill the whole server. */
const OF_THE_SERVER = 3;

/** States that no account may ever be in; each statement finds the accounts that are. */
const HALF_DONE: Record<string, string> = {
  "an authenticator without the second factor, or the other way round":
    "(second_factor_since is not null) <> exists (select 1 from authenticators where account_id = accounts.id)",
  "an authenticator without all its recovery codes": `second_factor_since is not null and (select count(*) from recovery_codes where account_id = accounts.id) <> ${RECOVERY_CODES}`,
  "recovery codes without an authenticator, or their sheet":
    "exists (select 1 from recovery_codes where account_id = accounts.id) <> exists (select 1 from recovery_sheets where account_id = accounts.id and second_factor_since is not null)",
  "an authenticator that is still being set up":
    "exists (select 1 from authenticators join enrolments on enrolments.authenticator_id = authenticators.id where authenticators.account_id = accounts.id)",
  "a session that the history does not know, or the other way round":
    "(select count(*) from history where account_id = accounts.id and type = 'signed-in') <> (select count(*) from sessions where account_id = accounts.id and kind = 'session')",
  "a sign-in that the account does not know":
    "(last_sign_in_at is not null) <> exists (select 1 from sessions where account_id = accounts.id and kind = 'session')",
  "a session and its pending login, both open":
    "exists (select 1 from sessions s join sessions p on p.family = s.family where s.account_id = accounts.id and s.kind = 'session' and p.kind = 'pending' and p.ended_at is null)",
  "a recovery code used and not told, or the other way round":
    "(select count(*) from history where account_id = accounts.id and type = 'recovery-code-used') <> (select count(*) from recovery_codes where account_id = accounts.id and used_at is not null)",
  "a new password and old device cookies, or the other way round":
    "(select count(*) from history where account_id = accounts.id and type = 'password-changed') <> epoch",
};

describe("a change that a kill cuts off", () => {
  it.each(["SQLite", "PostgreSQL"])(
    "is done whole or not at all, and once, on %s",
    async (engine) => {
      const location = await freshDatabase(engine);
      const opened = await openAuthAt(location, randomBytes);
      const longest = 1.5 * (await timeOfChanges(location, await prepareChanges(opened, "10.0.250.1")));
      const rounds = Array.from({ length: KILLS }, (_, n) => ({
        n,
        kill: n < OF_THE_SERVER ? killServer : killProgram,
        after: randomFraction() * longest,
      }));
      const tally = { done: 0, notDone: 0, answered: 0 };

      async function lane(): Promise<void> {
        for (let round = rounds.shift(); round; round = rounds.shift()) {
          const { n, kill, after } = round;
          const prepared = await prepareChanges(opened, `10.0.${n}.1`);
          const answered = await kill(location, prepared, after);
          await expectNothingHalf(location);
          for (const [change, check] of Object.entries(CHECKS)) {
            const hint = `${seedOfRun()}, kill ${n} after ${after.toFixed(1)} ms, ${change}`;
            const isDone = await check(opened, prepared, hint);
            if (answered.has(change)) expect(isDone, `${hint}: was answered`).toBe(true);
            tally[isDone ? "done" : "notDone"]++;
            if (answered.has(change)) tally.answered++;
          }
        }
      }
      // While one round is checked, the next can start.
      await Promise.all([lane(), lane()]);
      await expectNothingHalf(location);
      await opened.store.close();
      // Otherwise the kills did not come in the middle.
      expect(tally.done, JSON.stringify(tally)).toBeGreaterThan(KILLS / 10);
      expect(tally.notDone, JSON.stringify(tally)).toBeGreaterThan(KILLS / 10);
    },
    120_000,
  );
});

async function expectNothingHalf(location: Location): Promise<void> {
  const half = Object.entries(HALF_DONE).map(
    ([what, where]) => `select username, '${what}' as what from accounts where ${where}`,
  );
  const query = half.join(" union all ");
  if (location.databaseUrl !== undefined) {
    expect(await ask(location.databaseUrl, query)).toEqual([]);
    return;
  }
  const database = new DatabaseSync(databaseFile(location.dataDir), { timeout: 5_000 });
  try {
    expect(database.prepare("pragma integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(database.prepare("pragma foreign_key_check").all()).toEqual([]);
    expect(database.prepare(query).all()).toEqual([]);
  } finally {
    database.close();
  }
}

async function freshDatabase(engine: string): Promise<Location> {
  const dataDir = newFolder();
  return engine === "PostgreSQL" ? { dataDir, databaseUrl: await newDatabase() } : { dataDir };
}
