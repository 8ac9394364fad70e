/** The bytes of a password: all of them are compared, none is cut off, folded or ignored. */
import { beforeEach, describe, expect, it } from "vitest";
import { PASSWORD_LENGTH } from "../../src/auth/policy.js";
import { addAccount, setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

describe("a password", () => {
  it("is compared past a NUL", async () => {
    await addAccount(world, "nul", "before\0after it");
    for (const password of ["before", "before\0", "before\0other it"]) {
      expect((await world.visitor().password("nul", password)).status).toBe(401);
    }
    expect((await world.visitor().password("nul", "before\0after it")).status).toBe(303);
  });

  it("is compared to the last of its 1,024 characters, and refused when it is longer", async () => {
    const long = "correct horse battery staple ".padEnd(1_024, "x");
    await addAccount(world, "long", long);
    for (const password of [`${long.slice(1)}y`, `${long}x`, long.slice(1)]) {
      expect((await world.visitor().password("long", password)).status).toBe(401);
    }
    expect((await world.visitor().password("long", long)).status).toBe(303);
  });

  it("is the same however its accents are composed", async () => {
    await addAccount(world, "accent", "caf\u00e9 au lait");
    expect((await world.visitor().password("accent", "cafe\u0301 au lait")).status).toBe(303);
  });

  it("is compared with its capital letters and spaces, at its ends too", async () => {
    await addAccount(world, "exact", " Correct horse battery ");
    for (const password of ["Correct horse battery", " correct horse battery ", " Correct  horse battery "]) {
      expect((await world.visitor().password("exact", password)).status).toBe(401);
    }
    expect((await world.visitor().password("exact", " Correct horse battery ")).status).toBe(303);
  });

  it("signs in with exactly the bytes that were chosen on the page", async () => {
    const visitor = world.visitor();
    await setUp(world, visitor);
    let current_password = "password";
    for (const new_password of [
      " quiet orange\0harbour ",
      "caf\u00e9 au lait \u{1f511}",
      "quiet orange harbour ".padEnd(PASSWORD_LENGTH.max, "y"),
    ]) {
      const changed = await visitor.post("/account/password", { current_password, new_password });
      expect(changed.headers.location).toBe("/account");
      const near = [
        new_password.trim(),
        new_password.slice(0, -1),
        `${new_password}y`,
        new_password.toUpperCase(),
      ];
      for (const password of near.filter((each) => each !== new_password).slice(0, 4)) {
        expect((await world.visitor().password("test", password)).status).toBe(401);
      }
      expect((await world.visitor().password("test", new_password)).status).toBe(303);
      current_password = new_password;
    }
    const tooLong = {
      current_password,
      new_password: "quiet orange harbour ".padEnd(PASSWORD_LENGTH.max + 1, "y"),
    };
    expect((await visitor.post("/account/password", tooLong)).status).toBe(422);
  });
});
