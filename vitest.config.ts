/** Configures the tests: all on SQLite, the threats on PostgreSQL too, and those about time last, one by one. */
import { defineConfig } from "vitest/config";
import { chooseSeed } from "./test/support/seed.js";
import { SkippedTests } from "./test/support/skipped-tests.js";
import { keepTemporaryFilesInMemory } from "./test/support/temporary-files.js";

keepTemporaryFilesInMemory();
chooseSeed();

/** Tests of races and replay between nodes, which must hold on both database engines, and of many people. */
const ON_BOTH_ENGINES = [
  "accounts-race",
  "authenticator-count",
  "factor-change",
  "host-race",
  "imported-hashes",
  "links-raced",
  "logout-race",
  "recovery-codes",
  "replay",
  "replay-inside",
  "two-nodes",
].map((threat) => `test/security/${threat}.test.ts`);

/** Tests of the host app, which may use Express 4 or 5. */
const ON_BOTH_EXPRESS = ["embed", "mount", "mount-beside", "require-session"].map(
  (name) => `test/${name}.test.ts`,
);

/** Tests about time. They run after all others and one by one, so that no other test takes processor time from them. */
const TIMED = [
  "auth/passwords/foreign-hashes-event-loop",
  "auth/passwords/password",
  "main",
  "rolling-restart",
  "security/disk-faults",
  "security/faults",
  "security/overload",
  "security/postgres-faults",
  "security/slow-clients",
  "storage/postgres/pgbouncer",
  "storage/sqlite/sqlite",
].map((name) => `test/${name}.test.ts`);

export default defineConfig({
  test: {
    globalSetup: ["test/support/prepare.ts"],
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One more than the processors of a small machine: tests also wait for browsers, servers and databases.
    maxWorkers: 3,
    reporters: ["default", new SkippedTests()],
    projects: [
      { extends: true, test: { name: "SQLite", include: ["test/**/*.test.ts"], exclude: TIMED } },
      {
        extends: true,
        test: {
          name: "PostgreSQL",
          include: [...ON_BOTH_ENGINES, "test/import/thousand-people.test.ts"],
          env: { TEST_ENGINE: "PostgreSQL" },
        },
      },
      {
        extends: true,
        test: { name: "Express 4", include: ON_BOTH_EXPRESS, env: { HOST_EXPRESS: "4" } },
      },
      {
        extends: true,
        test: { name: "Timed", include: TIMED, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
