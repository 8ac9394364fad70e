/** The demo account: hard-coded, for trying Latchkey on one's own machine, and flagged so that it opens nowhere else. */
import { type AuthContext, newId } from "./context.js";

export const DEMO_ACCOUNT = { username: "test", password: "password" };

/** Adds the demo account where it is missing; never touches another account of that name. */
export async function ensureDemoAccount(auth: AuthContext): Promise<void> {
  if (await auth.store.accounts.byUsername(DEMO_ACCOUNT.username)) return;
  await auth.store.accounts.add({
    id: newId(auth.random),
    username: DEMO_ACCOUNT.username,
    passwordHash: await auth.passwords.hash(DEMO_ACCOUNT.password),
    isDemo: true,
    createdAt: auth.clock(),
    secondFactorSince: null,
  });
}
