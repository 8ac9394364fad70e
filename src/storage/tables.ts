/** The tables as Kysely sees them. Times are Unix milliseconds; booleans are 0 and 1, as SQLite has no other. */

export interface Tables {
  accounts: {
    id: string;
    username: string;
    password_hash: string;
    is_demo: number;
    created_at: number;
    second_factor_since: number | null;
  };
  authenticators: {
    id: string;
    account_id: string;
    name: string;
    sealed_secret: string;
    last_step: number;
    created_at: number;
    last_used_at: number;
  };
  enrolments: {
    session_hash: string;
    account_id: string;
    authenticator_id: string;
    sealed_secret: string;
    created_at: number;
  };
  sessions: {
    id_hash: string;
    kind: string;
    account_id: string;
    opened_from: string | null;
    next: string | null;
    methods: string;
    device: string;
    address: string;
    created_at: number;
    last_seen_at: number;
    expires_at: number;
    ended_at: number | null;
    data: string;
  };
  throttle: {
    pool: string;
    account_id: string | null;
    failures: number;
    since: number;
    delayed_until: number;
    forget_at: number | null;
  };
}
