/**
 * Adding, replacing, renaming and removing authenticators, by the owner, inside a session.
 * Tests: test/security/factor-change.test.ts, test/security/authenticator-count.test.ts
 */
import {
  defaultName,
  type NameProblem,
  nameProblem,
  normaliseName,
} from "../authenticators/authenticator-name.js";
import { insertAuthenticator, labelOf } from "../authenticators/authenticators.js";
import { parseCode } from "../authenticators/code.js";
import type { CodeRefused } from "../authenticators/diagnosis.js";
import { type AuthContext, aboutOf, type Client } from "../context.js";
import { MAX_AUTHENTICATORS } from "../policy.js";
import { refusalEvent } from "../refusal.js";
import { inSession, inSteppedUpSession } from "../sessions/in-session.js";
import { revokeAllButThis } from "../sessions/revoke-all-except.js";
import type { Session } from "../sessions/sessions.js";
import { checkEnrolment, isTooOld, refuseOtherDigits } from "../sign-in/enrolments.js";
import type { Authenticator } from "../store.js";
import { reserveCodeAttempt } from "../throttle/code-attempts.js";

export interface NewAuthenticator {
  /** Empty for the default name. */
  name: string;
  /** A code from its app, as typed. */
  otp: string;
  /** The id of the authenticator that it replaces. */
  replaces: string | undefined;
}

export type AddAuthenticator =
  | {
      outcome: "added";
      name: string;
      /** The label of the entry in its app. */
      label: string;
      /** The one that it replaced: its entry is to be deleted in its app. */
      replaced: { name: string; label: string } | undefined;
      knownBrowserCookie: string;
    }
  | { outcome: "not-a-code" }
  | CodeRefused
  | NotNow
  | { outcome: "locked" };

/** Refused before anything was evaluated or counted. */
type NotNow =
  | { outcome: "name-refused"; problem: NameProblem }
  /** The account has MAX_AUTHENTICATORS already. */
  | { outcome: "full" }
  /** Nothing is being set up, or the authenticator to replace does not exist: the form was sent twice. */
  | { outcome: "gone" }
  /** A step-up is needed first, or the session has ended. */
  | { outcome: "confirm-again" };

/**
 * Confirms the authenticator that is being set up in this session. An authenticator that it replaces works until then.
 * @throws StoreUnavailable, SealError
 */
export async function addAuthenticator(
  auth: AuthContext,
  session: Session,
  wanted: NewAuthenticator,
  client: Client,
): Promise<AddAuthenticator> {
  const { accountId, idHash } = session;
  const code = parseCode(wanted.otp);
  if (code === undefined)
    return (await refuseOtherDigits(auth, session, wanted, client)) ?? { outcome: "not-a-code" };
  const early = whyNotNow(auth, await auth.store.authenticators.of(accountId), wanted);
  if (early) return early;
  if (!(await auth.store.enrolments.of(idHash))) return { outcome: "gone" };
  const sent = { owner: session, form: "set-up", code } as const;
  const reserved = await reserveCodeAttempt<CodeRefused>(auth, sent, client);
  if (reserved.outcome === "repeated") return reserved.refusal;
  if (reserved.outcome === "expired") return { outcome: "confirm-again" };
  if (reserved.outcome === "locked") return reserved;

  const confirmAgain: AddAuthenticator = { outcome: "confirm-again" };
  const result = await inSteppedUpSession(
    auth,
    session,
    confirmAgain,
    async (on): Promise<AddAuthenticator> => {
      const { auth, store, record } = on;
      const about = aboutOf(session, client);
      // Checked again under the account's lock: another tab may have changed something.
      const existing = await store.authenticators.of(accountId);
      const late = whyNotNow(auth, existing, wanted);
      if (late) return late;
      const enrolment = await store.enrolments.of(idHash);
      if (!enrolment || isTooOld(auth, session.kind, enrolment.createdAt)) return { outcome: "gone" };
      const checked = await checkEnrolment(
        auth,
        store,
        { owner: session, enrolment, others: existing },
        code,
      );
      if (!("step" in checked)) {
        const refused: CodeRefused = { outcome: "code-refused", ...checked };
        await record({ ...refusalEvent(refused), ...about });
        await reserved.attempt.rememberRefusal(store, refused);
        return refused;
      }
      const name = nameFor(auth, existing, wanted);
      const old = existing.find(({ id }) => id === wanted.replaces);
      await store.enrolments.take(idHash);
      if (old) await store.authenticators.remove(accountId, old.id);
      await insertAuthenticator(auth, store, enrolment, checked.step, name);
      const knownBrowserCookie = await revokeAllButThis(auth, store, session, client);
      await record(
        old
          ? { type: "authenticator-replaced", subject: `${old.name} → ${name}`, ...about }
          : { type: "authenticator-set-up", subject: name, ...about },
      );
      await reserved.attempt.clear(store);
      const label = labelOf(session.username, enrolment);
      const replaced = old && { name: old.name, label: labelOf(session.username, old) };
      return { outcome: "added", name, label, replaced, knownBrowserCookie };
    },
  );
  const isEvaluated = result.outcome === "added" || result.outcome === "code-refused";
  if (!isEvaluated) await reserved.attempt.refund();
  return result;
}

