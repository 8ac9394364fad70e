/** The address of a one-time link: a credential that no log, metric, event, Referer or other page has. */
import { beforeEach, describe, expect, it } from "vitest";
import { isLinkPath, withoutToken } from "../../src/web/http/link-path.js";
import { CHOSEN, invited, newLink, use } from "../support/links.js";
import { databaseBytes } from "../support/other-program.js";
import { newOwner, PASSWORD } from "../support/owner.js";
import { ask, form } from "../support/raw-request.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

const tokenOf = (path: string) => path.slice("/link/".length);

/** Spellings of the address that mail clients, people and attackers send. */
const spellings = (token: string) => [
  `/link/${token}`,
  `/link/${token}/`,
  `/LINK/${token}`,
  `/Link/${token}?from=mail`,
  `//link/${token}`,
  `/link//${token}`,
  `/link/${token}/more`,
  `/link%2F${token}`,
  `/%6cink/${token}`,
  `/sign-in/link/${token}`,
  `/link/${token}%zz`,
  `/x/..%2flink/${token}`,
];

describe("the address of a link", () => {
  it("is /link/:token in the log and in the metrics, however it is spelt", async () => {
    const token = tokenOf(await invited(world));
    world.logLines.splice(0);
    for (const path of spellings(token)) {
      await ask(world, { path });
      await ask(world, { method: "DELETE", path });
      await ask(world, { path, ...form({ new_password: "short" }, { "sec-fetch-site": "cross-site" }) });
      await ask(world, { path, ...form({ new_password: "short" }) });
    }
    expect(world.logLines).toHaveLength(4 * spellings(token).length);
    const paths = world.logLines.map((line) => JSON.parse(line).path);
    for (const path of paths) expect(path).toMatch(/\/link\/:token$/);
    expect(world.logLines.join()).not.toContain(token);
    expect(JSON.stringify(world.answers)).not.toContain(token);
  });

  it("is not in the log of an outage", async () => {
    const token = tokenOf(await invited(world));
    Object.assign(world.store.links, { find: () => Promise.reject(new Error("a bug")) });
    for (const request of [{}, form({ new_password: CHOSEN })])
      expect((await ask(world, { path: `/link/${token}`, ...request })).status).toBe(500);
    expect(world.logLines.join()).not.toContain(token);
  });

  it("is in no event, no line of the history, and nowhere in the database", async () => {
    await newOwner(world);
    const tokens = [
      tokenOf(await newLink(world, "alice", "passwordLink")),
      tokenOf(await newLink(world, "alice", "resetSecondFactor")),
    ];
    await use(world.visitor(), `/link/${tokens[1]}`, { password: PASSWORD });
    const kept = `${JSON.stringify(world.events)} ${databaseBytes(world)} ${world.logLines.join()}`;
    for (const token of tokens) expect(kept).not.toContain(token);
  });

  it("goes into no Referer: the policy of its page, refused, closed or not found, is strict-origin", async () => {
    const path = await invited(world);
    const policyOf = async (asked: Promise<{ headers: object }>) =>
      (await asked).headers["referrer-policy" as keyof object];
    const visitor = world.visitor();
    expect(await policyOf(Promise.resolve(await visitor.get(path)))).toBe("strict-origin");
    expect(await policyOf(Promise.resolve(await visitor.post(path, { new_password: "short" })))).toBe(
      "strict-origin",
    );
    await use(visitor, path);
    for (const other of [path, `${path}/`, `/LINK/${tokenOf(path)}`, "/link/nothing", `${path}/more`])
      expect(await policyOf(ask(world, { path: other }))).toBe("strict-origin");
    expect(await policyOf(ask(world, { path: "/login" }))).toBe("same-origin");
  });

  it("is not kept by caches or search engines, and on no page but its own", async () => {
    const path = await invited(world);
    const visitor = world.visitor();
    const { headers, text } = await visitor.get(path);
    expect(headers["cache-control"]).toBe("no-store");
    expect(text).toContain('<meta name="robots" content="noindex">');
    const used = await use(visitor, path);
    expect(JSON.stringify(used.headers)).not.toContain(tokenOf(path));
    for (const page of ["/login/2fa", "/", "/login", path])
      expect((await visitor.get(page)).text).not.toContain(tokenOf(path));
  });
});

describe("a path in the log", () => {
  it("keeps what is no link, and the name of a mount path", () => {
    for (const path of ["/", "/login", "/linked/x", "/account/link", "/%", "/%zz/x"]) {
      expect(withoutToken(path)).toBe(path);
      expect(isLinkPath(path)).toBe(false);
    }
    expect(withoutToken("/sign-in/link/token")).toBe("/sign-in/link/:token");
  });
});
