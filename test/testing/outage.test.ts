/** The test kit's outages: as when the database fails, for pages, guards and the kit itself. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openKit } from "../support/kit.js";

describe("an outage of the test kit", () => {
  it("is a 503 for pages, guards and sign-ins, and over when the work is", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const { username, password } = account;
    const { cookie } = await kit.signIn(account);
    const seen = await kit.outage(async () => [
      await kit.ask(cookie),
      (await kit.visitor(cookie).get("/sign-in/account")).status,
      (await kit.visitor().get("/sign-in/readyz")).status,
      (await kit.visitor().post("/sign-in/login", { username, password })).status,
      (await kit.visitor().get("/sign-in/login")).status,
    ]);
    expect(seen).toEqual([503, 503, 503, 503, 200]);
    expect(await kit.ask(cookie)).toBe(200);
    expect((await kit.visitor().post("/sign-in/login", { username, password })).status).toBe(303);
    // Probes get one answer for a second.
    await delay(1_100);
    expect((await kit.visitor().get("/sign-in/readyz")).status).toBe(200);
  });

  it("lets the kit itself do nothing", async () => {
    const kit = await openKit();
    const account = await kit.account();
    await kit.outage(async () => {
      await expect(kit.account()).rejects.toMatchObject({ status: 503 });
      await expect(kit.code(account)).rejects.toThrow(/database cannot be used/);
      await expect(kit.signIn(account)).rejects.toThrow(/database cannot be used/);
    });
    expect(await kit.ask((await kit.signIn(account)).cookie)).toBe(200);
  });

  it("lasts until the last of several is over, nested or at once", async () => {
    const kit = await openKit();
    const { cookie } = await kit.signIn(await kit.account());
    await kit.outage(async () => {
      await kit.outage(async () => expect(await kit.ask(cookie)).toBe(503));
      expect(await kit.ask(cookie)).toBe(503);
    });
    const long = kit.outage(() => delay(200));
    await kit.outage(async () => {});
    expect(await kit.ask(cookie)).toBe(503);
    await long;
    expect(await kit.ask(cookie)).toBe(200);
  });

  it("answers and fails as the work does, and is over after either", async () => {
    const kit = await openKit();
    const { cookie } = await kit.signIn(await kit.account());
    expect(await kit.outage(async () => "answer")).toBe("answer");
    const failure = new Error("of the test");
    await expect(kit.outage(() => Promise.reject(failure))).rejects.toBe(failure);
    const thrown = () => {
      throw failure;
    };
    await expect(kit.outage(thrown)).rejects.toBe(failure);
    expect(await kit.ask(cookie)).toBe(200);
  });

  it("undoes what it interrupts", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const { username, password } = account;
    const visitor = kit.visitor();
    await visitor.post("/sign-in/login", { username, password });
    const otp = await kit.code(account);
    const answer = await kit.outage(() => visitor.post("/sign-in/login/2fa", { otp }).then((sent) => sent));
    expect(answer.status).toBe(503);
    expect((await visitor.post("/sign-in/login/2fa", { otp })).status).toBe(303);
  });
});
