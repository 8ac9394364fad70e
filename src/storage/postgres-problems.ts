/** What a PostgreSQL server, or the way to it, says no to while it is opened: in words for the operator, with the remedy. */

/** By the codes of Node's TLS. */
const CERTIFICATE: [codes: RegExp, says: string][] = [
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA)/,
    "shows a certificate that is signed by nobody known here: add sslrootcert=/path/to/ca.pem to DATABASE_URL, the file of who has " +
      "signed it, beside sslmode=verify-full",
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "shows a certificate for another name: write the name that stands in it into DATABASE_URL, or give the server one for this name",
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    "shows a certificate that has expired or is not valid yet: renew it, and see whether the clocks are right",
  ],
  [/^(CERT_|ERR_TLS_|ERR_SSL_)/, "speaks no TLS that can be relied on: see its certificate and its settings"],
];

/**
 * What to say of an error, behind the name of the database and without a full stop; undefined where its own message has to do.
 * @param user as which the database was asked, if the address says so
 */
export function problemOf(error: Error, user: string | undefined): string | undefined {
  const code = "code" in error ? String(error.code) : "";
  if (code === "42501") return withoutRight(error.message, user);
  if (/does not support SSL/.test(error.message)) {
    return "offers no TLS, which DATABASE_URL asks for: switch it on there, by `ssl = on` in postgresql.conf";
  }
  if (/unsupported startup parameter.*options/.test(error.message)) {
    return (
      "is behind a PgBouncer that passes no ?options= on: take that out of DATABASE_URL, and set it once for the user, " +
      "as `ALTER ROLE latchkey SET search_path = latchkey`"
    );
  }
  return CERTIFICATE.find(([codes]) => codes.test(code))?.[1];
}

/** From version 15 on, only the owner of a database may make tables in its schema `public`. */
function withoutRight(message: string, user: string | undefined): string {
  const who = user === undefined ? "USER" : `"${user}"`;
  const schema = /schema (\S+)$/i.exec(message)?.[1];
  if (schema !== undefined) {
    return (
      `does not let its user make tables in the schema ${schema}: run \`GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${who}\` there ` +
      "as an administrator, or make that user the owner of the database"
    );
  }
  return `answers "${message}": what is there belongs to another user. Name that one in DATABASE_URL, or make ${who} the owner`;
}
