/** Other people's rows: the id of somebody else's authenticator, session or trusted browser in one's own request (IDOR). */
import { beforeEach, describe, expect, it } from "vitest";
import { allHeldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { ask, bytesOf, form } from "../support/raw-request.js";
import { addAccount, setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

const NEW = "/account/authenticators/new";

let world: World;
let mallory: Visitor;
let theirs: { authenticator: string; session: string; pending: string; device: string };
let mine: typeof theirs;
beforeEach(async () => {
  world = await openWorld();
  await addAccount(world, "alice");
  theirs = await idsOf("alice", await visitorWithEverything("alice", "correct horse battery"));
  mallory = await visitorWithEverything("test", "password");
  mine = await idsOf("test", mallory);
});

/** Signed in, with two authenticators, a trusted device and a second browser. */
async function visitorWithEverything(username: string, password: string): Promise<Visitor> {
  const [first, second, pending] = [world.visitor(), world.visitor(), world.visitor()];
  const secret = await setUp(world, first, username, password);
  await first.post(NEW, { name: `Phone of ${username}`, otp: world.code(await begin(first)) });
  await second.password(username, password);
  await second.code(world.code(secret), { trust_device: "on" });
  await pending.password(username, password);
  world.advance(30_000);
  return first;
}

async function begin(visitor: Visitor, query = ""): Promise<string> {
  const page = await visitor.get(`${NEW}${query}`);
  return (/<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? "").replaceAll(" ", "");
}

async function idsOf(username: string, visitor: Visitor) {
  expect((await visitor.get("/account")).status).toBe(200);
  const accountId = (await world.store.accounts.byUsername(username))?.id ?? "";
  const row = (sql: string) => String(openDatabase(world).prepare(sql).get(accountId)?.id);
  return {
    authenticator: row("select id from authenticators where account_id = ? order by number desc"),
    session: row(
      "select family as id from sessions where account_id = ? and kind = 'session' order by created_at desc",
    ),
    pending: row(
      "select family as id from sessions where account_id = ? and kind = 'pending' and ended_at is null",
    ),
    device: row("select id from trusted_devices where account_id = ?"),
  };
}

/** Everything that belongs to Alice. */
function hers(): unknown {
  const database = openDatabase(world);
  const [account] = database.prepare("select * from accounts where username = 'alice'").all();
  const tables =
    "authenticators enrolments recovery_sheets recovery_codes sessions trusted_devices history".split(" ");
  return [
    account,
    ...tables.map((name) =>
      database
        .prepare(`select * from ${name} where account_id = ? order by 1, 2, 3`)
        .all(String(account?.id)),
    ),
  ];
}

/** Every address with an id in it, and what is sent there. */
const REQUESTS: Record<string, [kind: keyof typeof theirs, (id: string) => string, Record<string, string>?]> =
  {
    "rename an authenticator": [
      "authenticator",
      (id) => `/account/authenticators/${id}/rename`,
      { name: "Mallory's" },
    ],
    "ask to remove an authenticator": ["authenticator", (id) => `/account/authenticators/${id}/remove`],
    "remove an authenticator": ["authenticator", (id) => `/account/authenticators/${id}/remove`, {}],
    "end a session": ["session", (id) => `/account/sessions/${id}/end`, {}],
    "end a pending login": ["pending", (id) => `/account/sessions/${id}/end`, {}],
    "forget a trusted device": ["device", (id) => `/account/trusted-devices/${id}/forget`, {}],
  };

const send = (path: string, fields?: Record<string, string>) =>
  ask(world, {
    path,
    ...(fields ? form(fields, { cookie: allHeldBy(mallory) }) : { headers: { cookie: allHeldBy(mallory) } }),
  });

describe.each(Object.entries(REQUESTS))("a request to %s", (_what, [kind, at, fields]) => {
  it("finds nothing and changes nothing when the id is somebody else's", async () => {
    const before = hers();
    for (const id of Object.values(theirs)) {
      const answer = await send(at(id), fields);
      expect(bytesOf(answer)).toEqual(bytesOf(await send(at(GONE), fields)));
      expect(answer.headers.location).toBe("/account");
      expect(answer.text).not.toMatch(/alice/i);
    }
    expect(hers()).toEqual(before);
    // The next page says of each that it is gone, and nothing else.
    const said = new Set<string>();
    for (const id of [GONE, ...Object.values(theirs)]) {
      await send("/account");
      await send(at(id), fields);
      said.add(messagesOn((await send("/account")).text));
    }
    expect([...said]).toEqual([expect.stringMatching(/^[^"]*(before|already|no longer)[^"]*$/)]);
    // The same request works with one's own id.
    const own = await send(at(mine[kind]), fields);
    expect(own.status).toBe(fields ? 303 : 200);
  });

  it("finds nothing when the id is of another kind, or of none", async () => {
    for (const [other, id] of Object.entries(mine)) {
      const isOfThisKind = [other, kind].every((each) => /session|pending/.test(each)) || other === kind;
      if (!isOfThisKind) expect((await send(at(id), fields)).headers.location, other).toBe("/account");
    }
    expect((await send("/account")).text).toContain("Phone of test");
    for (const id of MALFORMED) {
      const { status, headers } = await send(at(id), fields);
      const isShapedLikeOne = /^[\w-]{1,64}$/.test(id);
      if (isShapedLikeOne) expect([status, headers.location], id).toEqual([303, "/account"]);
      else expect([400, 404, 405], `${id.slice(0, 40)} ${status}`).toContain(status);
    }
    expect((await send("/account")).text).toContain("Phone of test");
  });
});

/** The shape of an id, and of no row. */
const GONE = "AAAAAAAAAAAAAAAAAAAAAA";

/** The messages that an earlier request left. */
function messagesOn(html: string): string {
  const alerts = html.match(/<div class="alert .*?<\/div>\s*<\/div>/gs) ?? [];
  return alerts.map((alert) => alert.replace(/<[^>]*>/g, "").trim()).join(" | ");
}

const MALFORMED = [
  "%00",
  "x%00",
  "x".repeat(5_000),
  "%F0%9F%94%91",
  "%ff",
  "%",
  "..",
  "../..",
  "%2e%2e",
  "..%2f..%2fconfirm",
  "%2f",
  "%5c",
  "'--",
  "%25",
  "1%20or%201=1",
  "__proto__",
  "constructor",
  "undefined",
  "null",
  "-",
  "*",
  "%",
  "_",
];

describe("a new authenticator", () => {
  it("never replaces one of somebody else's", async () => {
    const otp = async () => world.code(await begin(mallory));
    const before = hers();
    const page = await mallory.get(`${NEW}?replaces=${theirs.authenticator}`);
    expect(page.headers.location).toBe("/account");
    for (const id of [
      theirs.authenticator,
      ...MALFORMED,
      `${mine.authenticator}&replaces=${theirs.authenticator}`,
    ]) {
      const answer = await send(`${NEW}?replaces=${id}`, {
        name: `Taken ${id.slice(0, 9)}`,
        otp: await otp(),
      });
      // Two ids in the address count as none: that adds one more authenticator.
      expect([303, 400]).toContain(answer.status);
      if (answer.status === 303) expect(answer.headers.location).toBe("/account");
    }
    expect(hers()).toEqual(before);
    const account = await world.store.accounts.byUsername("test");
    expect(await world.store.authenticators.of(account?.id ?? "")).toHaveLength(3);
  });

  it("is not confirmed when a field names one of somebody else's", async () => {
    const alice = world.visitor();
    await alice.password("alice", "correct horse battery");
    await begin(mallory);
    const before = hers();
    const foreign = await world.store.authenticators.of(
      (await world.store.accounts.byUsername("alice"))?.id ?? "",
    );
    expect(foreign).toHaveLength(2);
    for (const name of ["id", "account_id", "accountId", "authenticator_id", "session", "sessionHash"]) {
      const answer = await send(NEW, { otp: "000000", [name]: theirs.authenticator });
      expect([401, 429]).toContain(answer.status);
    }
    expect(hers()).toEqual(before);
  });
});
