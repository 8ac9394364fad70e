/** All that a refused code leaves behind, in the answer and beside it: for refusals that must not be told apart. */
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { forgetWork, work } from "./code-checks.js";
import { heldBy } from "./cookies.js";
import { openDatabase } from "./other-program.js";
import { type Answer, ask, bytesOf, form } from "./raw-request.js";
import { setUp } from "./sign-in.js";
import { MINUTE, openWorld, type World } from "./world.js";

/** A world where no sign-in runs out while a test waits for codes. */
export const openWorldWithLongLogins = (env: Record<string, string> = {}) =>
  openWorld({ PENDING_LOGIN: "12h", STEP_UP: "12h", SESSION_IDLE: "12h", ...env });

/** What one attempt leaves behind: its answer, work, events, log and rows. The account has no failures standing before. */
export async function traceOf(world: World, attempt: () => Promise<Answer>) {
  await world.auth.unlockAccount("test");
  const [rows, events, lines] = [rowsOf(world), world.events.length, world.logLines.length];
  forgetWork();
  const answer = bytesOf(await attempt());
  const { verified, hmacs, comparisons } = work;
  const now = rowsOf(world);
  return {
    answer,
    work: { verified, hmacs, comparisons },
    events: world.events.slice(events).map(({ id, requestId, ...event }) => event),
    log: world.logLines
      .slice(lines)
      .map((line) => line.replace(/"(time|ms|pid)":[0-9]+|"(requestId|id)":"[^"]{22,36}"/g, '"$1$2":0'))
      .filter((line) => line.includes("security event") || line.includes('"request"')),
    rows: { added: missingIn(rows, now), removed: missingIn(now, rows) },
  };
}

/** Every row of every table, as text. */
function rowsOf(world: World): string[] {
  const database = openDatabase(world);
  const tables = database
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
    .all()
    .map(({ name }) => String(name));
  return tables.flatMap((table) =>
    database
      .prepare(`select * from "${table}"`)
      .all()
      // Lines of history are numbered.
      .map((row) => JSON.stringify([table, table === "history" ? { ...row, id: 0, place: 0 } : row]))
      // The last refused code is kept as a keyed hash, which differs for each code; what was said of it must not.
      .map((row) => row.replace(/"last_refusal":"\{\\"name\\":\\"[\w-]{43}\\",/, '"last_refusal":"{'))
      // Beside it stands how many there were in this sign-in, whatever their reasons.
      .map((row) => row.replace(/,\\"count\\":[0-9]+\}"/, '}"')),
  );
}

/** What `after` has more often than `before`. */
function missingIn(before: string[], after: string[]): string[] {
  const left = [...before];
  return after.filter((row) => {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

export const sendCode = (world: World, cookie: string, otp: string) =>
  ask(world, { path: "/login/2fa", ...form({ otp }, { cookie }) });

/** The cookie of a session that is some time old, without the device cookie: every code counts in the strangers' pool. */
export async function sessionCookie(world: World): Promise<{ secret: string; cookie: string }> {
  const visitor = world.visitor();
  const secret = await setUp(world, visitor);
  world.advance(20 * MINUTE);
  return { secret, cookie: heldBy(visitor) };
}

/** The code of an app that shows more digits than this site wants. */
export function longCode(world: World, secret: string, digits: 7 | 8 = 8, steps = 0): string {
  const options = { algorithm: "SHA1", digits, period: 30 } as const;
  return totpAt(fromBase32(secret), world.now() / 1_000 + steps * 30, options);
}
