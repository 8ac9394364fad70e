/** `latchkey account disable` and `enable` while a server runs: nobody signs in to a disabled account. */
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { holdBack } from "../support/hold-back.js";
import { idOf, succeed } from "../support/operator.js";
import { expectSignedOut, isSignedIn, newOwner, PASSWORD, pending } from "../support/owner.js";
import { ask, bytesOf, form, opensAccount } from "../support/raw-request.js";
import { signIn } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("latchkey account disable", () => {
  it("signs the account out everywhere at the next request", async () => {
    const { visitor, secret } = await newOwner(world);
    const behindPassword = await pending(world);
    expect(await succeed(world, ["disable", "alice"])).toBe(
      "alice is disabled: signed out everywhere, and nobody can sign in as alice until `latchkey account enable alice`.\n",
    );
    await expectSignedOut(visitor);
    await behindPassword.code(world.code(secret));
    await expectSignedOut(behindPassword);
  });

  it("refuses a code that was on its way", async () => {
    const { secret } = await newOwner(world);
    const visitor = await pending(world);
    const held = holdBack(world.store, "transaction");
    const answer = visitor.code(world.code(secret)).then((response) => response.status);
    await held.reached;
    await succeed(world, ["disable", "alice"]);
    held.letGo();
    await answer;
    await expectSignedOut(visitor);
    expect(await world.store.sessions.live(await idOf(world, "alice"), world.now(), 0, 10)).toEqual([]);
  });

  it("answers a right password with the same bytes as a wrong one", async () => {
    await newOwner(world);
    const tryIn = (password: string) =>
      ask(world, { path: "/login", ...form({ username: "alice", password }) }).then(bytesOf);
    const wrong = await tryIn("a wrong password");
    expect(wrong.status).toBe(401);
    await succeed(world, ["disable", "alice"]);
    expect(await tryIn(PASSWORD)).toEqual(wrong);
    expect(await tryIn("a wrong password")).toEqual(wrong);
  });

  it("forgets trusted browsers, also for when the account is enabled again", async () => {
    const { secret } = await newOwner(world);
    const trusted = await pending(world);
    await trusted.code(world.code(secret), { trust_device: "on" });
    await succeed(world, ["disable", "alice"]);
    expect((await trusted.password("alice", PASSWORD)).status).toBe(401);
    await succeed(world, ["enable", "alice"]);
    await trusted.password("alice", PASSWORD);
    expect(await isSignedIn(trusted)).toBe(false);
  });
});

describe("latchkey account enable", () => {
  it("lets the owner sign in again, and brings no old session back", async () => {
    const { visitor, secret } = await newOwner(world);
    const cookie = heldBy(visitor);
    expect(await opensAccount(world, cookie)).toBe(true);
    await succeed(world, ["disable", "alice"]);
    expect(await succeed(world, ["enable", "alice"])).toBe(
      "alice is enabled; sessions that were ended stay ended.\n",
    );
    expect(await opensAccount(world, cookie)).toBe(false);
    const again = world.visitor();
    await signIn(world, again, secret, "alice", PASSWORD);
    expect(await isSignedIn(again)).toBe(true);
    expect(await opensAccount(world, cookie)).toBe(false);
  });
});
