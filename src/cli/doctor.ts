/** `latchkey doctor`: checks the installation without changing it, and says what is wrong and what to do. */
import { reasonOf } from "../storage/sqlite/data-folder.js";
import { readArguments } from "./arguments.js";
import type { Command, Commands, Io } from "./command.js";
import { checkClock } from "./doctor/clock.js";
import { checkDatabase, checkDurability, checkMigrations } from "./doctor/database.js";
import type { Check, Examined, Finding } from "./doctor/finding.js";
import { checkForwarding } from "./doctor/forwarding.js";
import { checkKeys } from "./doctor/keys.js";
import { checkPermissions } from "./doctor/permissions.js";
import { checkProxies } from "./doctor/proxies.js";
import { checkSettings } from "./doctor/settings.js";
import { checkSteps } from "./doctor/steps.js";

/** The checks in order: later ones use what earlier ones found. No check creates or changes a file. */
const checks: Record<string, Check> = {
  settings: checkSettings,
  permissions: checkPermissions,
  proxies: checkProxies,
  forwarding: checkForwarding,
  database: checkDatabase,
  durability: checkDurability,
  migrations: checkMigrations,
  keys: checkKeys,
  clock: checkClock,
  steps: checkSteps,
};

const doctor: Command = {
  usage: "latchkey doctor [--json]",
  summary: "Looks at the whole installation, and says what to do where something is wrong.",
  details: `Settings, permissions, proxies, forward authentication, database, its durability and its tables, keys, the server's clock, and accepted time steps: a line each.
  --json         print one array of JSON, an object a check
Exits 0 when nothing is wrong, 1 when something is. Run it with the settings of the server, also while that runs.`,
  async run(args, io) {
    const { options } = readArguments(args, doctor, [], { json: { type: "boolean" } });
    const findings = await examine(io);
    io.stdout.write(options.json ? asJson(findings) : asText(findings));
    return findings.some(([, { state }]) => state === "problem") ? 1 : 0;
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

/** Turns a check that threw into a problem. */
function failed(error: unknown): Finding {
  const place = error instanceof Error && "path" in error ? `${error.path}: ` : "";
  return { state: "problem", says: place ? `${place}${reasonOf(error)}.` : reasonOf(error) };
}

/** Prints absent fields as null, so that programs find the same fields in every finding. */
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
    const line = `${state.padEnd(7)}  ${check.padEnd(11)}  ${[says, remedy].filter(Boolean).join(" ")}`;
    // Paths and settings may contain line breaks and control characters; each finding stays on one line.
    return line.replace(/[\s\p{Cc}]+/gu, (blank) => (/^ +$/.test(blank) ? blank : " "));
  });
  return `${lines.join("\n")}\n`;
}
