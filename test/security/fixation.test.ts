/** Session fixation: making a victim sign in under a session id that the attacker knows. */
import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { cookieFrom, cookieHeldBy, heldBy } from "../support/cookies.js";
import { openDatabase } from "../support/other-program.js";
import { ask, form, opensAccount } from "../support/raw-request.js";
import { pendingCookie, setUp, signIn } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

/** A cookie as express-session makes it, for an id and a signing key. */
const signed = (id: string, key: string) =>
  `latchkey=${encodeURIComponent(`s:${id}.${createHmac("sha256", key).update(id).digest("base64").replace(/=+$/, "")}`)}`;

/** The id inside a cookie. */
const idIn = (cookie: string) => /^latchkey=s:([^.]+)\./.exec(decodeURIComponent(cookie))?.[1] ?? "";

describe("the session id", () => {
  it("changes after the password, the code and each step-up, and the old ones are worthless", async () => {
    const visitor = world.visitor();
    const first = cookieFrom(await visitor.password());
    const second = cookieFrom(await visitor.password());
    const secret = await visitor.secret();
    const third = cookieFrom(await visitor.code(world.code(secret)));
    world.advance(30_000);
    const fourth = cookieFrom(await visitor.confirm("password", world.code(secret)));
    expect(new Set([first, second, third, fourth].map(idIn)).size).toBe(4);
    for (const old of [first, second, third]) {
      expect((await ask(world, { path: "/login/2fa", headers: { cookie: old } })).headers.location).toBe(
        "/login?notice=sign-in",
      );
      expect(await opensAccount(world, old)).toBe(false);
    }
    expect(await opensAccount(world, fourth)).toBe(true);
  });

  it("has 256 random bits, and only its hash is stored", async () => {
    const ids = [];
    for (let n = 0; n < 20; n++) ids.push(idIn(await pendingCookie(world)));
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(Buffer.from(id, "base64url")).toHaveLength(32);
    const kept = openDatabase(world).prepare("select id_hash from sessions").all();
    expect(kept).toHaveLength(20);
    for (const { id_hash } of kept as { id_hash: string }[]) expect(ids).not.toContain(id_hash);
  });

  it("is never one that the browser sent", async () => {
    const [key = ""] = world.keys.cookieSecrets;
    const chosen = "A".repeat(43);
    const planted = [
      `latchkey=${chosen}`,
      signed(chosen, "not the key"),
      signed(chosen, key), // even if the signing key were known
      `latchkey=${encodeURIComponent(`s:${chosen}.`)}`,
      "latchkey=s%3A",
      "latchkey=j%3A%7B%22signIn%22%3A%7B%22kind%22%3A%22session%22%7D%7D",
      `latchkey=${chosen}; latchkey=${chosen}`,
    ];
    for (const cookie of planted) {
      expect((await ask(world, { path: "/account", headers: { cookie } })).status, cookie).toBe(303);
      const answer = await ask(world, {
        path: "/login",
        ...form({ username: "test", password: "password" }, { cookie }),
      });
      expect(answer.status, cookie).toBe(303);
      const given = cookieFrom(answer);
      expect(idIn(given)).not.toContain("AAAA");
      expect((await ask(world, { path: "/login/2fa", headers: { cookie: given } })).status).toBe(200);
      expect((await ask(world, { path: "/login/2fa", headers: { cookie } })).status).toBe(303);
    }
    const { rows } = openDatabase(world).prepare("select count(*) as rows from sessions").get() as {
      rows: number;
    };
    expect(rows).toBe(planted.length);
  });

  it("never passes from an attacker's pending login to the victim's session", async () => {
    const attackers = await pendingCookie(world);
    const login = await ask(world, {
      path: "/login",
      ...form({ username: "test", password: "password" }, { cookie: attackers }),
    });
    const victims = cookieFrom(login);
    expect(idIn(victims)).not.toBe(idIn(attackers));
    expect((await ask(world, { path: "/login/2fa", headers: { cookie: attackers } })).status).toBe(303);
    expect((await ask(world, { path: "/login/2fa", headers: { cookie: victims } })).status).toBe(200);
  });

  it("is refused when its signature is changed, left out or another id's", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    const cookie = heldBy(visitor);
    expect(await opensAccount(world, cookie)).toBe(true);
    const value = decodeURIComponent(cookie.slice("latchkey=".length));
    const [id = "", signature = ""] = value.slice(2).split(".");
    const other = decodeURIComponent((await pendingCookie(world)).slice("latchkey=".length)).split(".")[1];
    const forged = [
      id,
      `s:${id}`,
      `s:${id}.`,
      `s:${id}.${other}`,
      `s:${id}.${signature.toLowerCase()}`,
      `s:${id}.${signature.slice(0, -1)}`,
      `s:${id}x.${signature}`,
      `s:${id.slice(0, -1)}.${signature}`,
      `S:${id}.${signature}`,
    ];
    for (const value of forged) {
      expect(await opensAccount(world, `latchkey=${encodeURIComponent(value)}`), value).toBe(false);
    }
    expect(await opensAccount(world, cookie)).toBe(true);
  });
});

