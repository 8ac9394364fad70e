/** One-time links: guessed, looked at by programs, asked about accounts, read from a stolen or a restored database. */
import { copyFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { appSecret } from "../support/app-secret.js";
import {
  CHOSEN,
  ENDED,
  EXPIRED,
  invited,
  newLink,
  OPEN,
  stateOf,
  UNKNOWN,
  USED,
  use,
} from "../support/links.js";
import { newFolder } from "../support/new-folder.js";
import { idOf } from "../support/operator.js";
import { sqlOn } from "../support/other-program.js";
import { isSignedIn, newOwner, PASSWORD } from "../support/owner.js";
import { messagesOn } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

const DAY = 86_400_000;

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("a guessed link", () => {
  const RANDOM = "A".repeat(43);

  it("is not known, whatever its shape, and answers the same for each", async () => {
    await invited(world);
    const shapes = [
      RANDOM,
      "a",
      "x".repeat(4_000),
      "%00",
      "..%2f..",
      `${RANDOM}A`,
      "<b>",
      "é",
      "%F0%9F%94%91",
    ];
    const pages = new Set<string>();
    for (const shape of shapes) {
      const answer = await world.visitor().get(`/link/${shape}`);
      expect(answer.status).toBe(404);
      pages.add(answer.text);
    }
    expect(pages.size).toBe(1);
    const answer = await world
      .visitor()
      .post(`/link/${RANDOM}`, { new_password: CHOSEN, password: PASSWORD });
    expect(answer.status).toBe(404);
    expect([...pages][0]).not.toContain("anna");
  });

  it("writes no row and no event, and no look-up is made for a wrong length", async () => {
    const rows = () =>
      sqlOn(world, "select count(*) as n from throttle union all select count(*) from links");
    const before = await rows();
    let lookups = 0;
    const { find } = world.store.links;
    world.store.links.find = (hashes) => {
      lookups += 1;
      return find(hashes);
    };
    for (const token of [RANDOM, "short", "x".repeat(2_000)])
      await world.visitor().post(`/link/${token}`, { new_password: CHOSEN });
    expect(lookups).toBe(1);
    expect(await rows()).toEqual(before);
    expect(world.events).toEqual([]);
  });
});

describe("a link that is looked at", () => {
  it("is not spent by GET, HEAD, prefetches, previews or reloads", async () => {
    const path = await invited(world);
    for (const headers of [
      { "Sec-Purpose": "prefetch;prerender" },
      { Purpose: "preview" },
      { "User-Agent": "Slackbot-LinkExpanding 1.0" },
    ]) {
      const visitor = world.visitor(headers);
      expect((await visitor.get(path)).status).toBe(200);
      expect((await visitor.agent.head(path)).status).toBe(200);
      expect((await visitor.get(path)).headers["set-cookie"]).toBeUndefined();
    }
    expect(await stateOf(world, path)).toEqual(OPEN);
    await use(world.visitor(), path);
  });

  it("is not spent by a form of another site, nor by another method", async () => {
    const path = await invited(world);
    const cross = world.visitor({ "Sec-Fetch-Site": "cross-site" });
    expect((await cross.post(path, { new_password: CHOSEN })).status).toBe(403);
    expect((await world.visitor().agent.put(path)).status).toBe(405);
    expect(await stateOf(world, path)).toEqual(OPEN);
  });
});

describe("a link alone", () => {
  it("signs nobody in where there is a second factor, and takes no account after a reset", async () => {
    await newOwner(world);
    const thief = world.visitor();
    await use(thief, await newLink(world, "alice", "passwordLink"));
    expect(await isSignedIn(thief)).toBe(false);
    expect((await thief.get("/login/2fa")).text).not.toContain('id="key"');

    const reset = await newLink(world, "alice", "resetSecondFactor");
    expect((await world.visitor().post(reset, { new_password: "violet otter seven" })).status).toBe(401);
    expect(await stateOf(world, reset)).toEqual(OPEN);
  });
});

describe("a link after its end", () => {
  it("says only how it ended, and names nobody", async () => {
    const expired = await invited(world, "anna");
    world.advance(3 * DAY);
    const used = await invited(world, "bert");
    await use(world.visitor(), used);
    const ended = await invited(world, "cleo");
    await newLink(world, "cleo");
    for (const [path, state] of [
      [expired, EXPIRED],
      [used, USED],
      [ended, ENDED],
    ] as const) {
      expect(await stateOf(world, path)).toEqual(state);
      const { text } = await world.visitor().get(path);
      expect(text).not.toMatch(/anna|bert|cleo/);
      expect(messagesOn(text)).toEqual([]);
    }
  });

  it("opens until the last millisecond of INVITATION, and not after", async () => {
    const path = await invited(world);
    world.advance(3 * DAY - 1);
    expect(await stateOf(world, path)).toEqual(OPEN);
    world.advance(1);
    const answer = await world.visitor().post(path, { new_password: CHOSEN });
    expect(answer.status).toBe(410);
    const short = await openWorld({ DEMO: "off", INVITATION: "5m" });
    const brief = await invited(short);
    short.advance(300_000);
    expect(await stateOf(short, brief)).toEqual(EXPIRED);
  });

  it("is told for thirty days, and then not known; an expired invitation stays until the next", async () => {
    const used = await invited(world, "anna");
    await use(world.visitor(), used);
    const expired = await invited(world, "bert");
    world.advance(29 * DAY);
    await world.auth.prune();
    expect(await stateOf(world, used)).toEqual(USED);
    world.advance(DAY);
    await world.auth.prune();
    expect(await stateOf(world, used)).toEqual(UNKNOWN);
    expect(await stateOf(world, expired)).toEqual(EXPIRED);
  });
});

describe("the links of one account", () => {
  it("are at most five rows, whatever is asked for", async () => {
    await invited(world);
    for (let n = 0; n < 20; n++) await newLink(world, "anna");
    const id = await idOf(world, "anna");
    expect(await sqlOn(world, `select count(*) as n from links where account_id = '${id}'`)).toEqual([
      { n: 5 },
    ]);
  });
});

describe("a stolen database", () => {
  it("yields no link: what it holds opens none", async () => {
    const path = await invited(world);
    const rows = JSON.stringify(await sqlOn(world, "select * from links"));
    expect(rows).not.toContain(path.slice("/link/".length));
    for (const [text] of rows.matchAll(/[\w-]{43}/g))
      expect(await stateOf(world, `/link/${text}`)).toEqual(UNKNOWN);
  });
});

describe("a restored backup", () => {
  it("does not revive a used link once a key was dropped; with the key it would", async () => {
    const path_ = await invited(world);
    const copy = newFolder();
    await sqlOn(world, "pragma wal_checkpoint(truncate)");
    copyFileSync(world.databaseFile, path.join(copy, "latchkey.sqlite"));
    await use(world.visitor(), path_);
    const [older, newer] = [appSecret(), appSecret("a newer key")];
    const restored = async (APP_SECRETS: string) =>
      stateOf(await openWorld({ DEMO: "off", DATA_DIR: copy, APP_SECRETS }), path_);
    expect(await restored(`${newer},${older}`)).toEqual(OPEN);
    const rotated = await openWorld({ DEMO: "off", DATA_DIR: copy, APP_SECRETS: `${newer},${older}` });
    await rotated.auth.rotateKeys();
    expect(await restored(newer)).toEqual(UNKNOWN);
  });
});
