/** The commands that make one-time links while a server runs: the link stands alone on standard output. */
import { beforeEach, describe, expect, it } from "vitest";
import { ENDED, EXPIRED, OPEN, stateOf, use } from "../support/links.js";
import { idOf, newestLine, operate, succeed } from "../support/operator.js";
import { isSignedIn, newOwner, PASSWORD } from "../support/owner.js";
import { addAccount } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

const DAY = 86_400_000;

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

/** Runs the command. @returns the path of the link that it prints, and what it says on standard error */
async function link(...args: string[]): Promise<{ path: string; said: string }> {
  const { exit, out, err } = await operate(world, args);
  expect({ exit, out }).toEqual({
    exit: 0,
    out: expect.stringMatching(/^http:\/\/localhost:3000\/link\/[\w-]{43}\n$/),
  });
  return { path: new URL(out.trim()).pathname, said: err.replace(/^Database: .*\n/, "") };
}

describe("latchkey account add --invite", () => {
  it("prints a link by which the owner chooses a password, and reads none", async () => {
    const { path, said } = await link("add", "alice", "--invite");
    expect(said).toContain("It works once, until 2026-11-27T12:00Z.");
    const visitor = world.visitor();
    await use(visitor, path);
    await visitor.code(world.code(await visitor.secret()));
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it("refuses a name that is taken, and prints no link", async () => {
    await addAccount(world, "alice");
    expect(await operate(world, ["add", "alice", "--invite"])).toMatchObject({ exit: 1, out: "" });
  });
});

describe("latchkey account invite", () => {
  it("makes a new link, which ends the one before", async () => {
    const first = await link("add", "alice", "--invite");
    const second = await link("invite", "alice");
    expect(await stateOf(world, first.path)).toEqual(ENDED);
    expect(await stateOf(world, second.path)).toEqual(OPEN);
  });

  it("is refused for an account that has a password", async () => {
    await addAccount(world, "alice");
    const { exit, out, err } = await operate(world, ["invite", "alice"]);
    expect({ exit, out }).toEqual({ exit: 1, out: "" });
    expect(err).toContain("latchkey account password NAME --link");
  });

  it("says that a disabled account must be enabled first", async () => {
    await link("add", "alice", "--invite");
    await succeed(world, ["disable", "alice"]);
    const { path, said } = await link("invite", "alice");
    expect(said).toContain("enable the account first");
    expect(await stateOf(world, path)).toEqual(ENDED);
    await succeed(world, ["enable", "alice"]);
    expect(await stateOf(world, path)).toEqual(OPEN);
  });
});

describe("latchkey account password --link", () => {
  it("prints a link; the old password holds until it is used", async () => {
    await newOwner(world);
    const { path } = await link("password", "alice", "--link");
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(303);
    await use(world.visitor(), path, { new_password: "violet otter seven" });
    expect((await world.visitor().password("alice", PASSWORD)).status).toBe(401);
  });
});

describe("latchkey account reset-2fa", () => {
  it("prints the link that setting up again takes", async () => {
    const { secret, id } = await newOwner(world);
    const { path, said } = await link("reset-2fa", "alice");
    expect(said).toContain("opens nothing without the password");
    expect((await newestLine(world, id)).line).toMatchObject({
      type: "link-made",
      reason: "reset",
      byKind: "operator",
    });
    const visitor = world.visitor();
    await use(visitor, path, { password: PASSWORD });
    expect(await visitor.secret()).not.toBe(secret);
  });

  it("may be repeated: each link ends the one before", async () => {
    await newOwner(world);
    const first = await link("reset-2fa", "alice");
    const second = await link("reset-2fa", "alice");
    expect([await stateOf(world, first.path), await stateOf(world, second.path)]).toEqual([ENDED, OPEN]);
  });
});

describe("latchkey account list", () => {
  it("says who has an invitation that is open, or has expired", async () => {
    const { path } = await link("add", "alice", "--invite");
    const state = async () => (await succeed(world, ["list"])).split("\n")[1]?.split(/ {2,}/).at(-1);
    expect(await state()).toBe("invited until 2026-11-27T12:00Z");
    const [listed] = JSON.parse(await succeed(world, ["list", "--json"]));
    expect(listed).toMatchObject({
      id: await idOf(world, "alice"),
      hasPassword: false,
      invitationExpiresAt: "2026-11-27T12:00:10.000Z",
    });
    world.advance(3 * DAY);
    expect(await state()).toBe("invitation expired 2026-11-27T12:00Z");
    expect(await stateOf(world, path)).toEqual(EXPIRED);
    const again = await link("invite", "alice");
    await use(world.visitor(), again.path);
    expect(await state()).toBe("open");
  });
});

describe("the address of a link", () => {
  it.each([
    [{ BASE_URL: "https://sign-in.example.org" }, "https://sign-in.example.org/link/"],
    [
      { BASE_URL: "https://app.example.org", MOUNT_PATH: "/sign-in" },
      "https://app.example.org/sign-in/link/",
    ],
    [{ PORT: "8080", MOUNT_PATH: "/a/b/" }, "http://localhost:8080/a/b/link/"],
  ])("is made of BASE_URL, or PORT, and MOUNT_PATH: %j", async (env, begin) => {
    const { out } = await operate(world, ["add", "alice", "--invite"], "", env);
    expect(out.startsWith(begin)).toBe(true);
    expect(out.slice(begin.length)).toMatch(/^[\w-]{43}\n$/);
  });
});
