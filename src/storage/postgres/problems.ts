/** Why a PostgreSQL server cannot be used, in words for the operator, with the remedy. */

/** By the codes of Node's TLS. */
const CERTIFICATE: [codes: RegExp, says: string][] = [
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA)/,
    "presents a certificate from an unknown authority: add sslrootcert=/path/to/ca.pem to DATABASE_URL, the certificate of that " +
      "authority, beside sslmode=verify-full",
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "presents a certificate for another name: use that name in DATABASE_URL, or give the server a certificate for this name",
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    "presents a certificate that has expired or is not valid yet: renew it, and check the clocks",
  ],
  [/^(CERT_|ERR_TLS_|ERR_SSL_)/, "does not speak secure TLS: check its certificate and its settings"],
];

/**
 * The sentence for an error, to follow the name of the database, without a full stop; undefined where we have none better than
 * its own message.
 * @param user as which the database was asked, if the address says so
 */
export function problemOf(error: Error, user: string | undefined): string | undefined {
  const code = "code" in error ? String(error.code) : "";
  if (code === "42501") return withoutRight(error.message, user);
  if (/does not support SSL/.test(error.message)) {
    return "does not offer TLS, which DATABASE_URL asks for: turn it on by `ssl = on` in postgresql.conf";
  }
  if (/unsupported startup parameter.*options/.test(error.message)) {
    return (
      "is behind a PgBouncer, which does not pass ?options= on: remove it from DATABASE_URL, and set it once for the user, " +
      "for example `ALTER ROLE latchkey SET search_path = latchkey`"
    );
  }
  return CERTIFICATE.find(([codes]) => codes.test(code))?.[1];
}

/** From version 15 on, only a database's owner may create tables in its schema `public`. */
function withoutRight(message: string, user: string | undefined): string {
  const who = user === undefined ? "USER" : `"${user}"`;
  const schema = /schema (\S+)$/i.exec(message)?.[1];
  if (schema !== undefined) {
    return (
      `does not let its user create tables in the schema ${schema}: run \`GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${who}\` there ` +
      "as an administrator, or make that user the owner of the database"
    );
  }
  return `answers "${message}": the tables belong to another user. Name that user in DATABASE_URL, or make ${who} the owner`;
}