describe("the session cookie", () => {
  const flagsOf = (answer: { headers: Record<string, unknown> }) =>
    [answer.headers["set-cookie"]].flat().map((cookie) => {
      const [pair = "", ...flags] = String(cookie).split("; ");
      return { name: pair.split("=")[0], flags: flags.sort() };
    });

  it("is for this host, this browser session and no script", async () => {
    const visitor = world.visitor();
    const session = { name: "latchkey", flags: ["HttpOnly", "Path=/", "SameSite=Lax"] };
    expect(flagsOf(await visitor.password())).toEqual([session]);
    // Both factors leave a device cookie as well, which outlives the session and opens nothing.
    const [device, ...others] = flagsOf(await visitor.code(world.code(await visitor.secret())));
    expect(others).toEqual([session]);
    expect(device?.name).toBe("latchkey_browser");
    expect(await opensAccount(world, cookieHeldBy(visitor, "latchkey_browser"))).toBe(false);
    expect((await visitor.get("/account")).headers["set-cookie"]).toBeUndefined();
  });

  it("is Secure and bound to the host by its name when BASE_URL is https", async () => {
    const https = await openWorld({
      BASE_URL: "https://sign-in.example.org",
      TRUST_PROXY: "loopback",
      DEMO: "on",
    });
    const answer = await https.visitor({ "X-Forwarded-Proto": "https" }).password();
    expect(flagsOf(answer)).toEqual([
      { name: "__Host-latchkey", flags: ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"] },
    ]);
    const plain = await https.visitor().password();
    expect(plain.status).toBe(400);
    expect(plain.text).toContain("TRUST_PROXY");
    expect(plain.headers["set-cookie"]).toBeUndefined();
  });

  it("is taken back when the browser signs out", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    const [taken] = flagsOf(await visitor.post("/logout"));
    expect(taken?.flags).toContain("Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    expect(heldBy(visitor)).toBe("");
  });
});

describe("a device cookie that the browser sends", () => {
  it("names the browser only when it was signed for this account", async () => {
    const [visitor, secret] = [world.visitor(), await setUp(world, world.visitor())];
    await signIn(world, visitor, secret);
    const given = cookieHeldBy(visitor, "latchkey_browser").replace("latchkey_browser=", "");
    const [account = "", browser = "", signature = ""] = given.split(".");
    /** The device cookie, in parts, that a browser gets when it signs in with this one. */
    const leavesWith = async (brought: string) => {
      world.advance(30_000);
      const sent = form({ otp: world.code(secret) }, { cookie: `${await pendingCookie(world)}; ${brought}` });
      const set = String((await ask(world, { path: "/login/2fa", ...sent })).headers["set-cookie"]);
      return /latchkey_browser=([^;]+)/.exec(set)?.[1]?.split(".").slice(0, 2);
    };
    const chosen = "A".repeat(22);
    for (const forged of [
      `${account}.${chosen}.${signature}`,
      `${account}.${chosen}.`,
      `${account}.${chosen}`,
      `${account}.${browser}.${signature.slice(0, -2)}`,
      `${account}.${browser}.${"A".repeat(signature.length)}`,
      `someone.${browser}.${signature}`,
    ]) {
      const [owner, name] = (await leavesWith(`latchkey_browser=${forged}`)) ?? [];
      expect(owner, forged).toBe(account);
      expect([chosen, browser, undefined], forged).not.toContain(name);
    }
    expect(await leavesWith(`latchkey_browser=${given}`)).toEqual([account, browser]);
  });
});
