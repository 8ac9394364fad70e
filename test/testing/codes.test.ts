/** The test kit's codes: each is accepted, whatever came before. */
import { describe, expect, it } from "vitest";
import type { TestAccount } from "../../src/testing.js";
import { type Kit, openKit } from "../support/kit.js";
import { reasonOn, type Visitor } from "../support/visitor.js";

/** A browser after the password. */
async function atSecondStep(kit: Kit, { username, password }: TestAccount): Promise<Visitor> {
  const visitor = kit.visitor();
  await visitor.post("/sign-in/login", { username, password });
  return visitor;
}

const send = (visitor: Visitor, otp: string) => visitor.post("/sign-in/login/2fa", { otp });

describe("a code of the test kit", () => {
  it("is of the present time step when the account has used none", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const before = kit.clock.now();
    await kit.code(account);
    expect(kit.clock.now() - before).toBeLessThan(1_000);
  });

  it("is accepted five times in a row", async () => {
    const kit = await openKit();
    const account = await kit.account();
    for (let n = 0; n < 5; n++) {
      const answer = await send(await atSecondStep(kit, account), await kit.code(account));
      expect([answer.status, answer.headers.location]).toEqual([303, "/sign-in/"]);
    }
  });

  it("is accepted when another one was asked for and not used", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const [first, second] = [await kit.code(account), await kit.code(account)];
    expect(second).not.toBe(first);
    expect((await send(await atSecondStep(kit, account), first)).status).toBe(303);
    expect((await send(await atSecondStep(kit, account), second)).status).toBe(303);
  });

  it("is accepted after a wrong one, and after a replay", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const visitor = await atSecondStep(kit, account);
    const used = await kit.code(account);
    const wrong = used === "000000" ? "000001" : "000000";
    expect((await send(visitor, wrong)).status).toBe(401);
    expect((await send(visitor, used)).status).toBe(303);
    const again = await atSecondStep(kit, account);
    expect(reasonOn((await send(again, used)).text)).toBe("used");
    expect((await send(again, await kit.code(account))).status).toBe(303);
  });

  it("is accepted between recovery codes, and at a step-up", async () => {
    const kit = await openKit();
    const account = await kit.account();
    await kit.signIn(account, { method: "recovery-code" });
    const { cookie } = await kit.signIn(account);
    await kit.signIn(account, { method: "recovery-code" });
    kit.clock.advance("6m");
    const visitor = kit.visitor(cookie);
    expect((await visitor.get("/recent")).headers.location).toMatch(/confirm/);
    const { password } = account;
    const otp = await kit.code(account);
    expect((await visitor.post("/sign-in/confirm", { password, otp })).status).toBe(303);
  });

  it("is accepted with RESYNC on", async () => {
    const kit = await openKit({ settings: { RESYNC: "on" } });
    const account = await kit.account();
    for (let n = 0; n < 5; n++) await kit.signIn(account);
    expect(await kit.ask((await kit.signIn(account)).cookie)).toBe(200);
  });

  it("is refused with the reason when the account is gone", async () => {
    const kit = await openKit();
    const gone: TestAccount = { id: "gone", username: "gone", password: "", recoveryCodes: [] };
    await expect(kit.code(gone)).rejects.toThrow(/gone has no authenticator/);
  });
});
