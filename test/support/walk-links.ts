/** A walk through the pages of one-time links: each purpose, refused, delayed, closed; and the login that needs a link. */
import { addWithoutPassword, CHOSEN, newLink } from "./links.js";
import { addAccount, setUp } from "./sign-in.js";
import { HOUR, type World } from "./world.js";

/** The caller watches the pages. */
export async function theLinks(world: World): Promise<void> {
  const { password } = await addAccount(world, "alice");
  await addWithoutPassword(world, "anna");
  const visitor = world.visitor();
  const invitation = await newLink(world, "anna");
  await visitor.get(invitation);
  await visitor.post(invitation, { new_password: "short" });
  const ended = invitation;
  const next = await newLink(world, "anna");
  await visitor.get(ended);
  await visitor.get("/link/unknown");
  await visitor.post(next, { new_password: CHOSEN });
  await visitor.get(next);
  await world.visitor().get(next);

  const owner = world.visitor();
  await setUp(world, owner, "alice", password);
  const another = await newLink(world, "alice", "passwordLink");
  await owner.get(another);
  await visitor.get(another);
  await owner.post("/logout");

  const reset = await newLink(world, "alice", "resetSecondFactor");
  await world.visitor().get(reset);
  const waiting = world.visitor();
  await waiting.password("alice", password);
  await waiting.get("/login/2fa");
  for (let n = 0; n < 6; n++) await world.visitor().post(reset, { password: "wrong" });
  world.advance(HOUR);
  await world.visitor().post(reset, { password });
  const expired = await newLink(world, "alice", "passwordLink");
  world.advance(100 * 24 * HOUR);
  await world.visitor().get(expired);
}
