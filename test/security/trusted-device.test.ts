/** Tokens of trusted browsers: copied, forged, used for another account, or ended. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../src/auth/policy.js";
import { beginAuthenticator } from "../support/authenticators.js";
import { cookieHeldBy } from "../support/cookies.js";
import { heldAtTransaction } from "../support/hold-back.js";
import { databaseBytes } from "../support/other-program.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, pendingCookie, setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { HOUR, openWorld, type World } from "../support/world.js";

const DAY = 24 * HOUR;

let world: World;
let secret: string;
/** Signed in on a browser that is not trusted. */
let owner: Visitor;
/** The trusted browser, signed out. */
let trusting: Visitor;
beforeEach(async () => {
  world = await openWorld();
  owner = world.visitor();
  secret = await setUp(world, owner);
  trusting = world.visitor();
  await trust(trusting, secret);
});

async function trust(visitor: Visitor, secret: string, username = "test", password = "password") {
  await visitor.password(username, password);
  const answer = await visitor.code(world.code(secret), { trust_device: "on" });
  if (answer.status !== 303) throw new Error(`Signing in failed with ${answer.status}.`);
  world.advance(30_000);
  await visitor.post("/logout");
}

const tokensOf = (visitor: Visitor) => cookieHeldBy(visitor, "latchkey_trusted").replace(/^[^=]+=/, "");

/** Where the password alone leads a browser that holds these tokens and nothing else. */
async function leadsTo(tokens: string, username = "test", password = "password") {
  const sent = form({ username, password }, { cookie: `latchkey_trusted=${tokens}` });
  const { status, headers } = await ask(world, { path: "/login", ...sent });
  return status === 303 ? headers.location : status;
}

