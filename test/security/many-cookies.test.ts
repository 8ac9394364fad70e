/** Too many cookies of one name: more than any browser sends count as none, and cost no signature and no lookup. */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { sign } from "cookie-signature";
import { describe, expect, it, vi } from "vitest";
import { cookieHeldBy, heldBy } from "../support/cookies.js";
import { signedIn, signedInByHttps, verify, WANTED } from "../support/forward.js";
import { openHost } from "../support/host.js";
import { ask, opensAccount } from "../support/raw-request.js";
import { setUp, trustedVisitor } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const MAX = 10;

/** This many more cookies of a name, without our signature. */
const planted = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${name}=s%3A${n}.x`);

/** How many signatures are computed during some work. */
async function signaturesDuring(work: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(crypto, "createHmac");
  syncBuiltinESMExports();
  try {
    await work();
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
    syncBuiltinESMExports();
  }
}

/** A signed session cookie without a session. */
const ofNobody = ({ keys }: World, id: string) =>
  `latchkey=${encodeURIComponent(`s:${sign(id, keys.cookieSecrets[0] ?? "")}`)}`;

describe("cookies of one name", () => {
  it("are read up to ten at /auth/verify, whichever is ours, and ignored when there are more", async () => {
    const { world, host, forward } = await signedIn();
    for (const [name, ours, most] of [
      ["latchkey", host, MAX],
      // Each of these costs a lookup, so their limit is lower.
      ["latchkey_forward", forward, 5],
    ] as const) {
      for (const at of [0, most - 1]) {
        const others = planted(name, most - 1);
        const cookie = [...others.slice(0, at), ours, ...others.slice(at)].join("; ");
        expect([name, at, (await verify(world, { cookie })).status]).toEqual([name, at, 200]);
      }
      for (const more of [most, MAX, 100, 400]) {
        const cookie = [ours, ...planted(name, more)].join("; ");
        expect([name, more, (await verify(world, { cookie })).status]).toEqual([name, more, 401]);
        expect((await verify(world, { cookie: [...planted(name, more), ours].join(";") })).status).toBe(401);
      }
    }
  });

  it("are ignored on pages and in an app when there are more than ten", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    const ours = heldBy(visitor);
    expect(await opensAccount(world, [ours, ...planted("latchkey", MAX - 1)].join("; "))).toBe(true);
    expect(await opensAccount(world, [ours, ...planted("latchkey", MAX)].join("; "))).toBe(false);
    const page = await ask(world, {
      path: "/login",
      headers: { cookie: [ours, ...planted("latchkey", MAX)].join("; ") },
    });
    expect([page.status, page.headers["set-cookie"]]).toEqual([200, undefined]);

    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.get("/private", latchkey.requireSession(), (_req, res) => void res.send("in"));
    });
    const person = host.visitor();
    await person.password();
    const secret = await person.secret();
    await person.code(world.code(secret, (Date.now() - world.now()) / 30_000));
    const theirs = heldBy(person);
    for (const [more, status] of [
      [MAX - 1, 200],
      [MAX, 303],
    ] as const) {
      const cookie = [theirs, ...planted("latchkey", more)].join("; ");
      expect([more, (await ask(host, { path: "/private", headers: { cookie } })).status]).toEqual([
        more,
        status,
      ]);
    }
  });

  it("are ignored when more than ten are for trusted browsers, and so is a sixth token in one", async () => {
    const world = await openWorld();
    const { visitor } = await trustedVisitor(world);
    world.advance(30_000);
    const trusted = cookieHeldBy(visitor, "latchkey_trusted");
    const signsInWith = async (cookie: string) => {
      const answer = await world.visitor({ Cookie: cookie }).password();
      return answer.headers.location === "/";
    };
    expect(await signsInWith(trusted)).toBe(true);
    expect(await signsInWith([trusted, ...planted("latchkey_trusted", MAX - 1)].join("; "))).toBe(true);
    expect(await signsInWith([trusted, ...planted("latchkey_trusted", MAX)].join("; "))).toBe(false);
    const [name, token] = trusted.split("=");
    const junk = Array.from({ length: 5 }, (_, n) => `a${n}.b`).join("~");
    expect(await signsInWith(`${name}=${junk}~${token}`)).toBe(false);
    expect(await signsInWith(`${name}=${token}~${junk}${"~".repeat(8_000)}`)).toBe(true);
  });
});

describe("cookies whose names only contain ours", () => {
  it("are ignored", async () => {
    const { world, host, forward } = await signedIn();
    const names = [
      "xlatchkey",
      "my_latchkey",
      "latchkey2",
      "latchkey_forward2",
      "__Host-xlatchkey",
      "LATCHKEY",
      "latchkey_",
    ];
    const others = names.flatMap((name) => planted(name, 30));
    for (const ours of [host, forward]) {
      expect((await verify(world, { cookie: [...others, ours].join("; ") })).status).toBe(200);
    }
    // They start no session in memory either, which would bypass the page cache and set the database deadline.
    const deadline = vi.spyOn(world.store, "withDeadline");
    const stranger = await ask(world, { path: "/login", headers: { cookie: others.join("; ") } });
    expect(deadline).not.toHaveBeenCalled();
    expect(stranger.text).toBe((await ask(world, { path: "/login" })).text);
    expect(
      await signaturesDuring(() => ask(world, { path: "/account", headers: { cookie: others.join("; ") } })),
    ).toBe(0);
    const { headers } = await verify(world, {
      cookie: `xlatchkey=1; ${forward}; latchkey2=2`,
      wanted: WANTED,
    });
    expect(headers.cookie).toBe("xlatchkey=1; latchkey2=2");
  });

  it("are ignored when they lack the __Host- prefix by https", async () => {
    const { world, host } = await signedInByHttps();
    const headers = { "x-forwarded-proto": "https" };
    const plain = host.replace("__Host-", "");
    const cookie = [host, ...planted("latchkey", 50)].join("; ");
    expect((await verify(world, { cookie, headers })).status).toBe(200);
    expect((await verify(world, { cookie: plain, headers })).status).toBe(401);
  });
});

describe("a thousand cookies of our name", () => {
  it("cost no signature and no lookup", async () => {
    const { world, host, forward } = await signedIn();
    const finds = vi.spyOn(world.store.sessions, "find");
    for (const [name, ours] of [
      ["latchkey", host],
      ["latchkey_forward", forward],
    ] as const) {
      const cookie = [ours, ...planted(name, 800)].join("; ");
      for (const path of ["/auth/verify", "/account", "/login", "/logout"]) {
        finds.mockClear();
        const signatures = await signaturesDuring(() => ask(world, { path, headers: { cookie } }));
        expect([name, path, signatures, finds.mock.calls.length]).toEqual([name, path, 0, 0]);
      }
    }
    const different = Array.from({ length: MAX }, (_, n) => ofNobody(world, `nobody ${n}`)).join("; ");
    finds.mockClear();
    expect(await signaturesDuring(() => verify(world, { cookie: different }))).toBeLessThanOrEqual(MAX);
    expect(finds).not.toHaveBeenCalled();
  });
});
