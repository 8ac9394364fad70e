/** Whether other users of this machine can get at the database file, the key or the settings. */
import { readFileSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { type Examined, type Finding, notLookedAt, right, wrong } from "./finding.js";

/** Everything that a mode gives to the group and to others. */
const OTHERS = 0o077;

export async function checkPermissions({ config }: Examined): Promise<Finding> {
  if (!config) return notLookedAt("the settings");
  if (process.platform === "win32") {
    return { state: "unknown", says: "Not looked at: Windows has no modes that could be told here." };
  }
  const open = (await privatePlaces(config)).filter((place) => (statOf(place)?.mode ?? 0) & OTHERS);
  if (open.length === 0) return right("Nobody but their owner reads the data and the keys.");
  const remedies = open.map((place) => `\`chmod ${statOf(place)?.isDirectory() ? 700 : 600} ${place}\``);
  return wrong(
    `Others on this machine can get at ${open.join(" and ")}.`,
    `Find out who has, then run ${remedies.join(" and ")}.`,
  );
}

/** Files and folders that are for their owner alone, whether they exist or not. */
async function privatePlaces({
  dataDir,
  databaseUrl,
}: {
  dataDir: string;
  databaseUrl: string | undefined;
}): Promise<string[]> {
  const [{ databaseFile }, { keyFile }] = await Promise.all([
    import("../../storage/index.js"),
    import("../../development-key.js"),
  ]);
  const file = databaseFile(dataDir);
  const database = databaseUrl === undefined ? [file, `${file}-wal`, `${file}-shm`] : [];
  const dotEnv = path.join(process.cwd(), ".env");
  return [dataDir, ...database, keyFile(dataDir), ...(holdsSecrets(dotEnv) ? [dotEnv] : [])];
}

function statOf(place: string): Stats | undefined {
  return statSync(place, { throwIfNoEntry: false });
}

/** Whether a file of settings has keys or a password in it. */
function holdsSecrets(file: string): boolean {
  if (!statOf(file)?.isFile()) return false;
  const { APP_SECRETS, DATABASE_URL = "" } = parseEnv(readFileSync(file, "utf8"));
  return Boolean(APP_SECRETS) || /:\/\/[^:/?#]*:[^/?#]+@|[?&](ssl)?password=/i.test(DATABASE_URL);
}
