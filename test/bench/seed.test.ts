/** The accounts and sessions that benches run on: they work as those that the product makes. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { RECOVERY_CODES } from "../../src/auth/policy.js";
import { appSecret } from "../support/app-secret.js";

const support = fileURLToPath(new URL("../../bench/support/", import.meta.url));

/** Runs in its own process, as benches do, without what Vitest puts into the environment. */
const SCRIPT = `
import { connect, journey, LATCHKEY } from "${support}journey.mjs";
import { seed } from "${support}seed.mjs";
import { newFolder, settings, startLatchkey } from "${support}server.mjs";
const location = { dataDir: newFolder() };
const secret = "${appSecret()}";
const { account, cookie } = await seed({ location, secret, accounts: 3, sessions: 4 });
const server = await startLatchkey(settings({ ...location, secret }));
const pageOf = async (cookie) => (await fetch(server.origin + "/account", { headers: { cookie } })).text();
const connection = connect(server.origin);
const signedIn = await pageOf(await journey(connection, LATCHKEY, account(1)));
const again = await journey(connection, LATCHKEY, account(1)).catch(({ message }) => message);
const pages = await Promise.all([0, 1, 2, 3].map((n) => pageOf(cookie(n))));
console.log(JSON.stringify({ signedIn, again, pages }));
process.exit();
`;

let found: { signedIn: string; again: string; pages: string[] };

beforeAll(async () => {
  const run = promisify(execFile);
  const options = { cwd: support, env: { PATH: process.env.PATH } };
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", SCRIPT], options);
  found = JSON.parse(stdout);
});

describe("seeded accounts", () => {
  it("sign in with their password and code, and have ten recovery codes", () => {
    expect(found.signedIn).toContain("Signed in as <b>person-1</b>");
    expect(found.signedIn).toContain(`${RECOVERY_CODES} recovery codes`);
  });

  it("spend a code by signing in", () => {
    expect(found.again).toBe("POST /login/2fa: 401, not 303.");
  });

  it("hold a session by its cookie: the nth of account n, then of the first account again", () => {
    const names = found.pages.map((page) => /Signed in as <b>([^<]*)/.exec(page)?.[1]);
    expect(names).toEqual(["person-0", "person-1", "person-2", "person-0"]);
  });
});
