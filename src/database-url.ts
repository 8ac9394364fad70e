/** DATABASE_URL: taken only where it can be read in one way, so that nothing of a password is taken for a host or a name. */

/** By some of these the driver reads all escapes in another way, and some are dropped in silence. */
const BLANK = /[\s\p{Cc}]/u;

/** Whether this is the address of a PostgreSQL database, whose every part means the same to us and to the driver. */
export function isDatabaseUrl(text: string): boolean {
  const [, rest] = /^postgres(?:ql)?:\/\/(.+)$/.exec(text) ?? [];
  if (rest === undefined || BLANK.test(text) || text.includes("#")) return false;
  // An @ behind the host is that of a password with one of those letters in it.
  if (/[/?].*@/.test(rest)) return false;
  // Between `@` and `/` there may be nothing: then the host is a socket's folder, which the query names.
  const address = text.replace("@/", "@localhost/");
  return URL.canParse(address) && isDecodable(address);
}

/** The driver decodes each part, and fails on a % that escapes nothing, or no UTF-8. */
function isDecodable(address: string): boolean {
  try {
    // Its result is used: a call for the throw alone is one that the bundler drops.
    return decodeURIComponent(address) !== "";
  } catch {
    return false;
  }
}
