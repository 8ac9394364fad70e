/**
 * Checks the database: that it is Latchkey's and reached securely, that its writes survive a crash, and that its schema is
 * current.
 */
import type { Config } from "../../config/config.js";
import { type Examined, type Finding, ok, problem, unknown } from "./finding.js";

export async function checkDatabase(examined: Examined): Promise<Finding> {
  const { config } = examined;
  if (!config) return unknown("the settings");
  const [{ StoreUnavailable }, { databaseName, checkAllPages, schemaIn, transportTo }] = await Promise.all([
    import("../../auth/index.js"),
    import("../../storage/index.js"),
  ]);
  const name = databaseName(config);
  const isFile = config.databaseUrl === undefined;
  try {
    const schema = await schemaIn(config);
    if (schema === "none") {
      return problem(
        `There is none at ${name}.`,
        `Set ${isFile ? "DATA_DIR" : "DATABASE_URL"} to the server's, or start the server, which makes one.`,
      );
    }
    if (schema === "foreign") {
      return problem(
        `${name} belongs to another program.`,
        isFile
          ? "Set DATA_DIR to a folder that is Latchkey's alone."
          : "Give Latchkey a database of its own, or a schema: ?options=-c%20search_path%3Dlatchkey in DATABASE_URL.",
      );
    }
    await checkAllPages(config);
  } catch (error) {
    // The message of any other error says what to do.
    if (isFile || !(error instanceof StoreUnavailable)) throw error;
    return problem(error.message, "See whether PostgreSQL runs there, and whether DATABASE_URL is right.");
  }
  examined.hasDatabase = true;
  return checkTransport(name, await transportTo(config));
}

/** Checks the connection's security: anyone who can change the traffic to the database can sign in as anybody. */
function checkTransport(name: string, transport: "local" | "open" | "unchecked" | "checked"): Finding {
  if (transport === "open") {
    return problem(
      `It is ${name}, reached over the network without TLS: anyone in between can read and change the traffic.`,
      "Add sslmode=verify-full to DATABASE_URL, and sslrootcert=/path/to/ca.pem if the certificate is from your own authority.",
    );
  }
  if (transport === "unchecked") {
    return problem(
      `It is ${name}, reached by TLS without checking its certificate: anyone in between can impersonate it.`,
      "Set sslmode=verify-full in DATABASE_URL, and sslrootcert=/path/to/ca.pem if the certificate is from your own authority.",
    );
  }
  return ok(`It is ${name}.`);
}

export async function checkDurability({ config, hasDatabase }: Examined): Promise<Finding> {
  if (!config || !hasDatabase) return unknown("the database");
  const { unsafeSettings } = await import("../../storage/index.js");
  const off = await unsafeSettings(config);
  if (off.length === 0) return ok("What was answered survives a crash.");
  return problem(
    `PostgreSQL runs with ${off.map((setting) => `${setting} = off`).join(" and ")}: after a crash, codes that were used could be used again.`,
    "Switch on what is off, in postgresql.conf or wherever it was set for this user or database.",
  );
}

export async function checkMigrations(examined: Examined): Promise<Finding> {
  const { config, hasDatabase } = examined;
  if (!config || !hasDatabase) return unknown("the database");
  const { pendingMigrationsOf, schemaIn } = await import("../../storage/index.js");
  const schema = await schemaIn(config);
  if (schema === "newer") {
    return problem(
      "A newer version of Latchkey has made the tables.",
      "Run that version, or bring back a copy of the database from before it.",
    );
  }
  const missing = await pendingMigrationsOf(config);
  if (schema !== "current") {
    // Doctor only looks; the next start migrates.
    return {
      state: "ok",
      says: `The tables are of an older version, by ${missing.length === 1 ? "1 step" : `${missing.length} steps`}; the next start brings them up to date.`,
      facts: { missing: missing.length },
    };
  }
  await open(examined, config);
  return { state: "ok", says: "The tables are those of this version.", facts: { missing: 0 } };
}

/**
 * Opens the store and auth/ for later checks. Unlike openAuth it takes no keys: doctor must not create a missing key, and a
 * wrong key is a finding of its own.
 */
async function open(examined: Examined, config: Config): Promise<void> {
  const [{ createAuth, createKeyring }, { openStore }] = await Promise.all([
    import("../../auth/index.js"),
    import("../../storage/index.js"),
  ]);
  const store = await openStore(config);
  const { policy, appName: issuer } = config;
  const { now: clock, random } = examined.io;
  const report = () => {};
  examined.close = () => store.close();
  examined.authWith = (secrets) =>
    createAuth({ store, clock, random, keys: createKeyring(secrets), policy, report, issuer });
}
