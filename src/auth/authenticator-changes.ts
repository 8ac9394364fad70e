/** Adding, replacing, renaming and removing authenticators, by the owner, inside a session. */
import {
  addAuthenticator,
  type NameProblem,
  nameProblem,
  someName,
  stepOfEnrolment,
  tidyName,
} from "./authenticators.js";
import { endAllElse } from "./change.js";
import { codeOf } from "./code.js";
import { type AuthContext, aboutOf, type Client } from "./context.js";
import { MOST_AUTHENTICATORS } from "./policy.js";
import { holdForChange, type Session } from "./sessions.js";
import { secondFactorTurn } from "./throttle.js";
import { inTransaction } from "./transaction.js";

export interface NewAuthenticator {
  /** Empty: one is found. */
  name: string;
  /** A code of it, as typed. */
  otp: string;
  /** The id of the one whose place it takes. */
  replaces: string | undefined;
}

export type AddAnother =
  | {
      outcome: "added";
      name: string;
      /** The name of the one that it replaced. */
      replaced: string | undefined;
      browser: string;
    }
  | { outcome: "not-a-code" }
  | { outcome: "code-refused"; reason: "wrong" }
  | { outcome: "name-refused"; problem: NameProblem }
  | { outcome: "full" }
  | { outcome: "locked" }
  /** The session ended, both factors were proved too long ago, the secret was taken away, or the old one is gone. */
  | { outcome: "expired" };

/** Confirms the authenticator being set up in this session; one that it replaces works until then. @throws StoreUnavailable, SealError */
export async function addAnother(
  auth: AuthContext,
  session: Session,
  wanted: NewAuthenticator,
  client: Client,
): Promise<AddAnother> {
  const { accountId } = session;
  const others = (await auth.store.authenticators.of(accountId)).filter(({ id }) => id !== wanted.replaces);
  const name = tidyName(wanted.name) || someName(others);
  const problem = nameProblem(name, others);
  if (problem) return { outcome: "name-refused", problem };
  if (others.length >= MOST_AUTHENTICATORS) return { outcome: "full" };
  const code = codeOf(wanted.otp);
  if (code === undefined) return { outcome: "not-a-code" };
  const account = await auth.store.accounts.byId(accountId);
  if (!account) return { outcome: "expired" };
  const about = aboutOf(session, client);
  const turn = await secondFactorTurn(auth, account, client);
  if (turn.outcome === "locked") return turn;

  const result = await inTransaction(auth, async ({ store, record, undo }): Promise<AddAnother> => {
    const enrolment = await store.enrolments.of(session.idHash);
    if (!enrolment) return { outcome: "expired" };
    const step = stepOfEnrolment(auth, enrolment, code);
    if (step === undefined) {
      await record({ type: "code-refused", reason: "wrong", ...about });
      return { outcome: "code-refused", reason: "wrong" };
    }
    // Logging out takes the enrolment too: whoever is second finds nothing.
    if (!(await store.enrolments.take(session.idHash))) return { outcome: "expired" };
    const before = await store.authenticators.of(accountId);
    const old = before.find(({ id }) => id === wanted.replaces);
    const isGone =
      wanted.replaces !== undefined && !(old && (await store.authenticators.remove(accountId, old.id)));
    if (isGone || !(await holdForChange(auth, store, session))) return undo({ outcome: "expired" });
    // Asked again now that the account is held: another tab may have been quicker.
    const now = await store.authenticators.of(accountId);
    const taken = nameProblem(name, now);
    if (taken) return undo({ outcome: "name-refused", problem: taken });
    if (now.length >= MOST_AUTHENTICATORS) return undo({ outcome: "full" });
    await addAuthenticator(auth, store, enrolment, step, name);
    const browser = await endAllElse(
      auth,
      store,
      session,
      await store.accounts.raiseEpoch(accountId),
      client,
    );
    await record(
      old
        ? { type: "authenticator-replaced", subject: `${old.name} → ${name}`, ...about }
        : { type: "authenticator-set-up", subject: name, ...about },
    );
    await turn.attempt.succeed(store);
    return { outcome: "added", name, replaced: old?.name, browser };
  });
  if (["expired", "full", "name-refused"].includes(result.outcome)) await turn.attempt.withdraw();
  return result;
}

export type RenameAuthenticator =
  | { outcome: "renamed"; name: string }
  | { outcome: "name-refused"; problem: NameProblem }
  | { outcome: "unknown" };

export function renameAuthenticator(
  auth: AuthContext,
  session: Session,
  id: string,
  typed: string,
  client: Client,
): Promise<RenameAuthenticator> {
  const { accountId } = session;
  const name = tidyName(typed);
  return inTransaction(auth, async ({ store, record }): Promise<RenameAuthenticator> => {
    const others = await store.authenticators.of(accountId);
    const old = others.find((one) => one.id === id);
    if (!old) return { outcome: "unknown" };
    const problem = nameProblem(
      name,
      others.filter((one) => one.id !== id),
    );
    if (problem) return { outcome: "name-refused", problem };
    if (name === old.name) return { outcome: "renamed", name };
    if (!(await store.authenticators.rename(accountId, id, name))) return { outcome: "unknown" };
    await record({
      type: "authenticator-renamed",
      subject: `${old.name} → ${name}`,
      ...aboutOf(session, client),
    });
    return { outcome: "renamed", name };
  });
}

export type RemoveAuthenticator =
  | { outcome: "removed"; name: string; browser: string }
  /** It is the only one: it can be replaced, not removed. */
  | { outcome: "last" }
  | { outcome: "unknown" }
  | { outcome: "expired" };

export function removeAuthenticator(
  auth: AuthContext,
  session: Session,
  id: string,
  client: Client,
): Promise<RemoveAuthenticator> {
  const { accountId } = session;
  return inTransaction(auth, async ({ store, record, undo }): Promise<RemoveAuthenticator> => {
    const old = (await store.authenticators.of(accountId)).find((one) => one.id === id);
    if (!old || !(await store.authenticators.remove(accountId, id))) return { outcome: "unknown" };
    if (!(await holdForChange(auth, store, session))) return undo({ outcome: "expired" });
    // Looked at now that the account is held: two that remove one each cannot leave none.
    if ((await store.authenticators.of(accountId)).length === 0) return undo({ outcome: "last" });
    const browser = await endAllElse(
      auth,
      store,
      session,
      await store.accounts.raiseEpoch(accountId),
      client,
    );
    await record({ type: "authenticator-removed", subject: old.name, ...aboutOf(session, client) });
    return { outcome: "removed", name: old.name, browser };
  });
}
