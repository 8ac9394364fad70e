/** One-time links end with every change of the account: anyone who holds an older one gets nowhere. */
import { beforeEach, describe, expect, it } from "vitest";
import { CHOSEN, ENDED, invited, newLink, OPEN, stateOf, UNKNOWN, use } from "../support/links.js";
import { idOf } from "../support/operator.js";
import { newOwner, PASSWORD } from "../support/owner.js";
import { addAccount, setUpWithSheet } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { openWorld, type World } from "../support/world.js";

const OTHER = "violet otter seven";

let world: World;
let owner: Visitor;
let secret: string;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
  ({ visitor: owner, secret } = await newOwner(world));
});

/** Proves both factors in the owner's session. */
const stepUp = async () => {
  world.advance(60_000);
  expect((await owner.confirm(PASSWORD, world.code(secret))).status).toBe(303);
};

const CHANGES: Record<string, () => Promise<unknown>> = {
  "the operator sets a password": () => world.auth.setPassword("alice", OTHER),
  "the operator disables the account": async () => {
    await world.auth.disableAccount("alice");
    await world.auth.enableAccount("alice");
  },
  "the operator resets the second factor": () => world.auth.resetSecondFactor("alice"),
  "the operator resets it without a link": () => world.auth.resetSecondFactor("alice", { withoutLink: true }),
  "a newer link is made": () => world.auth.passwordLink("alice"),
  "the owner changes the password": async () => {
    await stepUp();
    const fields = { current_password: PASSWORD, new_password: OTHER };
    expect((await owner.post("/account/password", fields)).status).toBe(303);
  },
  "the owner makes new recovery codes": async () => {
    await stepUp();
    expect((await owner.post("/account/recovery-codes", { sheet: "2" })).status).toBe(303);
  },
};

describe("a link", () => {
  it.each(Object.keys(CHANGES).filter((name) => !name.includes("recovery codes")))(
    "ends when %s",
    async (name) => {
      const path = await newLink(world, "alice", "passwordLink");
      await CHANGES[name]?.();
      expect(await stateOf(world, path)).toEqual(ENDED);
      expect((await world.visitor().post(path, { new_password: CHOSEN })).status).toBe(410);
      expect((await world.visitor().password("alice", CHOSEN)).status).toBe(401);
    },
  );

  it("ends when the first authenticator is set up", async () => {
    await addAccount(world, "bob");
    const path = await newLink(world, "bob", "passwordLink");
    await setUpWithSheet(world, world.visitor(), "bob", PASSWORD);
    expect(await stateOf(world, path)).toEqual(ENDED);
  });

  it("is not known any more when the account is removed", async () => {
    const path = await newLink(world, "alice", "passwordLink");
    await world.auth.removeAccount("alice");
    expect(await stateOf(world, path)).toEqual(UNKNOWN);
  });

  it("does not open while the account is disabled, even one that was made since", async () => {
    await world.auth.disableAccount("alice");
    const path = await newLink(world, "alice", "passwordLink");
    expect(await stateOf(world, path)).toEqual(ENDED);
    expect((await world.visitor().post(path, { new_password: CHOSEN })).status).toBe(410);
  });

  it("ends when the account becomes one of the host's people", async () => {
    const path = await invited(world);
    await world.auth.updateAccount(await idOf(world, "anna"), { externalId: "42" });
    expect(await stateOf(world, path)).toEqual(ENDED);
    expect((await world.visitor().post(path, { new_password: CHOSEN })).status).toBe(410);
  });

  it("outlives a rename, signing out and a sign-in", async () => {
    const path = await newLink(world, "alice", "passwordLink");
    await world.auth.updateAccount("alice", { username: "alicia" });
    await world.auth.signOutAccount("alicia");
    const visitor = world.visitor();
    await visitor.password("alicia", PASSWORD);
    await visitor.code(world.code(secret));
    await visitor.post("/logout");
    expect(await stateOf(world, path)).toEqual(OPEN);
    expect((await world.visitor().get(path)).text).toContain("<b>alicia</b>");
    await use(world.visitor(), path);
  });

  it("is made for nobody whom only the host app knows", async () => {
    const created = await world.auth.createAccount({ username: "Hedwig H", externalId: "7" });
    const id = created.outcome === "created" ? created.account.id : "";
    expect(await world.auth.invite(id)).toEqual({ outcome: "not-needed" });
    expect(await world.auth.passwordLink(id)).toEqual({ outcome: "not-possible" });
    expect(await world.auth.resetSecondFactor(id)).toMatchObject({ outcome: "done" });
    expect(await world.auth.invite("no such id")).toEqual({ outcome: "unknown" });
  });
});

describe("where the host app checks all passwords", () => {
  it("no link is made, and one from before opens nothing", async () => {
    const path = await newLink(world, "alice", "passwordLink");
    const invitation = await invited(world);
    const users = { checkPassword: async () => undefined };
    const hosts = await openWorld({ DEMO: "off", DATA_DIR: world.dataDir }, undefined, { users });
    for (const one of [path, invitation]) {
      expect(await stateOf(hosts, one)).toEqual(ENDED);
      expect((await hosts.visitor().post(one, { new_password: CHOSEN })).status).toBe(410);
    }
    expect(await hosts.auth.invite("anna")).toEqual({ outcome: "not-needed" });
    expect(await hosts.auth.passwordLink("alice")).toEqual({ outcome: "not-possible" });
    expect(await hosts.auth.resetSecondFactor("alice")).toMatchObject({ outcome: "done" });
  });
});
