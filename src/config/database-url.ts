/** Accepts DATABASE_URL only if it can be read in one way, so that no part of a password is taken for a host or a name. */

/** With some of these the driver decodes all escapes differently, and others it drops without a word. */
const BLANK = /[\s\p{Cc}]/u;

/** Whether this is the address of a PostgreSQL database that we and the driver read alike. */
export function isDatabaseUrl(text: string): boolean {
  const [, rest] = /^postgres(?:ql)?:\/\/(.+)$/.exec(text) ?? [];
  if (rest === undefined || BLANK.test(text) || text.includes("#")) return false;
  // An @ after / or ? means that the password has one of these unescaped.
  if (/[/?].*@/.test(rest)) return false;
  // The host may be empty: then the query names a socket's folder.
  const address = text.replace("@/", "@localhost/");
  return URL.canParse(address) && isDecodable(address);
}

/** The driver decodes each part, and fails on a % that is not an escape or not UTF-8. */
function isDecodable(address: string): boolean {
  try {
    // Its result is used: a call for the throw alone is one that the bundler drops.
    return decodeURIComponent(address) !== "";
  } catch {
    return false;
  }
}
