/** Signing out ends everything that the browser's cookies stand for, because each of them may have a copy elsewhere. */
import { describe, expect, it, vi } from "vitest";
import { cookieHeldBy, heldBy } from "../../support/cookies.js";
import {
  BEHIND_A_PROXY,
  bothCookies,
  forwardCookieFrom,
  forwardLines,
  signedIn,
  verify,
} from "../../support/forward.js";
import { sqlOn } from "../../support/other-program.js";
import { ask, bytesOf, form } from "../../support/raw-request.js";
import { pendingCookie, signIn } from "../../support/sign-in.js";
import { openWorld, type World } from "../../support/world.js";

const SIGNED_OUT = "/login?notice=signed-out";

/** All that is stored of sign-ins. */
const rows = (world: World) => sqlOn(world, "select * from sessions order by id_hash");

describe("signing out", () => {
  /** Sends the form with these cookies; answers with the status and what it takes back. */
  async function signOutWith(world: World, cookie: string) {
    const answer = await ask(world, { path: "/logout", ...form({}, { cookie }) });
    expect([answer.status, answer.headers.location]).toEqual([303, expect.stringContaining(SIGNED_OUT)]);
    return answer;
  }

  it("ends the session by either of its cookies, so that a copy of the other opens nothing", async () => {
    for (const left of ["host", "forward", "broken and forward", "both"] as const) {
      const { world, host, forward } = await signedIn();
      const cookie = {
        host,
        forward,
        "broken and forward": `${host.slice(0, -3)}xyz; ${forward}`,
        both: `${host}; ${forward}`,
      }[left];
      const answer = await signOutWith(world, cookie);
      expect(forwardLines(answer)).toEqual([expect.stringContaining("Expires=Thu, 01 Jan 1970")]);
      for (const copy of [host, forward])
        expect([left, (await verify(world, { cookie: copy })).status]).toEqual([left, 401]);
    }
  });

  it("ends several sessions at once, by either cookie", async () => {
    const { world, visitor, secret, host, forward } = await signedIn();
    const other = world.visitor();
    await other.password();
    const answer = await other.code(world.code(secret));
    const theirs = { host: heldBy(other), forward: forwardCookieFrom(answer) };
    world.advance(30_000);
    const third = world.visitor();
    await signIn(world, third, secret);
    const untouched = await bothCookies(third);
    await signOutWith(world, [host, theirs.host].join("; "));
    for (const cookie of [host, forward, theirs.host, theirs.forward]) {
      expect((await verify(world, { cookie })).status).toBe(401);
    }
    expect((await verify(world, { cookie: untouched.forward })).status).toBe(200);
    await signIn(world, visitor, secret);
    const again = await bothCookies(visitor);
    await signOutWith(world, ["latchkey_forward=x.y", again.forward, untouched.forward].join("; "));
    for (const cookie of [again.host, untouched.host])
      expect((await verify(world, { cookie })).status).toBe(401);
  });

  it("ends the session that a step-up made of this one, and a pending login", async () => {
    const { world, visitor, secret, forward } = await signedIn();
    const done = await visitor.confirm("password", world.code(secret));
    const steppedUp = { host: heldBy(visitor), forward: forwardCookieFrom(done) };
    // The earlier cookie opens nothing, but belongs to the same sign-in.
    await signOutWith(world, forward);
    for (const cookie of [steppedUp.host, steppedUp.forward])
      expect((await verify(world, { cookie })).status).toBe(401);

    const pending = await pendingCookie(world);
    const ended = await ask(world, { path: "/logout", ...form({}, { cookie: pending }) });
    expect(ended.headers.location).toBe("/login?notice=start-again");
    const { headers } = await ask(world, { path: "/login/2fa", headers: { cookie: pending } });
    expect(headers.location).toContain("/login");
  });

  it("ends the session of a forward cookie beside others that another host has planted", async () => {
    const { world, forward } = await signedIn();
    const planted = Array.from({ length: 8 }, (_, n) => `latchkey_forward=planted-${n}`);
    await signOutWith(world, [...planted, forward].join("; "));
    expect((await verify(world, { cookie: forward })).status).toBe(401);
  });

  it("keeps a trusted browser trusted", async () => {
    const { world, visitor, secret } = await signedIn();
    await visitor.post("/logout");
    await visitor.password();
    await visitor.code(world.code(secret), { trust_device: "on" });
    world.advance(30_000);
    const forward = forwardCookieFrom(await visitor.get("/"));
    await signOutWith(world, `${forward}; ${cookieHeldBy(visitor, "latchkey_trusted")}`);
    const trusted = world.visitor({ Cookie: cookieHeldBy(visitor, "latchkey_trusted") });
    expect((await trusted.password()).headers.location).toBe("/");
  });

  it("writes nothing and looks nothing up for cookies without our signature", async () => {
    const { world, host, forward } = await signedIn();
    const [hash = "", signature = ""] = forward.replace("latchkey_forward=", "").split(".");
    const before = await rows(world);
    const find = vi.spyOn(world.store.sessions, "find");
    const transaction = vi.spyOn(world.store, "transaction");
    for (const cookie of [
      "",
      "latchkey=x",
      host.slice(0, -4),
      `latchkey_forward=${hash}.${"A".repeat(43)}`,
      `latchkey_forward=${"A".repeat(43)}.${signature}`,
      `latchkey_forward=${hash}`,
      // More than a browser ever holds.
      Array.from("abcdefghijkl", (value) => `latchkey_forward=${value}`).join("; "),
      Array.from({ length: 12 }, () => host).join("; "),
    ]) {
      await signOutWith(world, cookie);
      expect([cookie, find.mock.calls.length, transaction.mock.calls.length]).toEqual([cookie, 0, 0]);
    }
    expect(await rows(world)).toEqual(before);
    expect((await verify(world, { cookie: forward })).status).toBe(200);
  });

  it("ignores the forward cookie without COOKIE_DOMAIN", async () => {
    const { world, forward } = await signedIn();
    const narrow = await openWorld({ ...BEHIND_A_PROXY, COOKIE_DOMAIN: "", DATA_DIR: world.dataDir });
    const one = await ask(narrow, { path: "/logout", headers: { cookie: forward } });
    const none = await ask(narrow, { path: "/logout" });
    expect(bytesOf(one)).toEqual(bytesOf(none));
    await signOutWith(narrow, forward);
    expect((await verify(world, { cookie: forward })).status).toBe(200);
  });
});
