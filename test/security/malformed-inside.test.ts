/** Malformed input to the forms behind the password: a refusal, never a 5xx. */
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { expectErrorPage } from "../support/error-page.js";
import { ask, type RawRequest } from "../support/raw-request.js";
import { CURRENT_CODES, pendingCookie, setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const FORM = "application/x-www-form-urlencoded";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

const post = (path: string, body: string, type = FORM, headers: RawRequest["headers"] = {}) =>
  ask(world, { method: "POST", path, body, headers: { "content-type": type, ...headers } });

describe("a form behind the password", () => {
  const HUGE = "x".repeat(15_000);
  /** Where each form goes, and the fields that it has. */
  const FORMS: [who: "pending" | "signed in", path: string, fields: string[]][] = [
    ["pending", "/login/2fa", ["otp", "trust_device"]],
    ["pending", "/login/recovery-code", ["recovery_code"]],
    ["signed in", "/confirm", ["password", "otp", "recovery_code", "next"]],
    ["signed in", "/account/password", ["current_password", "new_password"]],
    ["signed in", "/account/authenticators/new", ["name", "otp"]],
    ["signed in", "/account/authenticators/ID/rename", ["name"]],
    ["signed in", "/account/recovery-codes", ["sheet"]],
    ["signed in", "/account/recovery-codes/proof", ["recovery_code", "next"]],
  ];
  /** Passwords may hold any character. */
  const MAY_HOLD_NUL = ["password", "current_password", "new_password"];

  it.each(FORMS)(
    "refuses fields that are missing, doubled, huge or of odd bytes: %s, %s",
    async (who, path, fields) => {
      const visitor = world.visitor();
      await setUp(world, visitor);
      await visitor.get("/account/authenticators/new");
      const account = await world.store.accounts.byUsername("test");
      const [authenticator] = await world.store.authenticators.of(account?.id ?? "");
      const address = path.replace("ID", authenticator?.id ?? "");
      const cookie = who === "pending" ? await pendingCookie(world) : heldBy(visitor);
      const send = async (body: string) => {
        const answer = await post(address, body, FORM, { cookie });
        // What looks like a guess counts as one, and would close the form.
        await world.auth.unlockAccount("test");
        return answer;
      };

      // Without a set number the form leads back to the page with the button.
      const empty = path === "/account/recovery-codes" ? [303] : [401, 422];
      for (const body of ["", "other=1", "=", "%", ...fields.map((name) => `${name}[]=1&${name}[x]=1`)]) {
        expect(empty, body).toContain((await send(body)).status);
      }
      for (const name of fields) {
        expectErrorPage(await send(`${name}=1&${name}=2`), 400);
        const nul = await send(`${name}=a%00b`);
        if (MAY_HOLD_NUL.includes(name)) expect([401, 422]).toContain(nul.status);
        else expectErrorPage(nul, 400);
        for (const odd of [
          HUGE,
          "%ff%fe",
          "%F0%9F%94%91",
          "%ED%A0%80",
          "%0d%0aSet-Cookie:x=y",
          "-1",
          "1e9",
          "%zz",
        ]) {
          const { status, headers } = await send(`${name}=${odd}`);
          expect(status, `${name}=${odd.slice(0, 20)}`).toBeLessThan(500);
          expect([headers["set-cookie"] ?? []].flat().join()).not.toContain("x=y");
        }
        expectErrorPage(await send(`${name}=${HUGE.repeat(7)}`), 413);
      }
      expect((await visitor.get("/account")).status).toBe(200);
      expect(world.logLines.join("")).not.toContain("request failed");
    },
  );

  it("makes recovery codes for the next set number only", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    for (const sheet of ["0", "-1", "02", "2.0", "2e0", " 2", "0x2", "\u0662", "x", "9".repeat(10)]) {
      expectErrorPage(
        await post("/account/recovery-codes", `sheet=${encodeURIComponent(sheet)}`, FORM, {
          cookie: heldBy(visitor),
        }),
        400,
      );
    }
    for (const sheet of ["1", "3", "999999999"]) {
      expect((await visitor.post("/account/recovery-codes", { sheet })).headers.location).toBe(CURRENT_CODES);
    }
    expect(world.events.filter(({ type }) => type === "recovery-codes-made")).toHaveLength(1);
  });
});
