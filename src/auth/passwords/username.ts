/** Usernames: which are allowed, and the one form in which they are stored and looked up. */

const USERNAME = /^[a-z0-9][a-z0-9._@+-]{0,63}$/;

/** The stored form of what a person typed; undefined when no account can have that name. */
export function parseUsername(typed: string): string | undefined {
  const name = normaliseUsername(typed);
  return USERNAME.test(name) ? name : undefined;
}

/** Trimmed and lower-cased, well-formed or not: what the throttle counts by. */
export function normaliseUsername(typed: string): string {
  return typed.trim().toLowerCase();
}
