/** Whether other users of this machine can get at the database file, the key or the settings. */
import { statSync } from "node:fs";
import path from "node:path";
import { readDotEnv } from "../../dotenv.js";
import { type Examined, type Finding, notLookedAt, right, wrong } from "./finding.js";

/** Settings may belong to root, and to the group that the server runs as. */
const OTHERS = 0o007;

interface Place {
  at: string;
  /** The bits that its mode must not have. */
  closed: number;
}

export async function checkPermissions({ config }: Examined): Promise<Finding> {
  if (!config) return notLookedAt("the settings");
  if (process.platform === "win32") {
    return { state: "unknown", says: "Not looked at: Windows has no modes that could be told here." };
  }
  const { remedyFor } = await import("../../storage/index.js");
  const places = await privatePlaces(config);
  const open = places.flatMap(({ at, closed }) => {
    const remedy = remedyFor(at, closed);
    return remedy ? [{ at, remedy }] : [];
  });
  if (open.length === 0) return right("Nobody else on this machine can read the data or the keys.");
  return wrong(
    `Others on this machine can get at ${open.map(({ at }) => at).join(" and ")}.`,
    `Find out who has, then run ${open.map(({ remedy }) => remedy).join(" and ")}.`,
  );
}

/** Files and folders that are not for everybody, whether they exist or not. */
async function privatePlaces({
  dataDir,
  databaseUrl,
}: {
  dataDir: string;
  databaseUrl: string | undefined;
}): Promise<Place[]> {
  const [{ closedTo, databaseFile }, { keyFile }] = await Promise.all([
    import("../../storage/index.js"),
    import("../../development-key.js"),
  ]);
  const file = databaseFile(dataDir);
  const database = databaseUrl === undefined ? [file, `${file}-wal`, `${file}-shm`] : [];
  const dotEnv = path.join(process.cwd(), ".env");
  const owners = [dataDir, ...database, keyFile(dataDir)].map((at) => ({
    at,
    closed: closedTo(dataDir),
  }));
  return holdsSecrets(dotEnv) ? [...owners, { at: dotEnv, closed: OTHERS }] : owners;
}

/** Whether a file of settings has keys in it, or an address that may hold a password. */
function holdsSecrets(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  const { APP_SECRETS, DATABASE_URL } = readDotEnv(file);
  return Boolean(APP_SECRETS || DATABASE_URL);
}
