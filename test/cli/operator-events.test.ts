/** The operator's commands as events: a running server logs and counts each once, with who did it, also after the account is removed. */
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { EVENT_RETENTION } from "../../src/auth/policy.js";
import { operatorName } from "../../src/cli/operator-name.js";
import { appSecret } from "../support/app-secret.js";
import { latchkey } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { succeed } from "../support/operator.js";
import { sqlOn } from "../support/other-program.js";
import { freePort, productionOn, start } from "../support/server-process.js";
import { addAccount, setUpWithSheet, signIn } from "../support/sign-in.js";
import { HOUR, MINUTE, openTwoWorlds, openWorld, type World } from "../support/world.js";

const PASSWORD = "violet otter seven";

/** Runs the command as olga, the operator of these tests. */
const account = (world: World, ...args: string[]) => succeed(world, args, `${PASSWORD}\n`);

const kept = (world: World) => sqlOn(world, "select * from security_events order by at, type");

/** Each command that changes an account, and the event that it is. */
const ACTS: [command: string, type: string, first?: string][] = [
  ["password", "password-changed"],
  ["disable", "account-disabled"],
  ["enable", "account-enabled", "disable"],
  ["unlock", "account-unlocked"],
  ["sign-out", "account-signed-out"],
  ["reset-2fa --without-link", "second-factor-reset"],
  ["remove", "account-removed"],
];

describe("a running server", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ DATA_DIR: newFolder(), DEMO: "off" });
  });

  /** What it reports when it next looks, as event and as line of the log. */
  async function reported() {
    world.events.splice(0);
    world.logLines.splice(0);
    await world.auth.reportOperatorEvents();
    const lines = world.logLines
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === "security event");
    expect(lines).toHaveLength(world.events.length);
    return { events: world.events, lines };
  }

  it.each(ACTS)("reports `account %s` as %s, with who did it and when", async (command, type, first) => {
    await addAccount(world, "alice");
    const accountId = (await world.store.accounts.byUsername("alice"))?.id;
    if (first) await account(world, first, "alice");
    await reported();

    await account(world, ...command.split(" "), "alice");
    const at = new Date(world.now());
    world.advance(5 * MINUTE);
    const { events, lines } = await reported();
    const by = { kind: "operator", name: "olga" };
    const id = (await kept(world)).at(-1)?.id;
    expect(events).toEqual([{ type, id, accountId, username: "alice", by, at }]);
    expect(lines).toEqual([
      expect.objectContaining({
        ...{ type, id, accountId, username: "alice", by, at: at.toISOString() },
        ...{ severity: expect.stringMatching(/^(info|warning)$/), outcome: "success" },
      }),
    ]);
    expect((await reported()).events).toEqual([]);
  });

  it("reports `account add`, and keeps the operator's name in the account's history", async () => {
    await account(world, "add", "Alice");
    world.advance(MINUTE);
    await account(world, "unlock", "alice");
    expect((await reported()).events.map(({ type, username }) => [type, username])).toEqual([
      ["account-added", "alice"],
      ["account-unlocked", "alice"],
    ]);
    const id = (await world.store.accounts.byUsername("alice"))?.id ?? "";
    const lines = await world.store.history.of(id, 9, 0);
    expect(lines.map(({ type, byKind, byName }) => [type, byKind, byName])).toEqual([
      ["account-unlocked", "operator", "olga"],
      ["account-added", "operator", "olga"],
    ]);
  });

  it("reports nothing when nothing was changed", async () => {
    await addAccount(world, "alice");
    await account(world, "enable", "alice");
    await account(world, "list");
    const env = { DATA_DIR: world.dataDir, APP_SECRETS: appSecret() };
    for (const argv of [["account", "disable", "nobody"], ["keys", "rotate"], ["migrate"], ["doctor"]])
      await latchkey(argv, { env });
    expect(await kept(world)).toEqual([]);
  });

  it("reports its own events at once, and does not store them", async () => {
    await addAccount(world, "alice");
    expect(world.events.at(-1)).toMatchObject({ type: "account-added", by: { kind: "host" } });
    const { secret } = await setUpWithSheet(world, world.visitor(), "alice", "correct horse battery");
    await signIn(world, world.visitor(), secret, "alice", "correct horse battery");
    expect(await kept(world)).toEqual([]);
    expect((await reported()).events).toEqual([]);
  });

  it("keeps the removal of an account until its retention is over", async () => {
    await account(world, "add", "alice");
    await account(world, "remove", "alice");
    await reported();
    world.advance(EVENT_RETENTION);
    await world.auth.prune();
    expect(await kept(world)).toMatchObject([
      { type: "account-added", username: "alice", by_kind: "operator", by_name: "olga" },
      { type: "account-removed", username: "alice", by_kind: "operator", by_name: "olga" },
    ]);
    world.advance(1);
    await world.auth.prune();
    expect(await kept(world)).toEqual([]);
  });

  it("reports events of a newer version unchanged", async () => {
    await sqlOn(
      world,
      `insert into security_events (id, type, at, account_id, username, reason, subject, by_kind, by_name)
       values ('new', 'constructor', ${world.now()}, null, null, 'unheard-of', '<b>', 'host', null) returning id`,
    );
    const { lines } = await reported();
    expect(lines).toMatchObject([
      { type: "constructor", reason: "unheard-of", subject: "<b>", severity: "info", outcome: "success" },
    ]);
    expect((await reported()).events).toEqual([]);
  });
});

