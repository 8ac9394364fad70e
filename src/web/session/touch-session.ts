/** What every request of a sign-in does to it, whichever cookie it came by. */
import type { Request } from "express";
import type { SignInState } from "../../auth/index.js";
import { mayUseDemo } from "../http/client.js";
import type { Site } from "../site.js";

/** What is left of a sign-in once this client has used it: the demo account's ends where its rule does not hold; a session stays awake. */
export async function touchSession(
  { auth, config }: Site,
  req: Request,
  state: SignInState,
): Promise<SignInState> {
  if (state.kind !== "pending" && state.kind !== "session") return state;
  if (state.isDemo && !mayUseDemo(req, config)) {
    await auth.revokeSignIn(state);
    return { kind: "anonymous" };
  }
  return state.kind === "session" ? auth.touchSession(state) : state;
}
