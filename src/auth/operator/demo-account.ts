/**
 * The demo account: hard-coded, for trying Latchkey on your own machine. It carries a flag, so it opens nowhere else.
 * Tests: test/security/demo-account.test.ts
 */
import type { AuthContext } from "../context.js";
import { newAccount } from "../sign-in/new-account.js";

export const DEMO_ACCOUNT = { username: "test", password: "password" };

/** Adds the demo account if it is missing. Never touches a real account of that name. */
export async function ensureDemoAccount(auth: AuthContext): Promise<void> {
  if (await auth.store.accounts.byUsername(DEMO_ACCOUNT.username)) return;
  const passwordHash = await auth.passwords.hash(DEMO_ACCOUNT.password);
  await auth.store.accounts.add({ ...newAccount(auth, DEMO_ACCOUNT.username, passwordHash), isDemo: true });
}
