/** Accepts DATABASE_URL only if it is unambiguous, so that no part of a password is taken for a host or a database name. */

/**
 * Whitespace and control characters: with some of them the driver decodes all escapes differently, and it drops others
 * silently.
 */
const FORBIDDEN = /[\s\p{Cc}]/u;

/** Whether a text is the address of a PostgreSQL database that Latchkey and the driver read in the same way. */
export function isDatabaseUrl(text: string): boolean {
  const [, rest] = /^postgres(?:ql)?:\/\/(.+)$/.exec(text) ?? [];
  if (rest === undefined || FORBIDDEN.test(text) || text.includes("#")) return false;
  // An @ after / or ? means that the password has an unescaped / or ?.
  if (/[/?].*@/.test(rest)) return false;
  // The host may be empty; then the query names the folder of a Unix socket.
  const address = text.replace("@/", "@localhost/");
  return URL.canParse(address) && isDecodable(address);
}

/** The driver decodes each part, and fails on a % that is not an escape or not UTF-8. */
function isDecodable(address: string): boolean {
  try {
    // Uses the result, because the bundler drops a call that is made only for its exception.
    return decodeURIComponent(address) !== "";
  } catch {
    return false;
  }
}
