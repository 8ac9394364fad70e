/** The accounts of a host's people: created once, named as the host names them, with labels in apps that stay. */
import { describe, expect, it } from "vitest";
import { openHostWorld, setUpApp, usersOf } from "../support/host-world.js";

describe("an account of one of the host's people", () => {
  it("follows the host's name for them, in the history too, and keeps the label in the app", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    world.said.user = { id: 1, username: "Ann" };
    await visitor.get("/host-login");
    const secret = await setUpApp(world, visitor);
    world.said.user = { id: 1, username: "Anne" };
    await visitor.get("/host-login");
    expect((await visitor.get("/login/2fa")).text).toContain("Ann</b>");
    await visitor.code(world.code(secret));
    expect(await world.auth.findAccount({ externalId: "1" })).toMatchObject({ username: "Anne" });
    const renamed = world.events.filter(({ type }) => type === "account-renamed");
    expect(renamed).toMatchObject([{ subject: "Ann → Anne", username: "Anne", by: { kind: "host" } }]);
    expect((await visitor.get("/account/history")).text).toContain("Ann → Anne");
  });

  it("is called without blanks around the name, which would name another person in a header", async () => {
    const world = await openHostWorld();
    world.said.user = { id: 1, username: "\u00a0Sam " };
    await world.visitor().get("/host-login");
    expect(await world.auth.findAccount({ externalId: "1" })).toMatchObject({ username: "Sam" });
    await world.auth.createAccount({ username: "admin", password: "correct horse battery" });
    world.said.user = { id: 2, username: " admin " };
    expect((await world.visitor().get("/host-login")).status).toBe(403);
  });

  it("needs no link where the app decides, though a command has made one", async () => {
    const table = { bob: { id: 8, username: "bob", password: "right" } };
    const world = await openHostWorld({ users: usersOf(table) });
    const visitor = world.visitor();
    await visitor.password("bob", "right");
    const account = await world.auth.findAccount({ externalId: "8" });
    await world.store.accounts.setNeedsLink(account?.id ?? "", true);
    await setUpApp(world, visitor);
    expect((await visitor.get("/account")).status).toBe(200);
  });

  it("is called by its id while somebody else has its name, until its person comes again", async () => {
    const world = await openHostWorld();
    world.said.user = { id: 1, username: "Sam" };
    await world.visitor().get("/host-login");
    world.said.user = { id: 2, username: "Sam" };
    await world.visitor().get("/host-login");
    const first = await world.auth.findAccount({ externalId: "1" });
    expect(first?.username).toBe(first?.id);
    world.said.user = { id: 1, username: "Samuel" };
    await world.visitor().get("/host-login");
    expect(await world.auth.findAccount({ externalId: "1" })).toMatchObject({ username: "Samuel" });
    expect(await world.auth.findAccount({ externalId: "2" })).toMatchObject({ username: "Sam" });
  });

  it("with a password of Latchkey's own keeps the name by which it signs in", async () => {
    const world = await openHostWorld();
    const created = await world.auth.createAccount({
      username: "joined",
      password: "correct horse battery",
      externalId: "1",
    });
    expect(created.outcome).toBe("created");
    world.said.user = { id: 1, username: "Joined by the host" };
    const visitor = world.visitor();
    expect((await visitor.get("/host-login")).status).toBe(303);
    await setUpApp(world, visitor);
    expect(await world.auth.findAccount({ externalId: "1" })).toMatchObject({ username: "joined" });
    expect((await visitor.get("/account")).text).toContain("/account/password");
  });

  it("is not renamed while it is disabled", async () => {
    const world = await openHostWorld();
    await world.visitor().get("/host-login");
    const account = await world.auth.findAccount({ externalId: "7" });
    await world.auth.disableAccount(account?.id);
    world.said.user = { id: 7, username: "Another" };
    expect((await world.visitor().get("/host-login")).status).toBe(403);
    expect(await world.auth.findAccount({ externalId: "7" })).toMatchObject({ username: account?.username });
  });

  it("sets up a second factor by choice, and gives it up again", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    await setUpApp(world, visitor);
    const account = await world.auth.findAccount({ externalId: "7" });
    expect(account?.hasSecondFactor).toBe(true);
    await world.auth.resetSecondFactor(account?.id, { withoutLink: true });
    expect((await world.auth.findAccount({ externalId: "7" }))?.hasSecondFactor).toBe(false);
    await visitor.get("/host-login");
    expect((await visitor.get("/login/2fa")).text).toContain('id="key"');
  });
});
