/** What benches are measured on: seeded accounts and sessions are such as the product itself makes. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { appSecret } from "../support/app-secret.js";

const support = fileURLToPath(new URL("../../bench/support/", import.meta.url));

/** In a process of its own, as benches run, and without what Vitest puts into the environment. */
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

it("signs a seeded account in with its password and code, and it has what it would have", () => {
  expect(found.signedIn).toContain("Signed in as <b>person-1</b>");
  expect(found.signedIn).toContain("<b>10</b> of 10");
});

it("uses up a seeded account's code by signing in", () => {
  expect(found.again).toBe("POST /login/2fa: 401, not 303.");
});

it("holds a seeded session by its cookie, the nth that of account n, and then of the first again", () => {
  const names = found.pages.map((page) => /Signed in as <b>([^<]*)/.exec(page)?.[1]);
  expect(names).toEqual(["person-0", "person-1", "person-2", "person-0"]);
});