/** Why this authenticator cannot be added beside the others. */
function whyNotNow(
  auth: AuthContext,
  existing: Authenticator[],
  wanted: NewAuthenticator,
): NotNow | undefined {
  const others = existing.filter(({ id }) => id !== wanted.replaces);
  if (wanted.replaces !== undefined && others.length === existing.length) return { outcome: "gone" };
  const problem = nameProblem(nameFor(auth, existing, wanted), others);
  if (problem) return { outcome: "name-refused", problem };
  return others.length >= MAX_AUTHENTICATORS ? { outcome: "full" } : undefined;
}

function nameFor(auth: AuthContext, existing: Authenticator[], wanted: NewAuthenticator): string {
  const others = existing.filter(({ id }) => id !== wanted.replaces);
  return normaliseName(wanted.name) || defaultName(others, auth.unnamedApp);
}

export type RenameAuthenticator =
  | { outcome: "renamed"; name: string }
  | { outcome: "name-refused"; problem: NameProblem }
  | { outcome: "unknown" }
  | { outcome: "expired" };

/** Renames an authenticator of the session's account. @throws StoreUnavailable */
export function renameAuthenticator(
  auth: AuthContext,
  session: Session,
  id: string,
  typed: string,
  client: Client,
): Promise<RenameAuthenticator> {
  const { accountId } = session;
  const name = normaliseName(typed);
  const expired: RenameAuthenticator = { outcome: "expired" };
  return inSession(auth, session, expired, async ({ store, record }): Promise<RenameAuthenticator> => {
    const existing = await store.authenticators.of(accountId);
    const old = existing.find((one) => one.id === id);
    if (!old) return { outcome: "unknown" };
    const others = existing.filter((one) => one.id !== id);
    const problem = nameProblem(name, others);
    if (problem) return { outcome: "name-refused", problem };
    if (name !== old.name) {
      await store.authenticators.rename(accountId, id, name);
      const subject = `${old.name} → ${name}`;
      await record({ type: "authenticator-renamed", subject, ...aboutOf(session, client) });
    }
    return { outcome: "renamed", name };
  });
}

export type RemoveAuthenticator =
  /** `label`: of the entry in its app, which is to be deleted. */
  | { outcome: "removed"; name: string; label: string; knownBrowserCookie: string }
  /** It is the only one: it can be replaced, not removed. */
  | { outcome: "last" }
  | { outcome: "unknown" }
  | { outcome: "confirm-again" };

/** Removes an authenticator, but never the last one: the second factor is always on. @throws StoreUnavailable */
export function removeAuthenticator(
  auth: AuthContext,
  session: Session,
  id: string,
  client: Client,
): Promise<RemoveAuthenticator> {
  const { accountId } = session;
  const confirmAgain: RemoveAuthenticator = { outcome: "confirm-again" };
  return inSteppedUpSession(
    auth,
    session,
    confirmAgain,
    async ({ auth, store, record }): Promise<RemoveAuthenticator> => {
      // Under the account's lock, two requests that remove one each cannot leave none.
      const existing = await store.authenticators.of(accountId);
      const old = existing.find((one) => one.id === id);
      if (!old) return { outcome: "unknown" };
      if (existing.length === 1) return { outcome: "last" };
      await store.authenticators.remove(accountId, id);
      const knownBrowserCookie = await revokeAllButThis(auth, store, session, client);
      await record({ type: "authenticator-removed", subject: old.name, ...aboutOf(session, client) });
      const label = labelOf(session.username, old);
      return { outcome: "removed", name: old.name, label, knownBrowserCookie };
    },
  );
}
