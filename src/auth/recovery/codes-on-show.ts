/**
 * Recovery codes on show: kept, sealed, in the row of the session that made them, so that its browser can go back to them until
 * one is typed back, they are put off, a newer set is made, or their time is over.
 * Tests: test/security/codes-on-show.test.ts, test/web/pages/recovery-codes-current.test.ts
 */
import type { AuthContext } from "../context.js";
import { SealError } from "../keys/encryption.js";
import { RECOVERY_CODES_SHOWN_MS } from "../policy.js";
import type { Session } from "../sessions/sessions.js";
import type { Store } from "../store.js";
import { onAccount } from "../transaction.js";

/** A new set, to be shown for a short time only: the codes themselves are stored as hashes. */
export interface NewSheet {
  number: number;
  createdAt: Date;
  /** As printed, in order. */
  codes: string[];
}

export interface CodesShown {
  sheet: NewSheet;
  /** Where the person wanted to go before the set-up. */
  next: string | undefined;
  /** Whether the set-up made them; otherwise the owner asked for new ones. */
  isFirst: boolean;
}

type Owner = Pick<Session, "accountId" | "idHash">;

/** Keeps new codes for the session that made them, in the transaction that makes them. */
export async function showCodes(
  auth: AuthContext,
  store: Store,
  owner: Owner,
  shown: CodesShown,
): Promise<void> {
  const sealed = sealCodes(auth, owner, Buffer.from(JSON.stringify(shown)));
  await store.recoveryCodes.show(owner.idHash, {
    sealed,
    until: shown.sheet.createdAt.getTime() + RECOVERY_CODES_SHOWN_MS,
  });
}

/** The codes that this session made and still shows. */
export function codesOnShow(
  auth: AuthContext,
  session: Owner & Pick<Session, "codes">,
): CodesShown | undefined {
  if (!session.codes || auth.clock() >= session.codes.until) return undefined;
  const opened = openCodes(auth, session, session.codes.sealed);
  if (!opened) return undefined;
  const { sheet, ...shown } = JSON.parse(Buffer.from(opened).toString());
  const createdAt = new Date(sheet.createdAt);
  return { ...shown, sheet: { ...sheet, createdAt } };
}

/** Puts the check of the codes off: this session shows them no more. */
export function hideCodes(auth: AuthContext, { accountId, family }: Session): Promise<void> {
  // The session may be continuing under a new id just now: behind the account's lock that is over, and the family is the same.
  return onAccount(auth, accountId, undefined, ({ store }) => store.recoveryCodes.hide(accountId, family));
}

interface Moving {
  plain: Uint8Array;
  until: number;
}

/** Takes the codes out of a session that is about to continue under a new id. */
export async function takeCodes(auth: AuthContext, store: Store, from: Owner): Promise<Moving | undefined> {
  // Read in this transaction: the same request may have spent one of them, which hides them all.
  const codes = (await store.sessions.find(from.idHash))?.codes;
  const plain = codes && openCodes(auth, from, codes.sealed);
  return plain ? { plain, until: codes.until } : undefined;
}

/** Puts them into the new row. */
export async function giveCodes(
  auth: AuthContext,
  store: Store,
  to: Owner,
  { plain, until }: Moving,
): Promise<void> {
  await store.recoveryCodes.show(to.idHash, { sealed: sealCodes(auth, to, plain), until });
}

function sealCodes(auth: AuthContext, owner: Owner, plain: Uint8Array): string {
  return auth.keys.seal(plain, codesContext(owner), auth.random(12));
}

/** What was sealed; undefined where its key was dropped or it was tampered with: the codes work all the same. */
function openCodes(auth: AuthContext, owner: Owner, sealed: string): Uint8Array | undefined {
  try {
    return auth.keys.open(sealed, codesContext(owner));
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

/** What the codes are bound to: the account and the row. Give each new shape a new name: older versions then show nothing. */
export function codesContext({ accountId, idHash }: Owner): string {
  return `recovery codes ${accountId} ${idHash}`;
}
