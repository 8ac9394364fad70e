/** Rows that the tests of the store start from, in millisecond times that are easy to compare. */
import type {
  Account,
  Enrolment,
  HistoryEntry,
  Link,
  RecoverySheet,
  SessionRow,
  ThrottleRule,
  TrustedDevice,
} from "../../../src/auth/store.js";
import { NEW_ACCOUNT } from "../../support/account-row.js";

export const MINUTE = 60_000;
export const RULE: ThrottleRule = { free: 3, delays: [MINUTE, 2 * MINUTE], window: null };

export const ACCOUNT: Account = {
  ...NEW_ACCOUNT,
  id: "account",
  username: "alice",
  passwordHash: "hash",
};

export const BOB: Account = { ...ACCOUNT, id: "bob", username: "bob" };

export const AUTHENTICATOR = {
  id: "authenticator",
  accountId: ACCOUNT.id,
  name: "Pixel 9",
  number: 1,
  sealedSecret: "keyname1.sealed",
  lastStep: 100,
  createdAt: 1,
  lastUsedAt: 1,
  driftSeconds: null,
  label: null,
};

export const ENROLMENT: Enrolment = {
  sessionHash: "session",
  accountId: ACCOUNT.id,
  authenticatorId: "first",
  number: 1,
  sealedSecret: "sealed",
  createdAt: 1,
  label: null,
};

export const SHEET: RecoverySheet = { accountId: ACCOUNT.id, number: 1, createdAt: 1_000, provedAt: null };
export const CODES = ["code 1", "code 2", "code 3"];

export const DEVICE: TrustedDevice = {
  id: "device",
  accountId: ACCOUNT.id,
  tokenHash: "token",
  device: "a browser",
  address: "127.0.0.1",
  createdAt: 1_000,
  lastUsedAt: 1_000,
  expiresAt: 5_000,
};

export const LINK: Link = {
  tokenHash: "token",
  accountId: ACCOUNT.id,
  kind: "invitation",
  createdAt: 1_000,
  expiresAt: 5_000,
  usedAt: null,
  endedAt: null,
};

export const LINE: HistoryEntry = {
  id: "line",
  accountId: ACCOUNT.id,
  at: 1_000,
  type: "signed-in",
  reason: null,
  subject: null,
  byKind: null,
  byName: null,
  device: "a browser",
  address: "127.0.0.1",
};

export function sessionRow(over: Partial<SessionRow> = {}): SessionRow {
  return {
    idHash: "session",
    kind: "session",
    accountId: ACCOUNT.id,
    family: "family",
    next: null,
    methods: "password totp",
    steppedUpAt: 1_000,
    device: "a browser",
    address: "127.0.0.1",
    createdAt: 1_000,
    lastSeenAt: 1_000,
    expiresAt: 5_000,
    endedAt: null,
    data: "",
    browser: null,
    lastRefusal: null,
    loginName: null,
    codes: null,
    ...over,
  };
}
