/** Implements auth/store.ts: assembles the store from one file per feature. */
import type { Kysely } from "kysely";
import type { Store } from "../auth/store.js";
import { accountStore } from "./accounts.js";
import { authenticatorStore } from "./authenticators.js";
import { extendDeadline, withDeadline } from "./deadline.js";
import { driftStore } from "./drifts.js";
import { enrolmentStore } from "./enrolments.js";
import { eventStore } from "./events.js";
import { historyStore } from "./history.js";
import { labelStore } from "./labels.js";
import { linkStore } from "./links.js";
import { recoveryCodeStore } from "./recovery-codes.js";
import { sealedStore } from "./sealed.js";
import { sessionStore } from "./sessions.js";
import type { Tables } from "./tables.js";
import { throttleStore } from "./throttle.js";
import { transact } from "./transaction.js";
import { trustedDeviceStore } from "./trusted-devices.js";

/**
 * @param db an open database with the current schema, or a transaction on it
 * @param statementMs how long (ms) a statement of a request may wait; see deadline.ts
 */
export function createStore(db: Kysely<Tables>, statementMs: number): Store {
  return {
    transaction: (work) => transact(db, (tx) => work(createStore(tx, statementMs))),
    withDeadline: (work) => withDeadline(statementMs, work),
    extendDeadline,
    close: () => db.destroy(),
    accounts: accountStore(db),
    authenticators: authenticatorStore(db),
    enrolments: enrolmentStore(db),
    labels: labelStore(db),
    recoveryCodes: recoveryCodeStore(db),
    sessions: sessionStore(db),
    trustedDevices: trustedDeviceStore(db),
    links: linkStore(db),
    history: historyStore(db),
    events: eventStore(db),
    sealed: sealedStore(db),
    throttle: throttleStore(db),
    drifts: driftStore(db),
  };
}
