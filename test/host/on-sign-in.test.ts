/** The hook `onSignIn`: when it is called, with what, and that nobody is signed in where it fails. */
import { describe, expect, it, vi } from "vitest";
import type { OnSignIn } from "../../src/web/site.js";
import { openHostWorld, setUpApp } from "../support/host-world.js";
import { currentCodes } from "../support/sign-in.js";
import { MINUTE } from "../support/world.js";

interface Call {
  externalId: string | undefined;
  methods: readonly string[];
  next: string;
}

async function hostWithHook() {
  const calls: Call[] = [];
  const hook: { now: OnSignIn } = { now: () => {} };
  const world = await openHostWorld({
    async onSignIn(req, res, { account, methods, next }) {
      const { id, username } = account;
      calls.push({ externalId: `${typeof id} ${username}`, methods, next });
      await hook.now(req, res, { account, methods, next, provedAt: undefined });
    },
  });
  return { ...world, calls, hook };
}

describe("onSignIn", () => {
  it("is called once for each sign-in, with the methods and where the person goes, and not at a step-up", async () => {
    const world = await hostWithHook();
    const visitor = world.visitor();
    await visitor.get("/host-login?next=/notes");
    expect(world.calls).toEqual([]);
    const secret = await setUpApp(world, visitor);
    const codes = await currentCodes(visitor);
    await visitor.get("/host-login?next=/a");
    await visitor.code(world.code(secret), { trust_device: "on" });
    await visitor.get("/host-login?next=/b");
    const other = world.visitor();
    await other.get("/host-login");
    await other.recoveryCode(codes[0] ?? "");
    expect(world.calls.map(({ methods, next }) => [methods.join(" "), next])).toEqual([
      ["host totp", "/notes"],
      ["host totp", "/a"],
      ["host trusted-device", "/b"],
      ["host recovery-code", "/"],
    ]);
    world.advance(11 * MINUTE);
    await visitor.confirm("", world.code(secret));
    expect(world.calls).toHaveLength(4);
  });

  it("may open a session of the app's own on the answer", async () => {
    const world = await hostWithHook();
    world.hook.now = (_req, res) => void res.cookie("app", "in");
    const visitor = world.visitor();
    await visitor.get("/host-login");
    const page = await visitor.get("/login/2fa");
    const secret = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(page.text)?.[1]?.replaceAll(" ", "") ?? "";
    const answer = await visitor.code(world.code(secret));
    expect(String(answer.headers["set-cookie"])).toContain("app=in");
  });

  it.each<[string, OnSignIn, string]>([
    [
      "throws",
      () => {
        throw new Error("no seat");
      },
      "no seat",
    ],
    ["rejects", () => Promise.reject(Object.assign(new Error("no seat"), { status: 402 })), "no seat"],
    ["rejects with nothing", () => Promise.reject(undefined), "onSignIn failed."],
  ])("ends the session again when it %s, and the error is the app's", async (_how, now, sentence) => {
    const world = await hostWithHook();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    const secret = await setUpApp(world, visitor);
    await visitor.get("/host-login");
    await visitor.code(world.code(secret), { trust_device: "on" });
    world.advance(30_000);
    world.hook.now = now;
    for (const first of [visitor, world.visitor()]) {
      let answer = await first.get("/host-login");
      if (first !== visitor) answer = await first.code(world.code(secret));
      expect(answer.text).toBe("the host's error page");
      expect((world.errors.at(-1) as Error).message).toBe(sentence);
      const given = String(answer.headers["set-cookie"] ?? "");
      expect(given).not.toMatch(/latchkey(_browser|_trusted)?=[^;]/);
      expect((await first.get("/account")).status).toBe(303);
    }
    const account = await world.auth.findAccount({ externalId: "7" });
    const live = await world.store.sessions.live(account?.id ?? "", world.now(), 0, 10);
    // The very first set-up's session has been ended by the sign-in that followed it.
    expect(live).toEqual([]);
  });

  it("ends the session when it answers by itself", async () => {
    const world = await hostWithHook();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    const secret = await setUpApp(world, visitor);
    world.hook.now = (_req, res) => void res.send("an answer");
    const other = world.visitor();
    await other.get("/host-login");
    await other.code(world.code(secret)).catch(() => {});
    await vi.waitFor(() => expect(String(world.errors)).toContain("must leave the answer"));
    expect((await other.get("/account")).status).toBe(303);
  });

  it("is not waited for longer than ten seconds", async () => {
    const world = await hostWithHook();
    const visitor = world.visitor();
    await visitor.get("/host-login");
    const secret = await setUpApp(world, visitor);
    await visitor.get("/host-login");
    world.hook.now = () => new Promise(() => {});
    const answer = await visitor.code(world.code(secret));
    expect([answer.status, answer.text]).toEqual([503, "the host's error page"]);
    expect((await visitor.get("/account")).status).toBe(303);
  });
});
