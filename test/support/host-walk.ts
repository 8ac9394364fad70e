/** A walk of one of a host's people, whose password only the host knows and who cannot change it here. */
import { setUp } from "./sign-in.js";
import type { World } from "./world.js";

export const HOST_USERS = {
  checkPassword: async (username: string, password: string) =>
    password === "password" ? { id: username, username } : undefined,
};

export async function aHostsPerson(world: World): Promise<void> {
  const owner = world.visitor();
  const secret = await setUp(world, owner);
  await owner.get("/account");
  await owner.get("/account/history");
  await world.visitor({ "User-Agent": "another" }).password();
  await owner.post("/logout");
  await owner.password();
  await owner.code(world.code(secret));
  await owner.get("/account");
}
