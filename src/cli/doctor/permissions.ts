/** Checks that other users of this machine cannot read the database file, the key or the settings. */
import { statSync } from "node:fs";
import path from "node:path";
import { readDotEnv } from "../../config/dotenv.js";
import { type Examined, type Finding, ok, problem, unknown } from "./finding.js";

/** Mode bits. The settings file may be readable for its group, because it may belong to root and the server's group. */
const [OTHERS, GROUP] = [0o007, 0o070];

interface Place {
  at: string;
  /** The bits that its mode must not have. */
  closed: number;
}

export async function checkPermissions({ config }: Examined): Promise<Finding> {
  if (!config) return unknown("the settings");
  if (process.platform === "win32") {
    return { state: "unknown", says: "Not looked at: Windows has no modes that could be told here." };
  }
  const { chmodCommand } = await import("../../storage/index.js");
  const places = await privatePlaces(config);
  const open = places.flatMap(({ at, closed }) => {
    const remedy = chmodCommand(at, closed);
    return remedy ? [{ at, remedy }] : [];
  });
  if (open.length === 0) {
    // Files in the data folder are reached through that folder, so only the folder is named.
    const shared = places.filter(({ at }) => path.dirname(at) !== config.dataDir && bitsOf(at) & GROUP);
    const except =
      shared.length === 0 ? "" : `, but for the group of ${shared.map(({ at }) => at).join(" and of ")}`;
    return ok(`Nobody else on this machine can read the data or the keys${except}.`);
  }
  return problem(
    `Others on this machine can get at ${open.map(({ at }) => at).join(" and ")}.`,
    `Find out who has, then run ${open.map(({ remedy }) => remedy).join(" and ")}.`,
  );
}

/** Files and folders that must be private, whether they exist or not. */
async function privatePlaces({
  dataDir,
  databaseUrl,
}: {
  dataDir: string;
  databaseUrl: string | undefined;
}): Promise<Place[]> {
  const [{ forbiddenBits, databaseFile }, { keyFile }] = await Promise.all([
    import("../../storage/index.js"),
    import("../../development-key.js"),
  ]);
  const file = databaseFile(dataDir);
  const database = databaseUrl === undefined ? [file, `${file}-wal`, `${file}-shm`] : [];
  const dotEnv = path.join(process.cwd(), ".env");
  const owners = [dataDir, ...database, keyFile(dataDir)].map((at) => ({
    at,
    closed: forbiddenBits(dataDir),
  }));
  return holdsSecrets(dotEnv) ? [...owners, { at: dotEnv, closed: OTHERS }] : owners;
}

function bitsOf(place: string): number {
  return statSync(place, { throwIfNoEntry: false })?.mode ?? 0;
}

/** Whether a settings file has keys in it, or a database address, which may hold a password. */
function holdsSecrets(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  const { APP_SECRETS, DATABASE_URL } = readDotEnv(file);
  return Boolean(APP_SECRETS || DATABASE_URL);
}
