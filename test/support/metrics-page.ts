/** What `/metrics` says: the names of the numbers, and the samples of one. */

export const OFFSET = "latchkey_server_clock_offset_seconds";
export const ACCOUNTS = "latchkey_server_clock_accounts";
export const SESSIONS = "latchkey_sessions";
export const EVENTS = "latchkey_security_events_total";
export const ANSWERS = "latchkey_http_request_duration_seconds";
export const HASHES = "latchkey_password_hashes";

/** The samples whose name begins like this, without their explanations. */
export function samples(text: string, name: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(name));
}