describe("two nodes", () => {
  it("report each event once when both look at the same time", async () => {
    const [here, there] = await openTwoWorlds({ DEMO: "off" });
    for (let n = 0; n < 15; n++) await account(here, "add", `person-${n}`);
    for (let n = 0; n < 15; n++) await account(here, "disable", `person-${n}`);
    const nodes = [here, there, here, there];
    await Promise.all(nodes.map((node) => node.auth.reportOperatorEvents()));
    for (const node of nodes) await node.auth.reportOperatorEvents();
    const reported = [...here.events, ...there.events].map(({ type, username }) => `${type} ${username}`);
    const expected = ["account-added", "account-disabled"].flatMap((type) =>
      Array.from({ length: 15 }, (_, n) => `${type} person-${n}`),
    );
    expect(reported.toSorted()).toEqual(expected.toSorted());
  });

  it("report an event a minute late when the node that claimed it was killed", async () => {
    const [here, there] = await openTwoWorlds({ DEMO: "off" });
    await account(here, "add", "alice");
    const [id = ""] = await here.store.events.claimable(here.now(), MINUTE, 1);
    expect(await here.store.events.claim(id, here.now(), MINUTE)).toBeDefined();
    there.advance(MINUTE - 1);
    await there.auth.reportOperatorEvents();
    expect(there.events).toEqual([]);
    there.advance(1);
    await there.auth.reportOperatorEvents();
    expect(there.events).toMatchObject([{ type: "account-added", at: new Date(here.now()) }]);
    here.advance(HOUR);
    await here.auth.reportOperatorEvents();
    expect(here.events).toEqual([]);
  });
});

describe("a starting server", () => {
  it("reports earlier events soon after its start, and counts them in the metrics", async () => {
    const METRICS_PORT = String(await freePort());
    const settings = { ...productionOn(await freePort(), newFolder()), METRICS_PORT };
    await latchkey(["account", "add", "alice"], {
      stdin: `${PASSWORD}\n`,
      env: settings,
      operator: "olga",
    });
    const server = await start(settings);
    await vi.waitFor(() => expect(server.output().out).toContain("security event"), 10_000);
    const line = server
      .output()
      .out.split("\n")
      .find((one) => one.includes("security event"));
    expect(JSON.parse(line ?? "")).toMatchObject({
      type: "account-added",
      username: "alice",
      by: { kind: "operator", name: "olga" },
    });
    await delay(50);
    const metrics = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
    expect(metrics).toContain('latchkey_security_events_total{type="account-added",reason=""} 1');
  });
});

describe("the operator's name", () => {
  it.each<[Record<string, string>, () => string, string]>([
    [{ SUDO_USER: "olga" }, () => "root", "olga"],
    [{ SUDO_USER: " " }, () => "latchkey", "latchkey"],
    [{}, () => "latchkey", "latchkey"],
    [{ SUDO_USER: "ol\u001b[31mga\n\u202e" }, () => "root", "ol [31mga"],
    [{ SUDO_USER: "o".repeat(500) }, () => "root", "o".repeat(64)],
  ])("is that of the person behind sudo, else of the system's user: %j", (env, systemUser, name) => {
    expect(operatorName(env, systemUser)).toBe(name);
  });

  it("is the user's number when the system has no name for it", () => {
    const nameless = () => {
      throw new Error("uv_os_get_passwd returned ENOENT");
    };
    expect(operatorName({}, nameless)).toBe(`uid ${process.getuid?.()}`);
  });
});
