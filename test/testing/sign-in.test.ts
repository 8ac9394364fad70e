/** The test kit's sign-in: the cookies of a real session, for fetch, supertest and a browser. */
import { describe, expect, it } from "vitest";
import { browserOfThisFile } from "../support/browser.js";
import { openKit } from "../support/kit.js";

const browser = browserOfThisFile();

describe("signIn of the test kit", () => {
  it("opens a session of both factors, which guards and pages take", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const { cookie } = await kit.signIn(account);
    const { body } = await kit.visitor(cookie).get("/private");
    expect(body.account).toMatchObject({ id: account.id, username: account.username });
    expect(body.methods).toEqual(["password", "totp"]);
    expect(Math.abs(Date.parse(body.provedAt) - kit.clock.now())).toBeLessThan(5_000);
    expect((await kit.visitor(cookie).get("/recent")).status).toBe(200);
    expect((await kit.visitor(cookie).get("/sign-in/account")).status).toBe(200);
    const answer = await fetch(`${kit.origin}/private`, { headers: { cookie } });
    expect(answer.status).toBe(200);
  });

  it("takes a recovery code when the test says so, each one once", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const before = kit.clock.now();
    for (let n = 0; n < 10; n++) {
      const { cookie } = await kit.signIn(account, { method: "recovery-code" });
      expect((await kit.visitor(cookie).get("/private")).body.methods).toEqual(["password", "recovery-code"]);
    }
    expect(kit.clock.now() - before).toBeLessThan(20_000);
    await expect(kit.signIn(account, { method: "recovery-code" })).rejects.toThrow(/no recovery code left/);
  });

  it("makes the browser one that the account knows: others' guesses do not delay it", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const { username, password } = account;
    const { cookie } = await kit.signIn(account);
    await kit.visitor(cookie).post("/sign-in/logout");
    for (let n = 0; n < 6; n++) await kit.visitor().post("/sign-in/login", { username, password: "wrong" });
    expect((await kit.visitor().post("/sign-in/login", { username, password })).status).toBe(429);
    expect((await kit.visitor(cookie).post("/sign-in/login", { username, password })).status).toBe(303);
  });

  it("proves what a host's people prove where the host checks passwords", async () => {
    const ann = { id: "7", username: "Ann" };
    const checkPassword = async (_name: string, typed: string) => (typed === "right" ? ann : null);
    const kit = await openKit({ users: { checkPassword } });
    const visitor = kit.visitor();
    await visitor.post("/sign-in/login", { username: "ann", password: "right" });
    const found = await kit.latchkey.accounts.find({ externalId: "7" });
    if (!found) throw new Error("Ann has no account.");
    const person = { ...found, password: "right", recoveryCodes: [] };
    await visitor.get("/sign-in/login/2fa");
    const done = await visitor.post("/sign-in/login/2fa", { otp: await kit.code(person) });
    expect(done.headers.location).toBe("/sign-in/account/recovery-codes/current");
    const { cookie } = await kit.signIn(person);
    expect((await kit.visitor(cookie).get("/private")).body.methods).toEqual(["password", "totp"]);
  });

  it("proves what a host's people prove where the host signs them in itself", async () => {
    const kit = await openKit();
    const totp = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    await kit.latchkey.accounts.import([{ username: "Ben", externalId: "8", totp }]);
    const found = await kit.latchkey.accounts.find({ externalId: "8" });
    if (!found) throw new Error("Ben has no account.");
    const { cookie } = await kit.signIn({ ...found, password: "", recoveryCodes: [] });
    expect((await kit.visitor(cookie).get("/private")).body.methods).toEqual(["host", "totp"]);
  });

  it("opens several at once, for one person and for many", async () => {
    const kit = await openKit();
    const people = await Promise.all(Array.from({ length: 5 }, () => kit.account()));
    const [ann] = people;
    if (!ann) throw new Error("Nobody is there.");
    const all = await Promise.all([...people, ann, ann, ann].map((one) => kit.signIn(one)));
    expect(new Set(all.map(({ cookie }) => cookie)).size).toBe(8);
    for (const { cookie } of all) expect(await kit.ask(cookie)).toBe(200);
  });

  it("is refused when the account is disabled, and works again when it is enabled", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const { accounts } = kit.latchkey;
    await accounts.disable(account.id);
    await expect(kit.signIn(account)).rejects.toThrow(/disabled/);
    await accounts.enable(account.id);
    expect(await kit.ask((await kit.signIn(account)).cookie)).toBe(200);
    await accounts.remove(account.id);
    await expect(kit.signIn(account)).rejects.toThrow(/gone/);
  });

  it("is heard as the events of a sign-in", async () => {
    const kit = await openKit();
    const heard: string[] = [];
    const account = await kit.account();
    const off = kit.latchkey.on(({ type, accountId }) => {
      if (accountId === account.id) heard.push(type);
    });
    await kit.signIn(account);
    await kit.signIn(account, { method: "recovery-code" });
    await kit.close();
    off();
    expect(heard).toEqual(["signed-in", "recovery-code-used", "signed-in"]);
  });

  it("opens sessions that end apart", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const [one, other] = [await kit.signIn(account), await kit.signIn(account)];
    await kit.visitor(one.cookie).post("/sign-in/logout");
    expect([await kit.ask(one.cookie), await kit.ask(other.cookie)]).toEqual([303, 200]);
  });

  it("gives cookies that a browser takes, wherever the router is mounted", async () => {
    const kit = await openKit();
    const account = await kit.account();
    const context = await browser().newContext();
    try {
      await context.addCookies((await kit.signIn(account)).cookies(kit.origin));
      const page = await context.newPage();
      await page.goto(`${kit.origin}/private`);
      expect(JSON.parse((await page.locator("body").textContent()) ?? "")).toMatchObject({
        account: { id: account.id },
      });
      await page.goto(`${kit.origin}/sign-in/account`);
      expect(new URL(page.url()).pathname).toBe("/sign-in/account");
    } finally {
      await context.close();
    }
  });

  it("names the cookies for https when BASE_URL is https", async () => {
    const settings = { BASE_URL: "https://app.example.org", TRUST_PROXY: "loopback" };
    const kit = await openKit({ settings });
    const { cookie, cookies } = await kit.signIn(await kit.account());
    expect(cookie).toMatch(/^__Host-latchkey=[^;]+; __Host-latchkey_browser=[^;]+$/);
    expect(await kit.ask(cookie)).toBe(200);
    const page = await kit
      .visitor(cookie)
      .get("/sign-in/account")
      .set({ "X-Forwarded-Proto": "https", Host: "app.example.org" });
    expect(page.status).toBe(200);
    const given = cookies("https://app.example.org/somewhere");
    expect(given.map(({ name }) => name)).toEqual(["__Host-latchkey", "__Host-latchkey_browser"]);
    expect(given.every(({ url }) => url === "https://app.example.org")).toBe(true);
    expect(() => cookies("http://app.example.org")).toThrow(/https/);
    expect(() => cookies("app.example.org")).toThrow(/address of the app/);
  });

  it("gives the cookie of apps behind a proxy when there is COOKIE_DOMAIN", async () => {
    const settings = {
      BASE_URL: "http://sign-in.example.org",
      COOKIE_DOMAIN: "example.org",
      ALLOWED_HOSTS: "app.example.org",
    };
    const kit = await openKit({ settings });
    const { cookies } = await kit.signIn(await kit.account());
    const forward = cookies("http://app.example.org").find(({ name }) => name === "latchkey_forward");
    const verify = kit.visitor(`latchkey_forward=${forward?.value}`).get("/sign-in/auth/verify");
    expect((await verify.set("X-Original-URL", "http://app.example.org/")).status).toBe(200);
  });

  it.each([
    ["passkey", /method is "totp" or "recovery-code", not "passkey"/],
    [1, /method is/],
  ])("is refused with the reason when the method is %j", async (method, reason) => {
    const kit = await openKit();
    const account = await kit.account();
    await expect(kit.signIn(account, { method } as never)).rejects.toThrow(reason);
  });
});