describe("a trusted browser's token", () => {
  it("replaces the code wherever it is copied to, and is stored as a hash", async () => {
    const token = tokensOf(trusting);
    expect(await leadsTo(token)).toBe("/");
    const [account, random = ""] = token.split(".");
    expect(Buffer.from(random, "base64url")).toHaveLength(32);
    const bytes = databaseBytes(world);
    for (const secret of [token, random]) expect(bytes.includes(secret)).toBe(false);
    const [hash] = world.keys.signatures("trusted device", `${account}.${random}`);
    expect(bytes.includes(hash)).toBe(true);
    expect(await leadsTo(`${account}.${hash}`)).toBe("/login/2fa");
  });

  it("is worthless for another account, whichever id stands before it", async () => {
    const { username, password } = await addAccount(world, "victim");
    const victim = world.visitor();
    const theirs = await setUp(world, victim, username, password);
    await victim.post("/logout");
    await trust(victim, theirs, username, password);
    const [id, random] = tokensOf(victim).split(".");
    const [mine, myRandom] = tokensOf(trusting).split(".");
    expect(await leadsTo(`${id}.${random}`)).toBe("/login/2fa");
    expect(await leadsTo(`${mine}.${random}`)).toBe("/login/2fa");
    expect(await leadsTo(`${id}.${myRandom}`, username, password)).toBe("/login/2fa");
    expect(await leadsTo(`${id}.${random}`, username, password)).toBe("/");
  });

  it("is worthless when it was changed", async () => {
    const token = tokensOf(trusting);
    const [id = "", random = ""] = token.split(".");
    const forged = [
      ...["", ".", `${id}.`, id, random, `.${random}`, `${id}.${id}`, `${id}..${random}`],
      ...[`${token}x`, token.slice(0, -1), token.toLowerCase(), token.replace(".", "%2E%00"), `${token}%00`],
      ...[`${id}.${random}.${random}`, `${random}.${id}`, `~~~~~${token}`, `${id}.%27 or 1=1 --`, "j:{}"],
      ...["undefined.undefined", `${id}.null`, `${id}.${"A".repeat(43)}`, "%", "%ff"],
    ];
    for (const each of forged) expect(await leadsTo(each), each).toBe("/login/2fa");
    expect(await leadsTo(token)).toBe("/");
  });

  it("opens nothing without the password", async () => {
    for (const path of ["/account", "/login/2fa", "/"]) {
      const cookie = cookieHeldBy(trusting, "latchkey_trusted");
      const answer = await ask(world, { path, headers: { cookie } });
      expect(answer.text, path).not.toMatch(/signed in as|Your account/i);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });

  it("lasts for TRUSTED_DEVICE, however often it is used", async () => {
    const token = tokensOf(trusting);
    world.advance(DEFAULT_POLICY.trustedDevice - DAY);
    expect(await leadsTo(token)).toBe("/");
    world.advance(DAY - 30_000 - 1); // it was given 30 seconds before
    expect(await leadsTo(token)).toBe("/");
    world.advance(1);
    expect(await leadsTo(token)).toBe("/login/2fa");
  });

  it("replaces the one that the same browser held before", async () => {
    const before = cookieHeldBy(trusting, "latchkey_trusted");
    const pending = await pendingCookie(world); // asked before the browser sends its token
    const sent = form({ otp: world.code(secret), trust_device: "on" }, { cookie: `${pending}; ${before}` });
    const answer = await ask(world, { path: "/login/2fa", ...sent });
    const after = /latchkey_trusted=([^;]+)/.exec(String(answer.headers["set-cookie"]))?.[1] ?? "";
    expect(await leadsTo(tokensOf(trusting))).toBe("/login/2fa");
    expect(await leadsTo(after)).toBe("/");
  });
});

/** What ends trust, by the owner in another browser or by the operator; the owner's session is stepped up. */
const ENDINGS: Record<string, () => Promise<unknown>> = {
  "its owner stopped trusting it": async () => {
    const page = await owner.get("/account");
    const address = /action="(\/account\/trusted-devices\/[\w-]+\/forget)"/.exec(page.text)?.[1] ?? "";
    expect((await owner.post(address)).headers.location).toBe("/account");
  },
  "the owner changed the password": () => change("/account/password"),
  "an authenticator was added": () => addAuthenticator(),
  "an authenticator was removed": async () => {
    await addAuthenticator();
    await trust(trusting, secret);
    expect(await leadsTo(tokensOf(trusting))).toBe("/");
    const id = /authenticators\/([\w-]+)\/remove/.exec((await owner.get("/account")).text)?.[1];
    await change(`/account/authenticators/${id}/remove`);
  },
  "an authenticator was replaced": async () => {
    const id = /replaces=([\w-]+)/.exec((await owner.get("/account")).text)?.[1];
    await addAuthenticator(`?replaces=${id}`);
  },
  "the operator set a password": () => world.auth.setPassword("test", "quite another password"),
  "the operator reset the second factor": () => world.auth.resetSecondFactor("test"),
  "the operator disabled and enabled the account": async () => {
    await world.auth.disableAccount("test");
    expect(await leadsTo(tokensOf(trusting))).toBe(401);
    await world.auth.enableAccount("test");
  },
};

async function change(path: string, fields: Record<string, string> = {}) {
  const passwords = { current_password: "password", new_password: "quite another password" };
  const answer = await owner.post(path, { ...passwords, ...fields });
  if (answer.headers.location !== "/account") throw new Error(`${path} was answered with ${answer.status}.`);
}

async function addAuthenticator(query = "") {
  const key = await beginAuthenticator(owner, query);
  await change(`/account/authenticators/new${query}`, { name: "Another", otp: world.code(key) });
  world.advance(30_000);
}

describe("the token of a browser that is no longer trusted", () => {
  it.each(Object.entries(ENDINGS))("is worthless when %s", async (name, ending) => {
    await ending();
    const changed = /password/.test(name);
    const password = changed ? "quite another password" : "password";
    expect(await leadsTo(tokensOf(trusting), "test", password)).toBe("/login/2fa");
  });

  it("is refused when the password changes during its sign-in", async () => {
    const cookie = cookieHeldBy(trusting, "latchkey_trusted");
    const sent = { path: "/login", ...form({ username: "test", password: "password" }, { cookie }) };
    const slow = await heldAtTransaction(world, 2, sent);
    await world.auth.setPassword("test", "quite another password");
    expect((await slow.letGo()).status).toBe(401);
  });

  it("is worthless when the password was changed on the trusted browser itself", async () => {
    await trusting.password();
    await trusting.confirm("password", world.code(secret));
    owner = trusting;
    await change("/account/password");
    expect(await leadsTo(tokensOf(trusting), "test", "quite another password")).toBe("/login/2fa");
  });
});
