/**
 * Activity: each request extends its session's idle timeout, whichever cookie it came with.
 * Tests: test/web/session/lifetime.test.ts
 */
import type { IncomingMessage } from "node:http";
import type { SignInState } from "../../auth/index.js";
import { mayUseDemo } from "../http/request.js";
import type { Site } from "../site.js";

/**
 * Extends a session's idle timeout; revokes a sign-in of the demo account where the client may not use it.
 * @returns the state after that
 */
export async function touchSession(
  { auth, config }: Site,
  req: IncomingMessage,
  state: SignInState,
): Promise<SignInState> {
  if (state.kind !== "pending" && state.kind !== "session") return state;
  if (state.isDemo && !mayUseDemo(req, config)) {
    await auth.revokeSignIn(state);
    return { kind: "anonymous" };
  }
  return state.kind === "session" ? auth.touchSession(state) : state;
}
