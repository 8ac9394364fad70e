/** `latchkey doctor`: looks at the installation without changing it, and says what is wrong and what to do. */
import { existsSync } from "node:fs";
import type { Auth } from "../auth/index.js";
import type { Config } from "../config.js";
import { readArguments } from "./arguments.js";
import type { Command, Commands, Io } from "./command.js";

/** `unknown`: it cannot be told now, which by itself is nothing wrong. */
interface Finding {
  state: "right" | "wrong" | "unknown";
  /** In whole sentences, for people. */
  says: string;
  /** What to do about it. */
  remedy?: string;
  /** The same in numbers, for programs. */
  facts?: Record<string, number | string>;
}

/** What the checks stand on: each finds here what those before it have laid down. */
interface Examined {
  io: Io;
  /** Once the settings are right. */
  config?: Config;
  /** Once the database is right; with these keys. */
  authWith?: (secrets: [string, ...string[]]) => Auth;
  /** To be called when all is done. */
  close?: () => Promise<void>;
}

/** In the order in which they build upon each other. None makes a file that is missing, or changes what one holds. */
const checks: Record<string, (examined: Examined) => Promise<Finding>> = {
  settings: checkSettings,
  database: checkDatabase,
  keys: checkKeys,
  clock: checkClock,
};

const doctor: Command = {
  usage: "latchkey doctor [--json]",
  summary:
    "Looks at settings, database, keys and the server's clock, and says what to do where something is wrong.",
  details: `  --json         print one array of JSON, an object a check
Exits 0 when nothing is wrong, 1 when something is. Run it with the settings of the server, also while that runs.`,
  async run(args, io) {
    const { options } = readArguments(args, doctor, [], { json: { type: "boolean" } });
    const findings = await examine(io);
    io.stdout.write(options.json ? asJson(findings) : asText(findings));
    return findings.some(([, { state }]) => state === "wrong") ? 1 : 0;
  },
};

export const commands: Commands = { doctor };

async function examine(io: Io): Promise<[string, Finding][]> {
  const examined: Examined = { io };
  const findings: [string, Finding][] = [];
  try {
    for (const [name, check] of Object.entries(checks)) {
      findings.push([name, await check(examined).catch(failed)]);
    }
  } finally {
    await examined.close?.();
  }
  return findings;
}

/** A check that cannot be made to its end has found something, too. */
function failed(error: unknown): Finding {
  return { state: "wrong", says: error instanceof Error ? error.message : String(error) };
}

async function checkSettings(examined: Examined): Promise<Finding> {
  const { ConfigError, readConfig } = await import("../config.js");
  try {
    examined.config = readConfig(examined.io.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const remedy = "Change them in the environment or in .env; the README lists them all.";
    return { state: "wrong", says: error.problems.join(" "), remedy };
  }
  return {
    state: "right",
    says: `They are those of ${examined.config.production ? "production" : "development"}.`,
  };
}

async function checkDatabase(examined: Examined): Promise<Finding> {
  const { config } = examined;
  if (!config) return notLookedAt("the settings");
  const { databaseFile, schemaIn } = await import("../storage/index.js");
  const file = databaseFile(config.dataDir);
  if (!existsSync(file)) {
    const remedy = "Set DATA_DIR to the server's, or start the server, which makes one.";
    return { state: "wrong", says: `There is none at ${file}.`, remedy };
  }
  const schema = await schemaIn(config);
  if (schema === "newer") {
    const remedy = "Run that version, or bring back a copy of the database from before it.";
    return { state: "wrong", says: `A newer version of Latchkey has made ${file}.`, remedy };
  }
  if (schema === "older") {
    // Left to the server: nobody asks a doctor to operate at once.
    return { state: "right", says: `${file} is of an older version; the next start brings it up to date.` };
  }
  await open(examined, config);
  return { state: "right", says: `It is ${file}.` };
}

/** As openAuth does, without the keys: one that is missing must not be made, and a wrong one is a finding of its own. */
async function open(examined: Examined, config: Config): Promise<void> {
  const [{ createAuth, createKeyring }, { openStore }] = await Promise.all([
    import("../auth/index.js"),
    import("../storage/index.js"),
  ]);
  const store = await openStore(config);
  const { policy, appName: issuer } = config;
  const { now: clock, random } = examined.io;
  const report = () => {};
  examined.close = () => store.close();
  examined.authWith = (secrets) =>
    createAuth({ store, clock, random, keys: createKeyring(secrets), policy, report, issuer });
}

async function checkKeys({ io, config, authWith }: Examined): Promise<Finding> {
  if (!config || !authWith) return notLookedAt("the database");
  const { developmentKey, keyFile } = await import("../development-key.js");
  const isMissing = !config.secrets && !existsSync(keyFile(config.dataDir));
  // Whether secrets are sealed with the key that is missing, any other key can tell.
  const secrets = isMissing ? anyKey(io) : (config.secrets ?? ([developmentKey(config.dataDir)] as const));
  await authWith([...secrets]).checkKeys();
  if (isMissing) return { state: "right", says: "There is none yet; the first start makes one." };
  return { state: "right", says: "They open what is sealed in the database." };
}

async function checkClock({ io, authWith }: Examined): Promise<Finding> {
  if (!authWith) return notLookedAt("the database");
  const { FEWEST_ACCOUNTS } = await import("../auth/index.js");
  const clock = await authWith(anyKey(io)).serverClock();
  const { accounts } = clock;
  if (clock.verdict === "too-few") {
    const says = `Not known yet: ${accounts} of ${FEWEST_ACCOUNTS} accounts have typed a code in the last hours.`;
    return { state: "unknown", says, facts: { accounts } };
  }
  const { seconds } = clock;
  const since = clock.since.toISOString();
  const by = `by the authenticators of ${accounts} accounts since ${isoMinute(clock.since)}`;
  const facts = { accounts, seconds, since };
  if (clock.verdict === "right") return { state: "right", says: `It is right, ${by}.`, facts };
  const says = `The server is about ${Math.abs(seconds)} s ${seconds > 0 ? "ahead" : "behind"}, ${by}.`;
  const remedy =
    "Set it by a time server (on Linux `timedatectl` tells whether that is on). Afterwards this still speaks of the time " +
    `before, until ${FEWEST_ACCOUNTS} accounts have signed in in a newer window of four hours, or a day has passed.`;
  return { state: "wrong", says, remedy, facts };
}

function notLookedAt(what: string): Finding {
  return { state: "unknown", says: `Not looked at: first see to ${what}.` };
}

/** For what needs no key. */
function anyKey(io: Io): [string] {
  return [Buffer.from(io.random(32)).toString("hex")];
}

/** "2026-11-24T12:00Z" */
function isoMinute(date: Date): string {
  return `${date.toISOString().slice(0, 16)}Z`;
}

/** What is absent is there, as null: a program finds the same fields in each. */
function asJson(findings: [string, Finding][]): string {
  const all = findings.map(([check, { state, says, remedy = null, facts = null }]) => ({
    check,
    state,
    says,
    remedy,
    facts,
  }));
  return `${JSON.stringify(all)}\n`;
}

function asText(findings: [string, Finding][]): string {
  const lines = findings.map(([check, { state, says, remedy }]) => {
    const line = `${state.padEnd(7)}  ${check.padEnd(8)}  ${[says, remedy].filter(Boolean).join(" ")}`;
    // Paths and values of settings stand in it: one line each, whatever they are.
    return line.replace(/[\s\p{Cc}]+/gu, (blank) => (/^ +$/.test(blank) ? blank : " "));
  });
  return `${lines.join("\n")}\n`;
}
