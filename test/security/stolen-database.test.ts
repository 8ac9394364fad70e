/** A stolen database: what it tells those who read it, and those who can write to it. */
import { beforeEach, describe, expect, it } from "vitest";
import { appSecret } from "../support/app-secret.js";
import { cookieHeldBy } from "../support/cookies.js";
import { databaseBytes, openDatabase } from "../support/other-program.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, setUp, setUpWithSheet } from "../support/sign-in.js";
import { reasonOn, type Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

const PASSWORD = "correct horse battery";

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await addAccount(world, "victim", PASSWORD);
});

describe("a stolen database", () => {
  it("holds passwords as argon2id with the decided parameters", async () => {
    const rows = openDatabase(world).prepare("select password_hash from accounts").all() as {
      password_hash: string;
    }[];
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it("opens no account when another account's sealed secret is written to it", async () => {
    const secret = await setUp(world, world.visitor(), "victim", PASSWORD);
    const thief = world.visitor();
    await thief.password();
    await thief.code(world.code(await thief.secret()));
    world.advance(30_000);
    const database = openDatabase(world);
    // The thief knows the other secret and signs in as `test` with it, were it to open there.
    const victims =
      "(select sealed_secret from authenticators a join accounts on accounts.id = account_id where username = 'victim')";
    database.exec(`update authenticators set sealed_secret = ${victims}, last_step = 0`);
    const again = world.visitor();
    await again.password();
    expect((await again.code(world.code(secret))).status).toBe(500);
    expect((await again.get("/account")).status).toBe(303);
  });

  it("holds no key that opens a secret, and does not open with another key", async () => {
    await setUp(world, world.visitor(), "victim", PASSWORD);
    for (const key of [...(world.config.secrets ?? []), ...world.keys.cookieSecrets]) {
      expect(databaseBytes(world).includes(key)).toBe(false);
    }
    const other = openWorld({ DATA_DIR: world.dataDir, APP_SECRETS: appSecret("another") });
    await expect(other).rejects.toThrow(/not among APP_SECRETS/);
  });
});

describe("a row that a thief moved from their account to another's", () => {
  let thief: Visitor;
  let codes: string[];
  let ids: string[];
  beforeEach(async () => {
    await setUp(world, world.visitor(), "victim", PASSWORD);
    thief = world.visitor();
    const own = await setUpWithSheet(world, thief);
    codes = own.codes;
    await thief.post("/logout");
    await thief.password();
    await thief.code(world.code(own.secret), { trust_device: "on" });
    const accounts = openDatabase(world).prepare("select id from accounts order by username").all();
    ids = (accounts as { id: string }[]).map(({ id }) => id);
    for (const table of ["recovery_codes", "trusted_devices"]) {
      openDatabase(world).exec(`delete from ${table} where account_id = '${ids[1]}'`);
      openDatabase(world).exec(`update ${table} set account_id = '${ids[1]}'`);
    }
  });

  it("is worthless when it is a recovery code: its hash depends on the account", async () => {
    const visitor = world.visitor();
    await visitor.password("victim", PASSWORD);
    for (const code of codes.slice(0, 3)) {
      const refused = await visitor.recoveryCode(code);
      expect([refused.status, reasonOn(refused.text)]).toEqual([401, "unknown"]);
    }
  });

  it("is worthless when it is a trusted browser: its hash depends on the account", async () => {
    const [own, random] = cookieHeldBy(thief, "latchkey_trusted")
      .replace(/^[^=]+=/, "")
      .split(".");
    expect(own).toBe(ids[0]);
    for (const token of [`${own}.${random}`, `${ids[1]}.${random}`]) {
      const sent = form({ username: "victim", password: PASSWORD }, { cookie: `latchkey_trusted=${token}` });
      expect((await ask(world, { path: "/login", ...sent })).headers.location).toBe("/login/2fa");
    }
  });
});
