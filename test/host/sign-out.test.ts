/** `signOut` on a host's own route: revokes what the browser's cookies stand for, and takes them back. */
import { describe, expect, it } from "vitest";
import { openHostWorld, setUpApp } from "../support/host-world.js";

describe("signOut", () => {
  it("revokes the session everywhere, and takes its cookie back", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    await setUpApp(world, visitor);
    const copied = visitor.agent.jar.getCookie("latchkey", {
      domain: "127.0.0.1",
      path: "/",
      secure: false,
      script: false,
    } as never);
    const answer = await visitor.post("/host-logout");
    expect([answer.status, String(answer.headers["set-cookie"])]).toEqual([
      204,
      expect.stringMatching(/^latchkey=; Path=\/; Expires=Thu, 01 Jan 1970/),
    ]);
    expect((await visitor.get("/account")).status).toBe(303);
    const thief = world.visitor({ Cookie: `latchkey=${copied?.value}` });
    expect((await thief.get("/account")).status).toBe(303);
    expect(world.events.at(-1)).toMatchObject({ type: "signed-out", username: "Anna Å." });
  });

  it("ends a pending login too", async () => {
    const world = await openHostWorld();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    await visitor.post("/host-logout");
    expect((await visitor.get("/login/2fa")).headers.location).toMatch(/^\/login\?/);
  });

  it("does nothing for a stranger", async () => {
    const world = await openHostWorld();
    const answer = await world.visitor().post("/host-logout");
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([204, undefined]);
    expect(world.events).toEqual([]);
  });
});
