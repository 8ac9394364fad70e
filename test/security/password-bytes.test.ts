/** A password is compared as a whole: no byte of it is cut off, folded or ignored. */
import { beforeEach, expect, it } from "vitest";
import { openWorld } from "../support/attack.js";
import { addAccount, type World } from "../support/world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

it("is compared past a NUL", async () => {
  await addAccount(world, "nul", "before\0after it");
  for (const password of ["before", "before\0", "before\0other it"]) {
    expect((await world.visitor().password("nul", password)).status).toBe(401);
  }
  expect((await world.visitor().password("nul", "before\0after it")).status).toBe(303);
});

it("of 1,024 characters is compared to the last one, and a longer one is refused", async () => {
  const long = "x".repeat(1_024);
  await addAccount(world, "long", long);
  for (const password of [`${long.slice(1)}y`, `${long}x`, long.slice(1)]) {
    expect((await world.visitor().password("long", password)).status).toBe(401);
  }
  expect((await world.visitor().password("long", long)).status).toBe(303);
});

it("is the same password however its accents are composed", async () => {
  await addAccount(world, "accent", "caf\u00e9 au lait");
  expect((await world.visitor().password("accent", "cafe\u0301 au lait")).status).toBe(303);
});

it("counts capital letters and spaces, at its ends too", async () => {
  await addAccount(world, "exact", " Correct horse battery ");
  for (const password of ["Correct horse battery", " correct horse battery ", " Correct  horse battery "]) {
    expect((await world.visitor().password("exact", password)).status).toBe(401);
  }
  expect((await world.visitor().password("exact", " Correct horse battery ")).status).toBe(303);
});
