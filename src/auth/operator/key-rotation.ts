/** Key rotation: re-encrypts with the newest key what older keys sealed, while the servers run. */
import { sealContext } from "../authenticators/secrets.js";
import type { AuthContext } from "../context.js";
import { SealError } from "../keys/encryption.js";
import { codesContext } from "../recovery/codes-on-show.js";
import type { SealedKind, SealedValue } from "../store.js";

/** In the order in which a secret moves when it is confirmed, so that none moves past the rotation. */
const SEALED_KINDS: readonly SealedKind[] = ["key", "enrolment", "authenticator", "recovery-codes"];

/** Few enough that no request waits. */
const BATCH = 50;

export interface Rotation {
  /** How many were re-encrypted. */
  reencrypted: number;
  /** How many no key of ours opens: unconfirmed set-ups and recovery codes on show, which will be pruned; or damaged ones. */
  unreadable: number;
}

/**
 * Re-encrypts whatever is not sealed with the newest key. After an interruption, run it again to finish. A value that another
 * process changes meanwhile stays as that process wrote it.
 * @throws StoreUnavailable
 */
export async function rotateKeys(auth: AuthContext): Promise<Rotation> {
  let reencrypted = 0;
  for (;;) {
    const pass = await reencryptAll(auth);
    reencrypted += pass.reencrypted;
    // Another process may have written a value with the old key meanwhile.
    if (pass.reencrypted === 0) return { reencrypted, unreadable: pass.unreadable };
  }
}

async function reencryptAll(auth: AuthContext): Promise<Rotation> {
  const total: Rotation = { reencrypted: 0, unreadable: 0 };
  for (const kind of SEALED_KINDS) {
    let after: string | undefined;
    for (;;) {
      const values = await auth.store.sealed.notBy(auth.keys.newest, kind, BATCH, after);
      if (values.length === 0) break;
      const { reencrypted, unreadable } = await reencryptBatch(auth, values);
      total.reencrypted += reencrypted;
      total.unreadable += unreadable;
      after = values.at(-1)?.id;
    }
  }
  return total;
}

async function reencryptBatch(auth: AuthContext, values: SealedValue[]): Promise<Rotation> {
  const anew = values.map((value) => ({ value, sealed: reencrypt(auth, value) }));
  const readable = anew.filter(
    (one): one is { value: SealedValue; sealed: string } => one.sealed !== undefined,
  );
  const reencrypted = await auth.store.transaction(async (store) => {
    let replaced = 0;
    for (const { value, sealed } of readable) {
      if (await store.sealed.replace(value, sealed)) replaced += 1;
    }
    return replaced;
  });
  return { reencrypted, unreadable: anew.length - readable.length };
}

function reencrypt(auth: AuthContext, value: SealedValue): string | undefined {
  const context = contextOf(value);
  try {
    return auth.keys.seal(auth.keys.open(value.sealed, context), context, auth.random(12));
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

function contextOf({ kind, id, accountId }: SealedValue): string {
  switch (kind) {
    case "key":
      return id;
    case "recovery-codes":
      return codesContext({ accountId, idHash: id });
    case "authenticator":
    case "enrolment":
      return sealContext({ accountId, authenticatorId: id });
  }
}

/**
 * Refuses to start when a needed value was sealed with a key that is not among APP_SECRETS. Changes nothing.
 * @throws SealError with a sentence for the operator; StoreUnavailable
 */
export async function checkKeys(auth: AuthContext): Promise<void> {
  for (const kind of ["key", "authenticator"] as const) {
    const names = await auth.store.sealed.keyNames(kind);
    if (names.every((name) => auth.keys.holds(name))) continue;
    throw new SealError(
      "The database holds secrets sealed with a key that is not among APP_SECRETS: bring that key back " +
        "(in development it is the file `key` in DATA_DIR), or start with an empty database.",
    );
  }
}

/** How many values our older keys have sealed; while there are any, those keys are needed. @throws StoreUnavailable */
export async function sealedByOlderKeys({ store, keys }: AuthContext): Promise<number> {
  let total = 0;
  for (const kind of SEALED_KINDS) {
    const names = await store.sealed.keyNames(kind);
    // Names that no key of ours has cannot be re-encrypted.
    const older = names.filter((name) => name !== keys.newest && keys.holds(name));
    for (const name of older) total += await store.sealed.countBy(name, kind);
  }
  return total;
}
