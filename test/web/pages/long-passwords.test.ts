/** Passwords of the greatest length, in the scripts that need the most bytes: every form takes them. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY, PASSWORD_LENGTH } from "../../../src/auth/policy.js";
import { addAccount, setUp, signIn } from "../../support/sign-in.js";
import { openWorld } from "../../support/world.js";

/** As many characters as a password may have, from a block of many, without repetition. */
const of = (first: number, count: number) =>
  Array.from({ length: PASSWORD_LENGTH.max }, (_, n) =>
    String.fromCodePoint(first + ((n * 577) % count)),
  ).join("");

/** What is typed at first, and later; as few keyboards do, and all may. */
const LONGEST: Record<string, [first: string, second: string]> = {
  "Chinese characters": [of(0x4e00, 20_000), of(0x4e01, 20_000)],
  emoji: [of(0x1f600, 79), of(0x1f330, 78)],
  "Hangul in its parts": [of(0xac00, 11_172).normalize("NFD"), of(0xac01, 11_171).normalize("NFD")],
  "signs that forms escape": [
    `correct horse battery ${"%".repeat(PASSWORD_LENGTH.max - 22)}`,
    `battery horse correct ${"&".repeat(PASSWORD_LENGTH.max - 22)}`,
  ],
};

describe.each(Object.entries(LONGEST))("a password of the greatest length, of %s", (_, [first, second]) => {
  it("signs in, steps up, and is changed for another such", async () => {
    const world = await openWorld();
    await addAccount(world, "alice", first);
    const visitor = world.visitor();
    const secret = await setUp(world, visitor, "alice", first);
    world.advance(2 * DEFAULT_POLICY.stepUp);
    const stepped = await visitor.confirm(first, world.code(secret), { next: "/account/password" });
    expect(stepped.headers.location).toBe("/account/password");
    const changed = await visitor.post("/account/password", {
      current_password: first,
      new_password: second,
    });
    expect([changed.status, changed.headers.location]).toEqual([303, "/account"]);
    world.advance(30_000);
    await signIn(world, world.visitor(), secret, "alice", second);
    // Composed or not, it is the same.
    world.advance(30_000);
    await signIn(world, world.visitor(), secret, "alice", second.normalize("NFC"));
  });
});
