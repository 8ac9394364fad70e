/**
 * One change of an account by an operator or a host app: finds the account, changes it, and records who did it, in one transaction.
 * Tests: test/accounts/events.test.ts, test/cli/operator-events.test.ts
 */
import type { AuthContext } from "../context.js";
import type { About, SecurityEvent } from "../events.js";
import type { Account } from "../store.js";
import { onAccount, type Work } from "../transaction.js";
import { type AccountView, isId, viewOf } from "./accounts.js";

export type Unknown = { outcome: "unknown" };
export type Done = { outcome: "done"; account: AccountView };

/** An event of an account, without its account. */
export type Recorded<Event extends SecurityEvent = SecurityEvent> = Event extends SecurityEvent
  ? Omit<Event, keyof About>
  : never;

/**
 * @param work changes the account, and returns what to record, if anything changed; or an outcome that stands for the whole change
 * @throws StoreUnavailable
 */
export function changeAccount<Refused extends { outcome: string } = never>(
  auth: AuthContext,
  id: unknown,
  work: (on: Work & { account: Account }) => Promise<Recorded[] | NoInfer<Refused>>,
): Promise<Done | Unknown | Refused> {
  const unknown: Done | Unknown | Refused = { outcome: "unknown" };
  if (!isId(id)) return Promise.resolve(unknown);
  return onAccount(auth, id, unknown, async (on): Promise<Done | Unknown | Refused> => {
    const changed = await work(on);
    if (!Array.isArray(changed)) return changed;
    const after = await on.store.accounts.summary(id);
    const { username } = after ?? on.account;
    for (const event of changed) await on.record({ ...event, ...aboutActOn(auth, { id, username }) });
    return after ? { outcome: "done", account: viewOf(after) } : { outcome: "unknown" };
  });
}

/** The account that was acted on, and who did it: on the command line its operator, in a server the host app. */
export function aboutActOn({ operator }: AuthContext, { id, username }: Pick<Account, "id" | "username">) {
  const by: About["by"] = operator === undefined ? { kind: "host" } : { kind: "operator", name: operator };
  return { accountId: id, username, by };
}
