/** One-time links that a host app makes by `latchkey.accounts`. */
import express from "express";
import { beforeEach, describe, expect, it } from "vitest";
import type { Accounts } from "../../src/public-accounts.js";
import { createLatchkey } from "../../src/public-api.js";
import { accountsOf, created, PASSWORD } from "../support/accounts.js";
import { appSecret } from "../support/app-secret.js";
import { CHOSEN, ENDED, OPEN, stateOf, use } from "../support/links.js";
import { newFolder } from "../support/new-folder.js";
import { isSignedIn } from "../support/owner.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
let accounts: Accounts;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  accounts = accountsOf(world);
});

/** The path of a link that was made. */
function pathOf(result: { outcome: string; url?: string }): string {
  if (result.outcome !== "link" || result.url === undefined) throw new Error(`No link: ${result.outcome}.`);
  return new URL(result.url).pathname;
}

describe("accounts.invite", () => {
  it("makes a link, and the account says until when it opens", async () => {
    const { id } = await created(accounts, { username: "anna" });
    const result = await accounts.invite(id);
    const expiresAt = new Date(world.now() + 3 * 86_400_000);
    expect(result).toEqual({
      outcome: "link",
      account: { ...(await accounts.find({ id })), invitationExpiresAt: expiresAt },
      url: expect.stringMatching(/\/link\/[\w-]{43}$/),
      expiresAt,
    });
    const visitor = world.visitor();
    await use(visitor, pathOf(result));
    await visitor.code(world.code(await visitor.secret()));
    expect(await isSignedIn(visitor)).toBe(true);
    const account = await accounts.find({ id });
    expect(account).toMatchObject({ hasPassword: true, hasSecondFactor: true });
    expect(account).not.toHaveProperty("invitationExpiresAt");
  });

  it("ends the link before", async () => {
    const { id } = await created(accounts, { username: "anna" });
    const [first, second] = [pathOf(await accounts.invite(id)), pathOf(await accounts.invite(id))];
    expect([await stateOf(world, first), await stateOf(world, second)]).toEqual([ENDED, OPEN]);
  });

  it("is not needed where there is a password, and for the host's people", async () => {
    const own = await created(accounts, { username: "anna", password: PASSWORD });
    const hosts = await created(accounts, { username: "Hedwig H", externalId: "7" });
    for (const { id } of [own, hosts]) expect(await accounts.invite(id)).toEqual({ outcome: "not-needed" });
  });

  it("is an event of the host's", async () => {
    const { id } = await created(accounts, { username: "anna" });
    await accounts.invite(id);
    expect(world.events.at(-1)).toMatchObject({
      type: "link-made",
      reason: "invitation",
      accountId: id,
      by: { kind: "host" },
    });
  });
});

describe("accounts.passwordLink", () => {
  it("makes a link; the old password holds until it is used", async () => {
    const { id } = await created(accounts, { username: "anna", password: PASSWORD });
    const path = pathOf(await accounts.passwordLink(id));
    expect((await world.visitor().password("anna", PASSWORD)).status).toBe(303);
    await use(world.visitor(), path, { new_password: CHOSEN });
    expect((await world.visitor().password("anna", PASSWORD)).status).toBe(401);
  });

  it("is not possible for the host's people", async () => {
    const { id } = await created(accounts, { username: "Hedwig H", externalId: "7" });
    expect(await accounts.passwordLink(id)).toEqual({ outcome: "not-possible" });
  });
});

describe("accounts.resetSecondFactor", () => {
  it("makes the link that setting up again takes, unless it is done without", async () => {
    const { id } = await created(accounts, { username: "anna", password: PASSWORD });
    const path = pathOf(await accounts.resetSecondFactor(id));
    await use(world.visitor(), path, { password: PASSWORD });
    const done = await accounts.resetSecondFactor(id, { withoutLink: true });
    expect(done).toEqual({ outcome: "done", account: await accounts.find({ id }) });
  });

  it("refuses options that it does not know", async () => {
    const { id } = await created(accounts, { username: "anna", password: PASSWORD });
    for (const options of [{ withoutLink: "yes" }, { without: true }, null, true])
      await expect(accounts.resetSecondFactor(id, options as never)).rejects.toThrow(TypeError);
  });
});

describe("whatever is no account's id", () => {
  it.each(["invite", "passwordLink", "resetSecondFactor"] as const)("is unknown to %s", async (method) => {
    for (const id of ["nobody", "", "x".repeat(10_000), "a\0b", null, 7])
      expect(await accounts[method](id as string)).toEqual({ outcome: "unknown" });
  });
});

describe("the address of a link in a host app", () => {
  it.each([
    [{ BASE_URL: "http://app.example.org" }, "http://app.example.org/sign-in/link/"],
    [{ PORT: "8080" }, "http://localhost:8080/sign-in/link/"],
    [{ PORT: "\\\\.\\pipe\\app" }, "http://localhost:3000/sign-in/link/"],
  ])("is made of BASE_URL, or PORT, and the path of the router: %j", async (settings, begin) => {
    const latchkey = await createLatchkey({
      settings: {
        DATA_DIR: newFolder(),
        APP_SECRETS: appSecret(),
        DEMO: "off",
        LOG_LEVEL: "silent",
        ...settings,
      },
    });
    try {
      const { id } = await created(latchkey.accounts, { username: "anna" });
      await expect(latchkey.accounts.invite(id)).rejects.toThrow("latchkey.router is mounted once");
      express().use("/sign-in", latchkey.router);
      const result = await latchkey.accounts.invite(id);
      expect("url" in result && result.url.startsWith(begin)).toBe(true);
    } finally {
      await latchkey.close();
    }
  });
});
