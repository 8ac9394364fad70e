/** The types of `latchkey.accounts`, name by name, with their members as they are declared. */
export const ACCOUNT_TYPES: Record<string, string[]> = {
  Account: [
    "id: string",
    "username: string",
    "email?: string",
    "emailConfirmed: boolean",
    "name?: string",
    "groups: readonly string[]",
    "externalId?: string",
    "createdAt: Date",
    "disabled: boolean",
    "locked: boolean",
    "hasPassword: boolean",
    "hasSecondFactor: boolean",
    "lastSignInAt?: Date",
    "invitationExpiresAt?: Date",
  ],
  Attributes: [
    "email?: string | null",
    "emailConfirmed?: boolean",
    "name?: string | null",
    "groups?: readonly string[]",
  ],
  NewAccount: ["username: string", "password?: string", "externalId?: string"],
  AccountChanges: ["username?: string", "externalId?: string | null"],
  AccountList: ["accounts: Account[]", "next?: string"],
  OneTimeLink: ['outcome: "link"', "account: Account", "url: string", "expiresAt: Date"],
  Accounts: [
    'create(account: NewAccount): Promise<{ outcome: "created"; account: Account; } | Refused<"invalid" | "taken" | "password-refused">>',
    'invite(id: string): Promise<OneTimeLink | Refused<"unknown"> | { outcome: "not-needed"; }>',
    'passwordLink(id: string): Promise<OneTimeLink | Refused<"unknown"> | { outcome: "not-possible"; }>',
    "find(by: { id: string; } | { username: string; } | { externalId: string; }): Promise<Account | undefined>",
    "list(page?: { limit?: number; after?: string; }): Promise<AccountList>",
    'update(id: string, changes: AccountChanges): Promise<Done | Refused<"unknown" | "invalid" | "taken">>',
    'setPassword(id: string, password: string): Promise<Done | Refused<"unknown" | "password-refused"> | { outcome: "not-possible"; }>',
    'resetSecondFactor(id: string, options?: { withoutLink?: boolean; }): Promise<OneTimeLink | Done | Refused<"unknown">>',
    'disable(id: string): Promise<Done | Refused<"unknown">>',
    'enable(id: string): Promise<Done | Refused<"unknown">>',
    'unlock(id: string): Promise<Done | Refused<"unknown">>',
    'signOut(id: string): Promise<Done | Refused<"unknown">>',
    'remove(id: string): Promise<{ outcome: "done"; } | Refused<"unknown">>',
    "import(rows: Iterable<unknown> | AsyncIterable<unknown>, options?: { dryRun?: boolean; }): Promise<ImportReport>",
  ],
  ImportRow: ["passwordHash?: string | { secretData: string; credentialData: string; }", "totp?: string"],
  ImportReport: [
    "imported: number",
    "skipped: number",
    "refused: { line: number; username?: string; message: string; }[]",
    "moreRefused?: number",
  ],
};

/** The closed union of what may be refused. */
export const REFUSAL =
  'export type Refusal = { outcome: "invalid"; field: "username" | "email" | "name" | "groups" | "externalId"; message: string; } | ' +
  '{ outcome: "taken"; field: "username" | "externalId"; } | ' +
  '{ outcome: "password-refused"; reason: "short" | "long" | "common" | "like-the-name"; message: string; } | ' +
  '{ outcome: "unknown"; }';
