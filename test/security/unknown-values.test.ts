/** Values that only a newer version knows, in every closed list that is read from the database: no page fails, and nothing opens. */
import { describe, expect, it, vi } from "vitest";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { sqlOn } from "../support/other-program.js";
import { ask } from "../support/raw-request.js";
import { setUp, setUpWithSheet } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";
import { mistyped } from "../support/wrong-codes.js";

/** Includes names of Object.prototype, and text that a page must escape. */
const STRANGE = [
  "passkey-added",
  "constructor",
  "__proto__",
  "toString",
  "",
  " ",
  "<script>alert(1)</script>",
  "ü\u2028",
  "x".repeat(5_000),
];

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

async function signedIn(): Promise<[World, Visitor]> {
  const world = await openWorld({ DATA_DIR: newFolder(), DEMO: "on" });
  const visitor = world.visitor();
  await setUp(world, visitor);
  return [world, visitor];
}

/** Every page of a session, the proxy's question, and the command line's list. */
async function walk(
  world: World,
  visitor: Visitor,
): Promise<Record<string, { status: number; text: string }>> {
  const seen: Record<string, { status: number; text: string }> = {};
  for (const path of [
    "/",
    "/account",
    "/account/history",
    "/confirm",
    "/account/password",
    "/auth/verify",
    "/login",
    "/login/2fa",
  ]) {
    const { status, text } = await visitor.get(path);
    expect(status, path).toBeLessThan(500);
    // Ids are random letters, which may spell anything.
    expect(text.replace(/[\w-]{20,}/g, ""), path).not.toMatch(/<script>alert|undefined|NaN|\[object/);
    seen[path] = { status, text };
  }
  const env = { DATA_DIR: world.dataDir, APP_SECRETS: appSecret() };
  const clock = vi.spyOn(Date, "now").mockImplementation(() => world.now());
  expect(await latchkey(["account", "list"], { env })).toMatchObject({ exit: 0 });
  clock.mockRestore();
  const failed = world.logLines.filter((line) => line.includes("request failed"));
  expect(failed).toEqual([]);
  return seen;
}

let planted = 0;

/** A line of the history, as another version has written it. */
async function plantLine(
  world: World,
  type: string,
  reason: string | null,
  subject: string | null,
): Promise<void> {
  const or = (text: string | null) => (text === null ? "null" : quoted(text));
  await sqlOn(
    world,
    `insert into history (id, account_id, at, place, type, reason, subject, by_operator, device, address)
     select 'planted ${++planted}', id, ${world.now()}, ${planted}, ${quoted(type)}, ${or(reason)}, ${or(subject)}, 0, '', ''
     from accounts where username = 'test' returning id`,
  );
}

const KNOWN = [
  "signed-in",
  "stepped-up",
  "code-refused",
  "recovery-code-refused",
  "recovery-code-used",
  "account-unlocked",
];
const WITH_A_NUMBER = ["earlier-step", "later-step", "other-digits", "other-period"];

describe("a history line", () => {
  it.each(STRANGE.map((type) => [type.slice(0, 40), type]))(
    "is shown in neutral words when its type is %j",
    async (_short, type) => {
      const [world, visitor] = await signedIn();
      for (const value of [null, ...STRANGE]) await plantLine(world, type, value, value);
      const pages = await walk(world, visitor);
      expect(pages["/account/history"]?.text).toContain(
        "An event that this version of the site does not know",
      );
      expect(pages["/account/history"]?.status).toBe(200);
      expect(pages["/account"]?.status).toBe(200);
    },
  );

  it.each(KNOWN)("is shown with any reason and subject when its type is %s", async (type) => {
    const [world, visitor] = await signedIn();
    for (const value of [null, ...STRANGE]) await plantLine(world, type, value, value);
    for (const reason of WITH_A_NUMBER)
      for (const subject of [null, "", "many", "-1", "1e99", "9".repeat(30)])
        await plantLine(world, type, reason, subject);
    const pages = await walk(world, visitor);
    expect([pages["/account"]?.status, pages["/account/history"]?.status]).toEqual([200, 200]);
  });
});

describe("a session", () => {
  it.each(STRANGE.map((kind) => [kind.slice(0, 40), kind]))(
    "opens nothing when its kind is %j",
    async (_short, kind) => {
      const [world, visitor] = await signedIn();
      await sqlOn(world, `update sessions set kind = ${quoted(kind)} returning kind`);
      const pages = await walk(world, visitor);
      expect(pages["/account"]?.status).toBe(303);
      expect(pages["/login/2fa"]?.status).toBe(303);
      expect(pages["/auth/verify"]?.status).toBe(401);
      await visitor.password();
      const { status } = await visitor.get("/login/2fa");
      expect(status).toBe(200);
    },
  );

  it.each(STRANGE.map((method) => [method.slice(0, 40), method]))(
    "proves nothing by the method %j",
    async (_short, method) => {
      const [world, visitor] = await signedIn();
      await sqlOn(
        world,
        `update sessions set methods = ${quoted(`password ${method}\r\nX-Evil: 1`)} returning kind`,
      );
      const pages = await walk(world, visitor);
      expect(pages["/account"]?.status).toBe(200);
      expect(pages["/auth/verify"]?.status).toBe(200);
      const verified = await visitor.get("/auth/verify");
      expect(verified.headers["remote-auth-methods"]).toMatch(/^[a-z0-9-]+( [a-z0-9-]+)*$/);
      expect((await visitor.get("/auth/verify?methods=totp")).status).toBe(401);
    },
  );

  it.each([
    ["no JSON", "{"],
    ["a text", '"text"'],
    ["a number", "7"],
    ["null", "null"],
    ["a list", "[1]"],
    ["numbers", '{"success":[1]}'],
    ["objects", '{"success":[{"text":"x"}]}'],
    ["a text in place of a list", '{"success":"text"}'],
    ["another shape", '{"version":2,"messages":[{"key":"x"}]}'],
  ])("has no messages when they are stored as %s", async (_what, data) => {
    const [world, visitor] = await signedIn();
    await sqlOn(world, `update sessions set data = ${quoted(data)} returning kind`);
    const pages = await walk(world, visitor);
    expect(pages["/account"]?.status).toBe(200);
  });

  it.each(
    STRANGE.slice(0, 4)
      .concat(STRANGE.slice(6))
      .map((category) => [category.slice(0, 40), category]),
  )("shows a message of the category %j like any other", async (_short, category) => {
    const [world, visitor] = await signedIn();
    const data = `{${JSON.stringify(category)}:["A message of a newer version."]}`;
    await sqlOn(world, `update sessions set data = ${quoted(data)} returning kind`);
    const { status, text } = await visitor.get("/account");
    expect([status, text.includes("<script>alert")]).toEqual([200, false]);
    if (category !== "__proto__") expect(text).toContain("A message of a newer version.");
    await walk(world, visitor);
  });
});

describe("an event of another version", () => {
  it("is reported like any other", async () => {
    const [world] = await signedIn();
    for (const [n, type] of STRANGE.entries())
      await sqlOn(
        world,
        `insert into security_events (id, type, at, by_kind) values ('planted ${n}', ${quoted(type)}, ${n}, ${quoted(type)}) returning id`,
      );
    world.events.splice(0);
    await world.auth.reportOperatorEvents();
    expect(world.events.map(({ type }) => type)).toEqual(STRANGE);
    expect((await ask(world, { path: "/login" })).status).toBe(200);
  });
});

describe("a stored refusal", () => {
  it.each([
    ["no JSON", () => "2;wrong"],
    ["nothing", () => "null"],
    ["a list", () => "[]"],
    ["no refusal", (kept: string) => kept.replace(/"refusal":.*/, '"refusal":null}')],
    ...STRANGE.map((reason): [string, (kept: string) => string] => [
      `the reason ${reason.slice(0, 30)}`,
      (kept) =>
        JSON.stringify({ ...JSON.parse(kept), refusal: { outcome: "recovery-code-refused", reason } }),
    ]),
  ])("does not answer for a repeated code when it is %s", async (_what, rewrite) => {
    const world = await openWorld();
    const visitor = world.visitor();
    const { codes } = await setUpWithSheet(world, visitor);
    await visitor.post("/logout");
    await visitor.password();
    const wrong = mistyped(codes[0] ?? "");
    const first = await visitor.recoveryCode(wrong);
    const [{ kept = "" } = {}] = await sqlOn<{ kept: string }>(
      world,
      "select last_refusal as kept from sessions where last_refusal is not null",
    );
    const rewritten = quoted(rewrite(kept));
    await sqlOn(
      world,
      `update sessions set last_refusal = ${rewritten} where last_refusal is not null returning id_hash`,
    );
    const again = await visitor.recoveryCode(wrong);
    expect([first.status, again.status]).toEqual([401, 401]);
    const [count] = await sqlOn(
      world,
      "select cast(sum(failures) as integer) as total from throttle where pool like 'second-factor%'",
    );
    expect(count).toEqual({ total: 2 });
  });
});
